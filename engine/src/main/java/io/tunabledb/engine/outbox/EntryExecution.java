package io.tunabledb.engine.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.Replay;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.h2.statement.ClientUser;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;

/** Executes one accepted write, as of the time it was accepted. */
public final class EntryExecution {

    private EntryExecution() {}

    /** A storage session of the leader under these session settings; the caller closes it. */
    public static Replay open(ShardLeader leader, List<String> settings) throws SQLException {
        Writer writer = leader.openWriter();
        boolean isReady = false;
        try {
            ClientUser.set(settings, writer.connection());
            isReady = true;
            return new Replay(writer);
        } finally {
            if (!isReady) {
                writer.close();
            }
        }
    }

    /**
     * All of its statements, or none.
     *
     * @return how many rows they changed
     * @throws SQLException why one of them failed; 40001 when the whole transaction around it is gone
     */
    public static long execute(Replay replay, OutboxEntry entry) throws SQLException {
        try {
            return executeSteps(replay, entry);
        } catch (StackOverflowError e) {
            // it would overflow at every other try, too, so it is rejected
            throw Errors.of(SqlState.OVER_LIMIT, "the write is nested more deeply than storage can execute", e);
        }
    }

    private static long executeSteps(Replay replay, OutboxEntry entry) throws SQLException {
        List<OutboxEntry.Step> steps = entry.steps();
        if (steps.size() == 1) {
            // storage undoes a single failed statement by itself
            OutboxEntry.Step only = steps.get(0);
            return replay.execute(only.sql(), only.values(), entry.acceptedAt());
        }
        Connection connection = replay.writer().connection();
        Savepoint before = connection.setSavepoint();
        long rows = 0;
        try {
            for (OutboxEntry.Step step : steps) {
                rows += replay.execute(step.sql(), step.values(), entry.acceptedAt());
            }
        } catch (SQLException e) {
            if (!SqlErrors.isTransient(e)) {
                connection.rollback(before);
            }
            throw e;
        } catch (StackOverflowError e) {
            connection.rollback(before);
            throw e;
        }
        connection.releaseSavepoint(before);
        return rows;
    }
}
