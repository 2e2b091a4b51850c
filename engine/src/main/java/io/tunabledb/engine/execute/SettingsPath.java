package io.tunabledb.engine.execute;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import io.tunabledb.engine.execute.Leaders.Resolution;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.HeldTransaction;
import io.tunabledb.engine.shard.Outcome;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/** Writes the replicated catalog: settings rows that go through the log like any others. */
public final class SettingsPath {
    private static final int SHARD = 0;
    private static final String PUT = "MERGE INTO TUNABLE_INTERNAL.SETTINGS(NAME, \"VALUE\") KEY(NAME) VALUES(?, ?)";

    private final SessionState session;
    private final Leaders leaders;
    private final Commits commits;

    public SettingsPath(SessionState session) {
        this.session = session;
        this.leaders = new Leaders(session);
        this.commits = new Commits(session, leaders);
    }

    /** Puts every setting, in one transaction. */
    public void put(Map<String, String> settings) throws SQLException {
        Duration patience = session.consistencyTimeout();
        Deadline deadline = Deadline.in(patience);
        long number = session.nextNumber();
        while (true) {
            ShardLeader leader = leaders.await("the catalog change", patience, deadline);
            if (tryOnce(leader, settings, number, deadline, patience)) {
                return;
            }
            if (deadline.isPast()) {
                throw Refusals.noMajority("the catalog change", patience, session, null);
            }
        }
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
            throw Errors.of(SqlState.TABLE_NOT_FOUND, "table " + schema + "." + table + " not found; create it first");
        }
    }

    private boolean tryOnce(
            ShardLeader leader, Map<String, String> settings, long number, Deadline deadline, Duration patience)
            throws SQLException {
        Writer writer = leader.replica().storage().openAdminWriter();
        boolean pending = false;
        try {
            HeldTransaction held = leader.begin(writer, session.id());
            byte[] changes;
            try (PreparedStatement statement = writer.connection().prepareStatement(PUT)) {
                for (Map.Entry<String, String> setting : settings.entrySet()) {
                    statement.setString(1, setting.getKey());
                    statement.setString(2, setting.getValue());
                    statement.executeUpdate();
                }
                changes = writer.changes();
            } catch (SQLException e) {
                leader.rollBack(held);
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
                    new Commits.Proposal(changes, number, Outcome.DONE, true, "catalog change"),
                    deadline,
                    patience,
                    () -> {});
            if (resolution instanceof Resolution.Committed committed) {
                session.vector().wrote(SHARD, committed.index());
                pending = false;
                return true;
            }
            pending = false;
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
}
