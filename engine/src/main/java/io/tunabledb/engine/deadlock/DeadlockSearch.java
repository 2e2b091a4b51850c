package io.tunabledb.engine.deadlock;

import io.tunabledb.engine.shard.held.LockWait;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for deadlocks over shards, every few milliseconds while two transactions or more have locks in more than one shard,
 * and has the youngest transaction of each give way with 40001. Waits in one shard alone are H2's, which finds its circles
 * itself. It costs nothing else: no statement tells of its wait, the leaders are asked.
 *
 * <p><b>No false victims.</b> The shards are not looked at in one moment, so a circle may be made of waits that were never
 * there together. One is only believed when three looks, one begun when the one before has ended, show the same waits: the
 * same statements, of the same transactions' parts, waiting for the same parts. A transaction lets go of a lock only when it
 * ends, or when it runs another statement (ROLLBACK TO SAVEPOINT). So a transaction that was in the same statement in the first look and
 * in the last one has let go of nothing from one to the other. What the second look shows waiting for him still waits when that
 * look ends, then: whatever it waits for is held until the third. At that moment all of them waited for the next one, and
 * none of them can go on by itself but for its lock timeout. (Probes of Chandy, Misra and Haas, Distributed Deadlock Detection, 1983, find
 * the same with messages between the waiters; with all waits in one place following them is enough.)
 */
public final class DeadlockSearch {
    private static final Logger LOG = LoggerFactory.getLogger(DeadlockSearch.class);
    /** A healthy wait is over sooner, mostly. */
    private static final long LOOK_MILLIS = 20;
    /** The first one that shows it is the first of three. */
    private static final int LOOKS_TO_CONFIRM = 2;

    private final LockHolders holders;
    private final ScheduledExecutorService scheduler;
    private final Executor executor;
    private final AtomicInteger spread = new AtomicInteger();
    private final AtomicBoolean armed = new AtomicBoolean();

    public DeadlockSearch(LockHolders holders, ScheduledExecutorService scheduler, Executor executor) {
        this.holders = holders;
        this.scheduler = scheduler;
        this.executor = executor;
    }

    /** A transaction has come to its second shard; {@link #ended} must follow. */
    public void spread() {
        if (spread.incrementAndGet() > 1) {
            arm();
        }
    }

    /** It waits for no lock any more, or never will. */
    public void ended() {
        spread.decrementAndGet();
    }

    private void arm() {
        if (armed.compareAndSet(false, true)) {
            var unused = scheduler.schedule(() -> executor.execute(this::run), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void run() {
        try {
            look();
        } catch (RuntimeException | Error e) {
            LOG.warn("the search for deadlocks over shards is tried again", e);
        } finally {
            armed.set(false);
            if (spread.get() > 1) {
                arm();
            }
        }
    }

    /** Finds what there is now, and has it ended. */
    void look() {
        List<LockWait> first = holders.waits();
        if (Circles.in(first).isEmpty()) {
            return;
        }
        Set<LockWait> lasting = new HashSet<>(first);
        for (int i = 0; i < LOOKS_TO_CONFIRM; i++) {
            lasting.retainAll(Set.copyOf(holders.waits()));
        }
        for (List<LockWait> circle : Circles.in(lasting)) {
            LockWait victim = Circles.youngest(circle);
            String why = Circles.text(circle, victim);
            // its statement may take a moment to end, which must not keep others in theirs
            executor.execute(() -> end(victim, why));
        }
    }

    private void end(LockWait victim, String why) {
        if (holders.giveWay(victim, why)) {
            LOG.debug("session {}: {}", victim.waiter().owner().session(), why);
        }
    }
}
