package io.tunabledb.engine.command;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.access.AccessChange;
import io.tunabledb.engine.access.AccessSettings;
import io.tunabledb.engine.access.Accounts;
import io.tunabledb.engine.access.Principal;
import io.tunabledb.engine.access.RefusedAccessException;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.session.Access;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.statement.SessionPaths;
import io.tunabledb.engine.h2.catalog.NamedObjects;
import io.tunabledb.engine.scram.ScramException;
import io.tunabledb.engine.scram.Verifier;
import io.tunabledb.sql.Right;
import io.tunabledb.sql.Secret;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Need;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The statements about users and rights. A change reads them and writes them in one transaction on the leader, which the
 * next one waits for. A password is hashed before anything is proposed: no log, snapshot or message ever has it.
 */
final class UserCommands {
    private static final Result DONE = new Result(null, 0, null, null, null);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SessionPaths session;

    UserCommands(SessionPaths session) {
        this.session = session;
    }

    /** A change of users and rights. */
    private interface Work {
        /** @param leader whose schema no definition changes meanwhile */
        void on(AccessChange change, Connection leader) throws RefusedAccessException, SQLException;
    }

    Result execute(Statement.OfUsers statement) throws SQLException {
        requireAllowed(statement);
        if (session.state().mode().isReadOnly()) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "users and rights can't be changed on a read-only connection; call setReadOnly(false) first");
        }
        DiskRoom.requireForWrite(session.state().cluster());
        boolean isFirst = !session.state().access().isAsked();
        if (isFirst && statement instanceof Statement.CreateUser create && !create.isAdmin()) {
            // before anything is committed for it
            throw refused(AccessChange.notAnAdmin(create.name()));
        }
        Work work = work(statement);
        // like a schema change, it is a transaction of its own
        session.transaction().commit();
        session.catalog().edit(AccessSettings.PREFIXES, AccessSettings.LOCK, (current, leader) -> {
            AccessChange change = new AccessChange(Accounts.of(current));
            try {
                work.on(change, leader);
            } catch (RefusedAccessException e) {
                throw refused(e);
            }
            return change.settings();
        });
        if (isFirst
                && statement instanceof Statement.CreateUser first
                && session.state().access().isAsked()) {
            // who makes the first user goes on as that user, or a script could make no second one
            session.become(first.name());
        }
        return DONE;
    }

    private static SQLException refused(RefusedAccessException e) {
        return Errors.of(e.state(), Objects.requireNonNull(e.getMessage()), e);
    }

    // ---- who may ----

    private void requireAllowed(Statement.OfUsers statement) throws SQLException {
        Access access = session.state().access();
        if (statement instanceof Statement.Grant grant && !grant.rights().isEmpty() && !isOfAnySchema(grant)) {
            session.decider().requireRights(owned(grant));
        } else if (!(statement instanceof Statement.AlterUser alter && isOwnPassword(alter, access))) {
            access.requireAdmin(what(statement));
        }
    }

    private static boolean isOwnPassword(Statement.AlterUser alter, Access access) {
        return alter.password() != null
                && !access.user().isEmpty()
                && (alter.name() == null || access.user().equals(alter.name()));
    }

    private static boolean isOfAnySchema(Statement.Grant grant) {
        return grant.rights().contains(Right.ALTER_ANY_SCHEMA);
    }

    private static List<Need> owned(Statement.Grant grant) {
        List<Need> needs = new ArrayList<>();
        if (grant.schema() != null) {
            needs.add(new Need(grant.schema(), "", Right.OWN));
        }
        grant.tables().forEach(table -> needs.add(new Need(table.schema(), table.name(), Right.OWN)));
        return needs;
    }

    /** Its first two words: its text may be long. */
    private static String what(Statement.OfUsers statement) {
        String[] words = statement.text().split(" ", 3);
        return statement instanceof Statement.Grant ? words[0] : words[0] + " " + words[1];
    }

    // ---- what is done ----

    private Work work(Statement.OfUsers statement) throws SQLException {
        if (statement instanceof Statement.CreateUser create) {
            Principal.Login login =
                    new Principal.Login(RANDOM.nextLong(), verifier(create.password()), create.userType());
            return (change, leader) -> change.createUser(create.name(), create.ifNotExists(), create.isAdmin(), login);
        }
        if (statement instanceof Statement.AlterUser alter) {
            return alter(alter);
        }
        if (statement instanceof Statement.DropUser drop) {
            return (change, leader) -> change.dropUser(drop.name(), drop.ifExists());
        }
        if (statement instanceof Statement.CreateRole create) {
            return (change, leader) -> change.createRole(create.name(), create.ifNotExists());
        }
        if (statement instanceof Statement.DropRole drop) {
            return (change, leader) -> change.dropRole(drop.name(), drop.ifExists());
        }
        Statement.Grant grant = (Statement.Grant) statement;
        return (change, leader) -> grant(grant, change, leader);
    }

    private Work alter(Statement.AlterUser alter) throws SQLException {
        String name = Objects.requireNonNullElse(
                alter.name(), session.state().access().user());
        Secret password = alter.password();
        @Nullable String verifier = password == null ? null : verifier(password);
        String newName = alter.newName();
        Boolean isAdmin = alter.isAdmin();
        return (change, leader) -> {
            if (newName != null) {
                change.rename(name, newName);
            } else if (isAdmin != null) {
                change.admin(name, isAdmin);
            } else {
                change.login(name, verifier, alter.userType());
            }
        };
    }

    private static String verifier(Secret password) throws SQLException {
        try {
            return Verifier.of(password.value(), RANDOM).text();
        } catch (ScramException e) {
            throw Errors.of(SqlState.INVALID_ARGUMENT, "the password " + e.getMessage() + "; choose another", e);
        }
    }

    private void grant(Statement.Grant grant, AccessChange change, Connection leader)
            throws RefusedAccessException, SQLException {
        for (String role : grant.roles()) {
            change.role(grant.isGrant(), role, grant.grantee());
        }
        if (isOfAnySchema(grant)) {
            change.anySchema(grant.isGrant(), grant.grantee());
        }
        String schema = grant.schema();
        if (schema != null) {
            NamedObjects.requireSchema(leader, schema);
            change.schema(grant.isGrant(), grant.rights(), schema, grant.grantee());
        }
        for (Statement.TableUse table : grant.tables()) {
            String in = Objects.requireNonNullElse(
                    table.schema(), session.state().settings().schema());
            NamedObjects.Name name = NamedObjects.requireTable(leader, in, table.name());
            change.table(grant.isGrant(), grant.rights(), name.schema(), name.table(), grant.grantee());
        }
    }
}
