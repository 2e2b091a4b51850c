package io.tunabledb.engine.peer;

import io.tunabledb.engine.message.OutcomeMessage;
import io.tunabledb.engine.message.OutcomeMessage.Fate;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.util.concurrent.CompletableFuture;

/** A replica's word on what became of an entry. */
final class Outcomes {

    private Outcomes() {}

    /** What a replica has applied is committed. */
    static Fate known(Replica replica, TransactionId transaction) {
        Outcome outcome = replica.outcome(transaction.session(), transaction.number());
        // after the outcome: at least the epoch of what that tells of
        long epoch = replica.epoch();
        return outcome == null ? new Fate.NotThere(epoch) : new Fate.Committed(replica.applying(), epoch, outcome);
    }

    static CompletableFuture<Fate> asOfNow(Replica leader, OutcomeMessage.AsOfNow asked) {
        return leader.status().term() <= asked.term()
                ? CompletableFuture.completedFuture(new Fate.NotKnown())
                : leader.caughtUp().thenApply(index -> known(leader, asked.transaction()));
    }
}
