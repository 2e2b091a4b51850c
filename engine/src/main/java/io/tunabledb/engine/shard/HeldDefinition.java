package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.Definer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A schema change on the leader: holds exclusive locks on its tables from before it is proposed until it is applied. */
final class HeldDefinition implements Held {
    private enum State {
        OPEN,
        PROPOSED,
        TAKEN,
        RELEASED
    }

    private final long term;
    private final Definer definer;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private volatile @Nullable Outcome outcome;

    HeldDefinition(long term, Definer definer) {
        this.term = term;
        this.definer = definer;
    }

    @Override
    public long term() {
        return term;
    }

    @Override
    public boolean isProposed() {
        State now = state.get();
        return now == State.PROPOSED || now == State.TAKEN;
    }

    boolean propose() {
        return state.compareAndSet(State.OPEN, State.PROPOSED);
    }

    /** On the apply thread: the storage session that holds the locks, or null when they are gone. */
    @Nullable
    Definer take() {
        return state.compareAndSet(State.PROPOSED, State.TAKEN) ? definer : null;
    }

    void finish(Outcome result) {
        outcome = result;
    }

    @Nullable
    Outcome outcome() {
        return outcome;
    }

    @Override
    public void rollBack(String why) {
        if (state.compareAndSet(State.OPEN, State.RELEASED) || state.compareAndSet(State.PROPOSED, State.RELEASED)) {
            definer.release();
        }
    }
}
