package io.tunabledb.engine.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import java.sql.SQLException;

/**
 * Where accepted writes belong when their turn comes. A write was planned when it was accepted; its tables may have changed
 * shards since, and where it would have run then it would find no row now.
 */
public interface Rerouting {

    /** Before a statement can be planned: whatever comes has to wait. */
    Rerouting NOT_YET = new Rerouting() {
        @Override
        public boolean isElsewhere(int shard, OutboxEntry entry, String schema) throws SQLException {
            throw Errors.of(SqlState.RETRY_TRANSACTION, "the database is being started");
        }

        @Override
        public void carryOut(int node, Batch batch, QueuedWrite pending) throws SQLException {
            throw Errors.of(SqlState.RETRY_TRANSACTION, "the database is being started");
        }
    };

    /** In a database with one shard. */
    Rerouting NEVER = new Rerouting() {
        @Override
        public boolean isElsewhere(int shard, OutboxEntry entry, String schema) {
            return false;
        }

        @Override
        public void carryOut(int node, Batch batch, QueuedWrite pending) {
            throw new IllegalStateException("there is one shard");
        }
    };

    /**
     * Whether a write concerns more than the shard it was accepted for, or another one. Asked inside the leader's gate for
     * statements, so that no schema change comes between the answer and the execution.
     *
     * @param schema the one its unqualified names belong to
     */
    boolean isElsewhere(int shard, OutboxEntry entry, String schema) throws SQLException;

    /**
     * Carries a write out wherever it belongs now, with its outbox's mark, in one transaction over shards.
     *
     * @param node from which the other shards have to be reached
     * @param batch which outbox it is of, and of which shard its mark is
     * @throws SQLException transient: it is not known to be carried out, the mark tells; any other: it fails for good, and
     *     has left nothing behind
     */
    void carryOut(int node, Batch batch, QueuedWrite pending) throws SQLException;
}
