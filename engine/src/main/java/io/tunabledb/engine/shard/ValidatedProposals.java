package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.validation.ReadSet;
import java.util.concurrent.CompletableFuture;

/** Hands a leader's transactions to the log: each is validated and takes its position at that moment. */
final class ValidatedProposals {
    private final Replica replica;

    ValidatedProposals(Replica replica) {
        this.replica = replica;
    }

    /** Validated against those before it; waits so long for what is prepared and in its way. */
    CompletableFuture<LogPosition> propose(ActiveTransaction transaction, Entry entry, Deadline patience) {
        ShardLog log = replica.requireLog();
        byte[] bytes = entry.encode();
        ReadSet reads = transaction.completeReads();
        return replica.validation()
                .commit(transaction.term(), reads, transaction.writer().writeSet(), patience, () -> {
                    if (!transaction.propose()) {
                        throw new NotLeaderException(transaction.lostBecause());
                    }
                    return log.append(bytes, transaction);
                });
    }

    /** What it has read and changed is guarded from now on until it is finished. */
    CompletableFuture<LogPosition> proposeGuarded(ActiveTransaction transaction, Entry entry) {
        ShardLog log = replica.requireLog();
        byte[] bytes = entry.encode();
        ReadSet reads = transaction.completeReads();
        return replica.validation()
                .prepare(transaction.term(), reads, transaction.writer().writeSet(), guard -> {
                    transaction.guardedBy(guard);
                    if (!transaction.propose()) {
                        throw new NotLeaderException(transaction.lostBecause());
                    }
                    return log.append(bytes, transaction);
                });
    }
}
