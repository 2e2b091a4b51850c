package io.tunabledb.engine.heap;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the statement that a thread runs has taken of the heap, measured by what the thread has allocated. When the heap
 * is nearly full with what can't be collected, those that have taken much are stopped where they are, and the hungriest
 * is ended, until there is room again. Each looks for itself, every hundred rows or so: no statement can take the rest of the
 * heap in the time a watcher would need to notice.
 */
public final class Appetite {
    /** The rows a statement reads before it is measured. */
    private static final int FEW_ROWS = 128;
    /** A statement that has taken less of the heap is not to blame. */
    private static final double SMALL = 0.02;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** How long one that is told to end may take before another is. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long WAIT_MILLIS = 2;
    private static final @Nullable ThreadMXBean THREADS = threads();
    private static final Sharers JVM = new Sharers(Heap.jvm(), Appetite::allocated, PATIENCE_NANOS);
    private static final ThreadLocal<Appetite> OWN = ThreadLocal.withInitial(() -> new Appetite(JVM));

    /** Says how many bytes the calling thread has allocated in its life. */
    interface Allocated {
        long bytes();
    }

    /** Those that share a heap. */
    static final class Sharers {
        private final @Nullable Heap heap;
        private final Allocated allocated;
        private final long patienceNanos;
        /** Those that have been measured and still run. */
        private final Set<Appetite> measured = ConcurrentHashMap.newKeySet();

        private final ReentrantLock choosing = new ReentrantLock();

        /** @param patienceNanos how long one that is told to end may take */
        Sharers(@Nullable Heap heap, Allocated allocated, long patienceNanos) {
            this.heap = heap;
            this.allocated = allocated;
            this.patienceNanos = patienceNanos;
        }
    }

    private final Sharers sharers;
    private int depth;
    private boolean isMeasured;
    private boolean wasEnded;
    private long before;
    private long lookedAt;
    private volatile long taken;
    private volatile boolean isToEnd;

    Appetite(Sharers sharers) {
        this.sharers = sharers;
    }

    private static @Nullable ThreadMXBean threads() {
        return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                        && threads.isThreadAllocatedMemorySupported()
                        && threads.isThreadAllocatedMemoryEnabled()
                ? threads
                : null;
    }

    private static long allocated() {
        ThreadMXBean threads = THREADS;
        return threads == null
                ? 0
                : threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** The calling thread's. */
    public static Appetite own() {
        return OWN.get();
    }

    /** The thread begins a statement that may be ended; {@link #end} must follow. Such may be inside of another. */
    public void begin() {
        depth++;
    }

    /** It has ended. */
    public void end() {
        if (--depth == 0 && isMeasured) {
            sharers.measured.remove(this);
            isMeasured = false;
            isToEnd = false;
            taken = 0;
            Heap heap = sharers.heap;
            if (wasEnded && heap != null) {
                heap.collectAnew();
            }
            wasEnded = false;
        }
    }

    /** Whether the last collection of the heap left room for everything small. */
    public static boolean leftRoom() {
        Heap heap = JVM.heap;
        return heap != null && heap.kept() < heap.capacity() * Brim.PART;
    }

    /**
     * The calling thread's statement has come to a row. Returns late when the heap is nearly full.
     *
     * @throws HeapEndedError it must end, and nothing of it must stay
     */
    public static void row(long number) {
        if (number >= FEW_ROWS) {
            OWN.get().look();
        }
    }

    void look() {
        Heap heap = sharers.heap;
        if (depth == 0 || heap == null) {
            return;
        }
        long now = System.nanoTime();
        if (!isMeasured) {
            isMeasured = true;
            isToEnd = false; // that was meant for the statement before
            before = sharers.allocated.bytes();
            lookedAt = now;
            sharers.measured.add(this);
        }
        requireGoingOn(heap);
        if (now - lookedAt < LOOK_NANOS) {
            return;
        }
        lookedAt = now;
        taken = sharers.allocated.bytes() - before;
        if (taken >= heap.capacity() * SMALL && heap.isOver(Brim.PART, 0)) {
            choose(heap);
        }
    }

    private void requireGoingOn(Heap heap) {
        if (isToEnd) {
            throw ended(heap);
        }
    }

    private HeapEndedError ended(Heap heap) {
        wasEnded = true;
        return new HeapEndedError("the statement was ended when " + (heap.kept() >> 20) + " MB of "
                + (heap.capacity() >> 20) + " MB heap were in use, since it had taken the most of those that ran ("
                + (taken >> 20) + " MB, what it let go of too)");
    }

    /** One at a time; those that wait take nothing meanwhile. */
    private void choose(Heap heap) {
        long deadline = System.nanoTime() + sharers.patienceNanos;
        boolean isFirst = false;
        try {
            while (!isFirst) {
                requireGoingOn(heap);
                isFirst = sharers.choosing.tryLock(WAIT_MILLIS, TimeUnit.MILLISECONDS);
                if (!isFirst && System.nanoTime() - deadline > 0) {
                    throw ended(heap);
                }
            }
            while (heap.isOver(Brim.PART, 0)) {
                Appetite hungriest = hungriest();
                if (hungriest == this || System.nanoTime() - deadline > 0) {
                    throw ended(heap);
                }
                hungriest.isToEnd = true;
                awaitEnd(hungriest, deadline);
            }
        } catch (InterruptedException e) {
            // its session wants it to end, and storage will see that
            Thread.currentThread().interrupt();
        } finally {
            if (isFirst) {
                sharers.choosing.unlock();
            }
        }
    }

    private Appetite hungriest() {
        Appetite most = this;
        for (Appetite each : sharers.measured) {
            if (each.taken > most.taken) {
                most = each;
            }
        }
        return most;
    }

    private void awaitEnd(Appetite other, long deadline) throws InterruptedException {
        while (sharers.measured.contains(other) && other.isToEnd && System.nanoTime() - deadline < 0) {
            Thread.sleep(WAIT_MILLIS);
        }
    }
}
