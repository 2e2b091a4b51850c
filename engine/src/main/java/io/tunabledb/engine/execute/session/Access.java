package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.access.Accounts;
import io.tunabledb.engine.access.Principal;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.plan.SystemTables;
import io.tunabledb.sql.Right;
import io.tunabledb.sql.Statement.Need;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a session's user may do, by the catalog's newest state: looked up for each statement, so that a right which is given
 * or taken holds from the next statement of every open session on. A database without users asks nobody anything.
 */
public final class Access {
    private static final String INFORMATION_SCHEMA = "INFORMATION_SCHEMA";
    private static final String HAS_TABLE =
            "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";

    private final SessionState state;
    private String named = "";
    /** Who logged in; 0 for nobody. */
    private long id;
    /** Whom that is by the accounts that were asked last. */
    private Who last = new Who(Accounts.NONE, null);

    private record Who(Accounts accounts, @Nullable Principal user) {}

    Access(SessionState state) {
        this.state = state;
    }

    /** Whose session it is, upper case as H2 has users; empty when nobody said. */
    public String user() {
        Principal user = user(accounts());
        return user == null ? named : user.name();
    }

    /** What who opens the session says he is called. */
    void named(String name) {
        named = name.toUpperCase(Locale.ROOT);
    }

    /** From now on the session is of that user, whom it knows by his id: he may get another name, and another his. */
    public void loggedIn(Principal user) {
        named = user.name();
        id = Objects.requireNonNull(user.login()).id();
        last = new Who(Accounts.NONE, null);
    }

    /** The same, of that name. */
    public void loggedIn(String name) {
        Principal user = accounts().user(name);
        if (user != null) {
            loggedIn(user);
        }
    }

    @SuppressWarnings("ReferenceEquality") // a change makes another one
    private @Nullable Principal user(Accounts accounts) {
        if (last.accounts != accounts) {
            last = new Who(accounts, id == 0 ? null : accounts.user(id));
        }
        return last.user;
    }

    private boolean isAdmin(Accounts accounts) {
        Principal user = user(accounts);
        return user != null && user.isAdmin();
    }

    private Accounts accounts() {
        return state.cluster().catalog().accounts();
    }

    /** Whether the database has users, and so asks who is who. */
    public boolean isAsked() {
        return accounts().areInUse();
    }

    /** What consistency rules see as the user's type: his record's, or the URL's where there are no users. */
    public String userType(String ofUrl) {
        Accounts accounts = accounts();
        Principal user = user(accounts);
        String ofUser = user == null ? "" : Objects.requireNonNull(user.login()).userType();
        return accounts.areInUse() ? ofUser : ofUrl;
    }

    /** What is only known of a statement where it is decided. */
    public interface Names {
        /** Whether it is H2's own where no table is called so. */
        boolean isBuiltIn(Need need);

        /** Whether it is a local temporary table of this session and nobody else's. */
        boolean isOwn(String schema, String name) throws SQLException;
    }

    /**
     * Returns when the user has all the rights.
     *
     * @param schema the current one
     * @throws SQLException 42501 for a right he has not, 42S02 for a table that is not there
     */
    public void require(Iterable<Need> needs, String schema, Names names) throws SQLException {
        Accounts accounts = accounts();
        if (!accounts.areInUse() || isAdmin(accounts)) {
            return;
        }
        for (Need need : needs) {
            String in = Objects.requireNonNullElse(need.schema(), schema);
            if (!isFree(need, in, names) && !may(accounts, need, in)) {
                refuse(accounts, need, in, names);
            }
        }
    }

    private static boolean isFree(Need need, String schema, Names names) {
        return need.right() == Right.SELECT
                && (schema.equals(INFORMATION_SCHEMA)
                        || schema.equals("PG_CATALOG")
                        || SystemTables.areForEverybody(schema, need.name())
                        || names.isBuiltIn(need));
    }

    private boolean may(Accounts accounts, Need need, String schema) {
        Accounts.Target table = need.right() == Right.OWN || need.right() == Right.ALTER_ANY_SCHEMA
                ? new Accounts.Target(schema, need.name())
                : accounts.behind(schema, need.name());
        Principal user = user(accounts);
        return accounts.may(user == null ? "" : user.name(), table.schema(), table.name(), need.right());
    }

    private void refuse(Accounts accounts, Need need, String schema, Names names) throws SQLException {
        switch (need.right()) {
            case ADMIN -> throw adminRequired("this statement");
            case ALTER_ANY_SCHEMA ->
                throw Errors.of(
                        SqlState.ADMIN_RIGHTS_REQUIRED,
                        who(accounts)
                                + " may not create or rename schemas; an administrator may, and can give the right:"
                                + " GRANT ALTER ANY SCHEMA TO " + user());
            case OWN -> {
                if (!need.name().isEmpty() && names.isOwn(schema, need.name())) {
                    return;
                }
                throw Errors.of(
                        SqlState.NOT_ENOUGH_RIGHTS,
                        who(accounts) + " may not define anything in schema " + schema + "; its owner may, and who has"
                                + " the right ALTER ANY SCHEMA, and administrators");
            }
            case SELECT, INSERT, UPDATE, DELETE -> {
                if (names.isOwn(schema, need.name())) {
                    return;
                }
                requireThere(schema, need.name());
                String table = schema + "." + need.name();
                throw Errors.of(
                        SqlState.NOT_ENOUGH_RIGHTS,
                        who(accounts) + " has not the right " + need.right().sql() + " on " + table
                                + "; an administrator or the schema's owner can give it: GRANT "
                                + need.right().sql() + " ON " + table + " TO " + user());
            }
        }
    }

    /** As in H2, a table that is not there is missed before anybody's rights. */
    private void requireThere(String schema, String table) throws SQLException {
        Connection connection = state.metadata(Duration.ZERO);
        try (PreparedStatement query = connection.prepareStatement(HAS_TABLE)) {
            query.setString(1, schema);
            query.setString(2, table);
            try (ResultSet rows = query.executeQuery()) {
                if (rows.next()) {
                    return;
                }
            }
        }
        if (!accounts().synonyms().containsKey(Accounts.key(schema, table))) {
            throw Errors.of(
                    SqlState.TABLE_NOT_FOUND,
                    "table " + schema + "." + table + " not found; INFORMATION_SCHEMA.TABLES shows which there are");
        }
    }

    /**
     * Returns when the user is an administrator.
     *
     * @param what is only for administrators
     */
    public void requireAdmin(String what) throws SQLException {
        Accounts accounts = accounts();
        if (accounts.areInUse() && !isAdmin(accounts)) {
            throw adminRequired(what);
        }
    }

    private SQLException adminRequired(String what) {
        return Errors.of(
                SqlState.ADMIN_RIGHTS_REQUIRED,
                what + " is for administrators, and " + who(accounts())
                        + " is none; log in as one, or be made one: ALTER USER … ADMIN TRUE");
    }

    /** Returns when there is a user or a role of that name. */
    public void requireKnown(String name) throws SQLException {
        if (!accounts().principals().containsKey(name)) {
            throw Errors.of(
                    SqlState.UNKNOWN_OBJECT,
                    "there is no user or role " + name + "; INFORMATION_SCHEMA.USERS and ROLES show who is");
        }
    }

    /** Whether the session's user is an administrator, or nobody is asked. */
    public boolean isAdmin() {
        Accounts accounts = accounts();
        return !accounts.areInUse() || isAdmin(accounts);
    }

    private String who(Accounts accounts) {
        Principal user = user(accounts);
        if (user != null) {
            return "user " + user.name();
        }
        return id == 0
                ? "who opened this connection before the database had users, and has not logged in,"
                : "user " + named + ", who was dropped,";
    }
}
