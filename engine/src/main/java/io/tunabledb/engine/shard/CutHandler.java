package io.tunabledb.engine.shard;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.cut.CutPins;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.log.Entry;

/** Applies what begins, ends and gives up cuts through all shards; DESIGN.md in package cut tells the protocol. */
final class CutHandler {
    private final Replica replica;
    private final ReplicaListener listener;
    private final Epochs epochs;
    private final CutPins cutPins;
    private final PreparedTransactions preparedTransactions;

    CutHandler(
            Replica replica,
            ReplicaListener listener,
            Epochs epochs,
            CutPins cutPins,
            PreparedTransactions preparedTransactions) {
        this.replica = replica;
        this.listener = listener;
        this.epochs = epochs;
        this.cutPins = cutPins;
        this.preparedTransactions = preparedTransactions;
    }

    void start(LogPosition at, Entry.Start start) {
        epochs.start(start.epoch());
        ended(at);
    }

    void cancel(LogPosition at, Entry.Cancel cancel) {
        epochs.cancel(cancel.epoch());
        ended(at);
    }

    /** An epoch ends, unless something in its way came in front of the entry: then its proposer looks again. */
    void close(LogPosition at, Entry.Close close) {
        if (close.epoch() > epochs.epoch() && preparedTransactions.lets(close)) {
            preparedTransactions.raiseVotes(close.later());
            cutPins.begin(close.epoch(), at.index());
        }
        ended(at);
        replica.closing().applied();
    }

    private void ended(LogPosition at) {
        replica.storage().advance(at.term(), at.index());
        listener.released(replica, epochs.released());
    }
}
