package io.tunabledb.engine.shard.held;

import io.tunabledb.engine.h2.Definer;
import io.tunabledb.engine.shard.log.Outcome;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A schema change on the leader: holds exclusive locks on its tables, and writers' statements off, from before it is
 * proposed until it is applied or never can be.
 *
 * <p>Whoever proposed it may stop waiting before that, because the log does not answer: then its entry may yet be applied,
 * and a row that was written meanwhile would be logged behind it with the columns of before. So nobody lets go but the apply
 * thread, when it has executed it, or a leader change, after which its entry is void ({@code ActiveTransactions.rollBackBefore}). An
 * owner that has not proposed it, or knows that it is not in the log, ends it itself.
 */
public final class ActiveSchemaChange implements ActiveWork {
    private enum State {
        OPEN,
        PROPOSED,
        TAKEN,
        RELEASED,
        /** Released when its entry was on its way to the log, or in it. */
        LOST
    }

    private final long term;
    private final Definer definer;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile Runnable atEnd = () -> {};
    private volatile @Nullable Outcome outcome;

    public ActiveSchemaChange(long term, Definer definer) {
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

    @Override
    public boolean isUndecided() {
        State now = state.get();
        return now != State.RELEASED && outcome == null;
    }

    /** By the owner, before it proposes it: what else has to be let go of. */
    public void atEnd(Runnable action) {
        atEnd = action;
    }

    public boolean propose() {
        return state.compareAndSet(State.OPEN, State.PROPOSED);
    }

    /** On the apply thread: the storage session that holds the locks, or null when they are gone. */
    @Nullable
    public Definer take() {
        return state.compareAndSet(State.PROPOSED, State.TAKEN) ? definer : null;
    }

    public void finish(Outcome result) {
        outcome = result;
    }

    @Nullable
    public Outcome outcome() {
        return outcome;
    }

    @Override
    public void condemn(String why) {
        if (!state.compareAndSet(State.OPEN, State.RELEASED)) {
            state.compareAndSet(State.PROPOSED, State.LOST);
        }
    }

    @Override
    public void rollBack(String why) {
        condemn(why);
        State now = state.get();
        if (now == State.RELEASED) {
            // its owner is still busy with it, and ends it
            definer.release();
        } else if (now == State.LOST) {
            definer.release();
            end();
        }
    }

    @Override
    public boolean rollBackOpen(String why) {
        if (state.compareAndSet(State.OPEN, State.RELEASED)) {
            definer.release();
        }
        return state.get() == State.RELEASED || state.get() == State.LOST;
    }

    @Override
    public boolean isLostInLog() {
        return state.get() == State.LOST;
    }

    /** It is applied, or never will be, and nobody uses it any more. Idempotent. */
    public void end() {
        if (ended.compareAndSet(false, true)) {
            atEnd.run();
            definer.close();
        }
    }
}
