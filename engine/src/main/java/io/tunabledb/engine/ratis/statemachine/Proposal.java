package io.tunabledb.engine.ratis.statemachine;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One append under way: proposed here, not yet applied here. */
public final class Proposal {
    private static final long NOT_LOGGED = -1;

    final long call;
    final byte[] entry;
    final Object held;
    final CompletableFuture<LogPosition> outcome = new CompletableFuture<>();
    private final long deadlineNanos;
    private volatile long term = NOT_LOGGED;

    Proposal(long call, byte[] entry, Object held, long deadlineNanos) {
        this.call = call;
        this.entry = entry;
        this.held = held;
        this.deadlineNanos = deadlineNanos;
    }

    /** Its number among this replica's, by which the log's answer finds it. */
    public long call() {
        return call;
    }

    /** Where its entry is applied, or why that will not be known here. */
    public CompletableFuture<LogPosition> outcome() {
        return outcome;
    }

    /** The leader of {@code proposedIn} is about to put the entry in its log: from now on it may become committed. */
    void logged(long proposedIn) {
        term = proposedIn;
    }

    boolean isLogged() {
        return term != NOT_LOGGED;
    }

    /** Whether the entry can't follow in a log that has reached {@code newTerm}: terms in a log never go back. */
    boolean isOvertakenBy(long newTerm) {
        long proposedIn = term;
        return proposedIn != NOT_LOGGED && proposedIn < newTerm;
    }

    boolean isLate(long nowNanos) {
        return nowNanos - deadlineNanos > 0;
    }

    /** Fails the append with what can be known now; false when its caller was told something before. */
    boolean fail(String why, @Nullable Throwable cause) {
        return outcome.completeExceptionally(
                isLogged() ? new OutcomeUnknownException(why, cause) : new NotLeaderException(why));
    }
}
