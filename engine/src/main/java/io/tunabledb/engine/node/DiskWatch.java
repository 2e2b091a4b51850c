package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Repeating;
import io.tunabledb.engine.log.Shortage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the disk under each node's folder. While less than a reserve is free, new writes are refused: what has begun,
 * what the nodes write on their own, and snapshots, after which the log is purged, need room to end in. Others write to the
 * same disk, and it may be full between two looks: then a log waits, which is seen at the next look, and shows that not even
 * what has begun can be ended.
 *
 * <p>A shard writes while a majority of its replicas can; so does this.
 */
final class DiskWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);
    /** Refused below the reserve, let in again above it and a quarter more, so that it doesn't change with every write. */
    private static final int BACK_PART = 4;

    private static final long PAUSE_MILLIS = 200;
    /** As long as all nodes of a disk take to notice. */
    private static final int PATIENT_LOOKS = 5;
    /** As long as a lead may take to be given away. */
    private static final int LONG_LOOKS = 25;

    /** Is told of nodes whose disk is the only one, or one of a minority. */
    interface Alone {
        /** A node's disk has less than the reserve; about once a second. */
        void isShort(int node, IntPredicate hasRoom);

        /** A node's logs go on waiting; about once a second. */
        void waits(int node, boolean isLong);
    }

    private final IntFunction<Path> folders;
    private final IntFunction<@Nullable Shortage> logs;
    private final Alone alone;
    private final long reserve;
    /** How many looks in a row found a node's logs waiting, and its disk short; of the looking thread alone. */
    private final int[] waits;

    private final int[] shorts;

    private final AtomicReferenceArray<@Nullable Shortage> low;
    private final AtomicReferenceArray<@Nullable Shortage> waiting;

    /**
     * @param folders a node's, which is on its disk
     * @param logs why a log of the node waits for its disk; null when none does
     * @param alone told of a node whose disk is short while a majority's are not
     * @param reserve bytes
     */
    DiskWatch(int nodes, IntFunction<Path> folders, IntFunction<@Nullable Shortage> logs, Alone alone, long reserve) {
        this.alone = alone;
        this.folders = folders;
        this.logs = logs;
        this.reserve = reserve;
        this.waits = new int[nodes + 1];
        this.shorts = new int[nodes + 1];
        this.low = new AtomicReferenceArray<>(nodes + 1);
        this.waiting = new AtomicReferenceArray<>(nodes + 1);
    }

    /** Looks again and again, off the timer's thread: a disk that hangs must not hold up other timers. */
    void begin(ScheduledExecutorService timer, Executor executor) {
        ScheduledFuture<?> unused = Repeating.off(timer, executor, PAUSE_MILLIS, this::look);
    }

    /** Looks at all disks now. */
    void look() {
        for (int node = 1; node < low.length(); node++) {
            Shortage now = logs.apply(node);
            waiting.set(node, now);
            waits[node] = now == null ? 0 : waits[node] + 1;
            note(node, now != null ? now : shortage(node));
        }
        for (int node = 1; node < low.length(); node++) {
            shorts[node] = low.get(node) == null || refuses() != null ? 0 : shorts[node] + 1;
            if (shorts[node] % PATIENT_LOOKS == 1) {
                alone.isShort(node, this::hasRoom);
            }
            if (waits[node] > 0 && waits[node] % PATIENT_LOOKS == 0 && stops() == null) {
                alone.waits(node, waits[node] >= LONG_LOOKS);
            }
        }
    }

    private boolean hasRoom(int node) {
        return low.get(node) == null;
    }

    /** Fails while a node's disk has less than the reserve: what is begun there now would not end. */
    void requireRoom(int node) {
        Shortage found = low.get(node);
        if (found != null && found.isFull()) {
            throw new IllegalStateException(found.text());
        }
    }

    private void note(int node, @Nullable Shortage now) {
        Shortage before = low.getAndSet(node, now);
        if (now != null && before == null) {
            LOG.warn("n{}: {}; new writes are refused while that is so at a majority", node, now.text());
        } else if (now == null && before != null) {
            LOG.info("n{}: the disk under {} has room again", node, folders.apply(node));
        }
    }

    private @Nullable Shortage shortage(int node) {
        Path folder = folders.apply(node);
        if (!Files.isDirectory(folder)) {
            // set aside, or wiped: the start that makes it anew meets its disk
            return null;
        }
        long needed = low.get(node) == null ? reserve : reserve + reserve / BACK_PART;
        long free = folder.toFile().getUsableSpace();
        if (free < needed) {
            return new Shortage(folder, free, needed, null);
        }
        return Files.isWritable(folder) ? null : new Shortage(folder, free, needed, "it is read-only");
    }

    /** Why a node begins no write now; null when it does. */
    @Nullable
    Shortage at(int node) {
        return low.get(node);
    }

    /** Why so many nodes begin no write now that no shard does; null when shards do. */
    @Nullable
    Shortage refuses() {
        return ofMajority(low);
    }

    /** Why not even what has begun can be committed now; null when it can. */
    @Nullable
    Shortage stops() {
        return ofMajority(waiting);
    }

    /** One of them, when those without are no majority. */
    private static @Nullable Shortage ofMajority(AtomicReferenceArray<@Nullable Shortage> found) {
        int nodes = found.length() - 1;
        int without = 0;
        Shortage one = null;
        for (int node = 1; node <= nodes; node++) {
            Shortage here = found.get(node);
            one = one == null ? here : one;
            without += here == null ? 1 : 0;
        }
        return 2 * without > nodes ? null : one;
    }
}
