package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A doubt about an error that says that something is not defined: it may be the replica that has not applied its definition,
 * or that compiled the statement between two. A weak level allows for old rows; that a statement fails which was right when
 * it was prepared it need not allow.
 */
public final class SchemaDoubt {
    /** Longer than an answer of a leader in reach takes. */
    public static final Duration PATIENCE = Duration.ofSeconds(2);

    private SchemaDoubt() {}

    /**
     * Whether the statement may be right now, because the replica had not all that is committed when it failed, and has it
     * now, or because nothing else was defined in between. Where no leader says what is committed, the replica was perhaps in
     * the middle of a definition, which it has carried out now.
     */
    public static boolean isResolved(SQLException error, Replica replica, Deadline deadline) {
        if (!SqlErrors.isOfSchema(error) || deadline.isPast()) {
            return false;
        }
        Deadline soon = deadline.atMost(PATIENCE);
        long begun = replica.applying();
        try {
            long index = replica.readIndex().get(soon.remainingNanos(), TimeUnit.NANOSECONDS);
            return replica.awaitApplied(index, soon);
        } catch (ExecutionException | TimeoutException e) {
            return awaitApplied(replica, begun, deadline.atMost(PATIENCE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean awaitApplied(Replica replica, long index, Deadline deadline) {
        try {
            return replica.awaitApplied(index, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
