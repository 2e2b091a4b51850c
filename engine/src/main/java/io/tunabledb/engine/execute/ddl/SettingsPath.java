package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.transaction.Commits;
import io.tunabledb.engine.execute.transaction.LeaderStatements;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.sql.parser.Words;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Writes the replicated catalog: settings rows that go through the log like any others. */
public final class SettingsPath {
    private static final String PUT = "MERGE INTO TUNABLE_INTERNAL.SETTINGS(NAME, \"VALUE\") KEY(NAME) VALUES(?, ?)";

    private static final String DELETE = "DELETE FROM TUNABLE_INTERNAL.SETTINGS WHERE NAME = ?";
    private static final String READ =
            "SELECT NAME, \"VALUE\" FROM TUNABLE_INTERNAL.SETTINGS WHERE LOCATE(?, NAME) = 1";

    private final ShardSession session;
    private final Guard guard;
    private final Leaders leaders;
    private final Commits commits;

    /** Says whether a transaction may still be begun by whoever wants it. Inside the leader's gate for statements. */
    @FunctionalInterface
    interface Guard {
        void require(ShardLeader leader, ActiveTransaction held) throws SQLException;
    }

    public SettingsPath(ShardSession session) {
        this(session, (leader, held) -> {});
    }

    SettingsPath(ShardSession session, Guard guard) {
        this.session = session;
        this.guard = guard;
        this.leaders = new Leaders(session);
        this.commits = new Commits(session, leaders);
    }

    /** What settings should be, given what they are. Called again when the leader changed before it was committed. */
    public interface Edit {
        /** The settings that take the place of all of {@code current}. */
        Map<String, String> of(Map<String, String> current) throws SQLException;
    }

    /** The same, which may look at the leader's schema: no definition changes it meanwhile. */
    public interface EditAtLeader {
        /** The settings that take the place of all of {@code current}. */
        Map<String, String> of(Map<String, String> current, Connection leader) throws SQLException;
    }

    /** What a transaction does on the leader's storage. */
    private interface Work {
        void on(Writer writer) throws SQLException;
    }

    /** Puts every setting, in one transaction. */
    public void put(Map<String, String> settings) throws SQLException {
        run(writer -> putAll(writer.connection(), settings));
    }

    /**
     * Replaces all settings whose names begin with {@code prefix}, in one transaction that others of the same
     * {@code lock} wait for, so that none is made from what another is about to change.
     */
    public void edit(String prefix, String lock, Edit edit) throws SQLException {
        edit(List.of(prefix), lock, (current, leader) -> edit.of(current));
    }

    /** The same for several prefixes. */
    public void edit(List<String> prefixes, String lock, EditAtLeader edit) throws SQLException {
        run(writer -> {
            Connection connection = writer.connection();
            putAll(connection, Map.of(lock, ""));
            Map<String, String> current = new LinkedHashMap<>();
            for (String prefix : prefixes) {
                current.putAll(read(connection, prefix));
            }
            current.remove(lock);
            Map<String, String> next = edit.of(current, connection);
            Map<String, String> changed = new LinkedHashMap<>(next);
            changed.entrySet().removeAll(current.entrySet());
            current.keySet().removeAll(next.keySet());
            deleteAll(connection, current.keySet());
            putAll(connection, changed);
        });
    }

    /** The settings whose names begin with {@code prefix}, as of all that is acknowledged. */
    public Map<String, String> read(String prefix) throws SQLException {
        Map<String, String> found = new LinkedHashMap<>();
        run(writer -> {
            found.clear();
            found.putAll(read(writer.connection(), prefix));
        });
        return found;
    }

    /** Keeps what another shard sends of a table that is to be moved; {@code number} is new with each. */
    void arrive(long number, byte[] chunk) throws SQLException {
        run(writer -> writer.own().arrive(number, chunk));
    }

    private void run(Work work) throws SQLException {
        Duration patience = session.consistencyTimeout();
        Deadline deadline = Deadline.in(patience);
        long number = session.nextNumber();
        while (true) {
            ShardLeader leader = leaders.await("the catalog change", patience, deadline);
            if (tryOnce(leader, work, number, deadline, patience)) {
                return;
            }
            if (deadline.isPast()) {
                throw Refusals.noMajority("the catalog change", patience, session, null);
            }
        }
    }

    private static void putAll(Connection connection, Map<String, String> settings) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PUT)) {
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                statement.setString(1, setting.getKey());
                statement.setString(2, setting.getValue());
                statement.executeUpdate();
            }
        }
    }

    private static void deleteAll(Connection connection, Set<String> names) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
            for (String name : names) {
                statement.setString(1, name);
                statement.executeUpdate();
            }
        }
    }

    private static Map<String, String> read(Connection connection, String prefix) throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, prefix);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    // to a database in the mode of Oracle an empty text is NULL
                    settings.put(rows.getString(1), Objects.requireNonNullElse(rows.getString(2), ""));
                }
            }
        }
        return settings;
    }

    /** Whether the leader has such a table. */
    public boolean hasTable(String schema, String table) throws SQLException {
        ShardLeader leader = leaders.await(
                "the schema change", session.consistencyTimeout(), Deadline.in(session.consistencyTimeout()));
        return leader.replica().storage().hasTable(schema, table);
    }

    /** Fails with 42S02 when the leader has no such table. */
    public void requireTable(String schema, String table) throws SQLException {
        if (!hasTable(schema, table)) {
            throw Errors.of(
                    SqlState.TABLE_NOT_FOUND,
                    "table " + schema + "." + table + " not found; " + meant(schema, table) + "create it first");
        }
    }

    private String meant(String schema, String table) throws SQLException {
        ShardLeader leader = leaders.await(
                "the schema change", session.consistencyTimeout(), Deadline.in(session.consistencyTimeout()));
        List<String> names = leader.replica().storage().tables().stream()
                .filter(name -> name.schema().equals(schema))
                .map(TableName::name)
                .toList();
        return Words.nearest(table, names)
                .map(name -> "did you mean " + name + "? if not, ")
                .orElse("");
    }

    /** False when it certainly left nothing behind and may be repeated. */
    private boolean tryOnce(ShardLeader leader, Work work, long number, Deadline deadline, Duration patience)
            throws SQLException {
        ShardLeader.Admission admission;
        try {
            admission = leader.admitSettings(deadline);
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        Writer writer = null;
        try {
            // a schema change writes settings too, on the thread that applies what this proposes
            if (!leader.enterStatement(deadline)) {
                throw Refusals.blockedByDefinition(session);
            }
            try {
                writer = leader.replica().storage().openAdminWriter();
                return tryAdmitted(leader, writer, admission, work, new Try(number, deadline, patience));
            } finally {
                leader.exitStatement();
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        } finally {
            if (writer == null) {
                admission.release();
            }
        }
    }

    private record Try(long number, Deadline deadline, Duration patience) {}

    private boolean tryAdmitted(ShardLeader leader, Writer writer, ShardLeader.Admission admission, Work work, Try once)
            throws SQLException {
        Deadline deadline = once.deadline;
        boolean pending = false;
        try {
            ActiveTransaction held = leader.begin(writer, session.state().lockOwner(), admission);
            byte[] changes;
            try {
                guard.require(leader, held);
                work.on(writer);
                changes = writer.changes();
            } catch (LostTurnException e) {
                leader.rollBack(held);
                throw e;
            } catch (SQLException e) {
                leader.rollBack(held);
                if (isConflict(e) && !deadline.isPast()) {
                    return false;
                }
                throw e;
            }
            if (changes == null) {
                // the settings were so already, if this is still the leader
                boolean leads = LeaderStatements.confirmLeadership(leader, deadline);
                leader.endUnchanged(held);
                return leads;
            }
            pending = true;
            Resolution resolution = commits.commit(
                    leader,
                    held,
                    new Commits.Proposal(changes, once.number, Outcome.DONE, true, "catalog change"),
                    deadline,
                    once.patience,
                    () -> {});
            pending = false;
            if (resolution instanceof Resolution.Committed committed) {
                session.wrote(committed.index());
                return true;
            }
            return false;
        } catch (NotLeaderException e) {
            return false;
        } finally {
            // a transaction of unknown outcome belongs to the apply thread
            if (pending) {
                writer.abandon();
            } else {
                writer.close();
            }
        }
    }

    /** Another change of the same settings was in the way: a deadlock, a lock timeout, or both made the first one. */
    private static boolean isConflict(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals("40001") || state.equals("HYT00") || state.equals("23505") || state.equals("90131");
    }
}
