package io.tunabledb.engine.ratis.statemachine;

import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.log.OutcomeUnknownException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.jspecify.annotations.Nullable;

/**
 * The appends a replica has under way. A proposal stays here until its entry was applied here or can never be, even when
 * its caller has long been told that the outcome is unknown: what it holds has to be handed back to apply.
 */
public final class Proposals {
    /** Marks the entries this replica proposes since it started; another start has another id. */
    private final ClientId client = ClientId.randomId();

    private final Map<Long, Proposal> underWay = new ConcurrentHashMap<>();
    private final AtomicLong lastCall = new AtomicLong();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final long timeoutNanos;
    private final Executor sweepLater;

    public Proposals(Duration timeout) {
        timeoutNanos = timeout.toNanos();
        // a deadline is missed by a quarter at most; nothing runs while nothing is under way
        sweepLater = CompletableFuture.delayedExecutor(timeoutNanos / 4, TimeUnit.NANOSECONDS);
    }

    /** As whom this replica appends. */
    public ClientId client() {
        return client;
    }

    public Proposal open(byte[] entry, Object held) {
        long call = lastCall.incrementAndGet();
        Proposal proposal = new Proposal(call, entry, held, RunningTime.nanos() + timeoutNanos);
        underWay.put(call, proposal);
        if (sweeping.compareAndSet(false, true)) {
            sweepLater.execute(this::sweep);
        }
        return proposal;
    }

    @Nullable
    Proposal find(long call) {
        return underWay.get(call);
    }

    /** Takes out the proposal that put {@code entry} in the log, if it was proposed here. */
    @Nullable
    Proposal take(StateMachineLogEntryProto entry) {
        return entry.getClientId().equals(client.toByteString()) ? underWay.remove(entry.getCallId()) : null;
    }

    /**
     * Ends a proposal that Ratis refused. One that may be in the log stays for apply.
     *
     * @return false when it is not in the log and never will be, and its caller was told before that nobody knows: what it holds
     *     waits for an end that nobody else brings
     */
    public boolean refused(Proposal proposal, @Nullable Throwable cause) {
        String why = "the append was refused: " + (cause == null ? "no reason given" : cause.getMessage());
        boolean isTold = proposal.fail(why, cause);
        boolean isDropped = !proposal.isLogged() && underWay.remove(proposal.call) != null;
        return isTold || !isDropped;
    }

    /** Drops what a log that has reached {@code term} can't hold any more. */
    void reachedTerm(long term) {
        underWay.values().removeIf(proposal -> {
            boolean overtaken = proposal.isOvertakenBy(term);
            if (overtaken) {
                proposal.fail("a leader of term " + term + " took over", null);
            }
            return overtaken;
        });
    }

    /** Ends everything: from here on nothing of this replica's own will be applied. */
    public void end(String why) {
        underWay.values().removeIf(proposal -> {
            proposal.outcome.completeExceptionally(new OutcomeUnknownException(why, null));
            return true;
        });
    }

    private void sweep() {
        long now = RunningTime.nanos();
        for (Proposal proposal : underWay.values()) {
            if (proposal.isLate(now)) {
                proposal.outcome.completeExceptionally(new OutcomeUnknownException(
                        "the entry was not applied within " + Duration.ofNanos(timeoutNanos), null));
            }
        }
        sweeping.set(false);
        boolean anyOpen = underWay.values().stream().anyMatch(proposal -> !proposal.outcome.isDone());
        if (anyOpen && sweeping.compareAndSet(false, true)) {
            sweepLater.execute(this::sweep);
        }
    }
}
