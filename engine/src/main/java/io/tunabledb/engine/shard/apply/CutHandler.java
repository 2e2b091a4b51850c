package io.tunabledb.engine.shard.apply;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.cut.CutPins;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.twophase.TwoPhase;
import java.util.function.LongConsumer;

/** Applies what begins, ends and gives up cuts through all shards; DESIGN.md in package cut tells the protocol. */
public final class CutHandler {
    private final CurrentStorage storage;
    private final Epochs epochs;
    private final CutPins cutPins;
    private final TwoPhase twoPhase;
    private final LongConsumer released;

    /**
     * @param released is told that every cut up to a number is complete or given up
     */
    public CutHandler(
            CurrentStorage storage, Epochs epochs, CutPins cutPins, TwoPhase twoPhase, LongConsumer released) {
        this.storage = storage;
        this.epochs = epochs;
        this.cutPins = cutPins;
        this.twoPhase = twoPhase;
        this.released = released;
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
        if (close.epoch() > epochs.epoch() && twoPhase.prepared().lets(close)) {
            twoPhase.prepared().raiseVotes(close.later());
            cutPins.begin(close.epoch(), at.index());
        }
        ended(at);
        twoPhase.closer().applied();
    }

    private void ended(LogPosition at) {
        storage.get().advance(at.term(), at.index());
        released.accept(epochs.released());
    }
}
