package io.tunabledb.engine.ratis.internals;

import io.tunabledb.engine.api.PrivateField;
import io.tunabledb.engine.api.PrivateMethod;
import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.log.Shortage;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.AbstractQueue;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLogOutputStream;
import org.apache.ratis.util.DataBlockingQueue;
import org.apache.ratis.util.DataQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a log's writing thread its next task only when the disk has given the room for it. Ratis takes a failed write for
 * the end of the replica; all replicas of one process that share a disk would end together. Here the bytes of an entry are
 * preallocated in its file before the writer sees it, and as long as that fails the queue looks empty: the replica keeps
 * its term and its lead, answers reads, and goes on where it stopped when there is room again. Nothing that waits was
 * acknowledged.
 *
 * <p>What fails in spite of that, such as a sync, still ends the replica. Nothing of this is handed out by Ratis, so private
 * fields are read, and the queue's content is kept in ours.
 */
public final class LogRoom {
    private static final Logger LOG = LoggerFactory.getLogger(LogRoom.class);
    /** What an entry has around its bytes in the file: its length before it, its checksum behind it. */
    private static final int AROUND_BYTES = 16;
    /** A segment begins with so many zeros. */
    private static final int SEGMENT_BYTES = 64 << 10;

    private static final long WRITER_ASKS_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final String PROBE = "room.part";

    static final PrivateField WORKER = PrivateField.of(SegmentedRaftLog.class, "fileLogWorker");
    static final PrivateField QUEUE = PrivateField.of(WORKER.type(), "queue");
    static final PrivateField NOT_EMPTY = PrivateField.of(DataBlockingQueue.class, "notEmpty");
    private static final PrivateField LOCK = PrivateField.of(DataBlockingQueue.class, "lock");
    private static final PrivateField SIZES = PrivateField.of(DataQueue.class, "getNumBytes");
    private static final PrivateField CONTENT = PrivateField.of(DataQueue.class, "q");
    private static final PrivateField OUT = PrivateField.of(WORKER.type(), "out");
    private static final PrivateMethod FLUSH = PrivateMethod.of(WORKER.type(), "flushIfNecessary");
    private static final PrivateMethod PREALLOCATE =
            PrivateMethod.of(SegmentedRaftLogOutputStream.class, "preallocateIfNecessary", int.class);

    private final String label;
    private final Path segments;
    private final Object worker;
    private final ToLongFunction<Object> sizes;
    private final Lock lock;
    private final Condition notEmpty;
    private final Consumer<Throwable> onBroken;
    private boolean isBroken;
    private volatile @Nullable Shortage shortage;
    /** The thread that asks for tasks, once it did. */
    private volatile @Nullable Thread writer;

    private volatile long polledNanos;

    /** Tasks as the queue keeps them, always under its lock; taken by the writing thread alone. */
    private final class Waiting extends AbstractQueue<Object> {
        private final Queue<Object> tasks;

        private Waiting(Collection<?> before) {
            tasks = new ArrayDeque<>(before);
        }

        /** Null is "nothing to do" for the writer, which then asks again. */
        @Override
        public @Nullable Object poll() {
            writer = Thread.currentThread();
            polledNanos = RunningTime.nanos();
            Object next = tasks.peek();
            return next == null || !admits(next) ? null : tasks.poll();
        }

        /** While the next waits, what was written before it is synced as if nothing followed. */
        @Override
        public @Nullable Object peek() {
            return shortage == null ? tasks.peek() : null;
        }

        @Override
        public boolean offer(Object task) {
            return tasks.offer(task);
        }

        @Override
        public void clear() {
            tasks.clear();
        }

        @Override
        public Iterator<Object> iterator() {
            return tasks.iterator();
        }

        @Override
        public int size() {
            return tasks.size();
        }
    }

    private LogRoom(RaftLog log, Path segments, String label, Consumer<Throwable> onBroken) {
        this.label = label;
        this.segments = segments;
        this.onBroken = onBroken;
        worker = WORKER.get(log, Object.class);
        Object queue = QUEUE.get(worker, Object.class);
        sizes = sizes(SIZES.get(queue, ToLongFunction.class));
        lock = LOCK.get(queue, Lock.class);
        notEmpty = NOT_EMPTY.get(queue, Condition.class);
        lock.lock();
        try {
            CONTENT.set(queue, new Waiting(CONTENT.get(queue, Collection.class)));
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("unchecked") // whatever the queue's elements are
    private static ToLongFunction<Object> sizes(Object function) {
        return (ToLongFunction<Object>) function;
    }

    /**
     * Begins to watch over an open log.
     *
     * @param segments the folder with its files
     * @param onBroken told when what was written can't be synced: the replica must end
     * @return null for a log in memory, which needs no room
     */
    public static @Nullable LogRoom of(RaftLog log, Path segments, String label, Consumer<Throwable> onBroken) {
        return log instanceof SegmentedRaftLog ? new LogRoom(log, segments, label, onBroken) : null;
    }

    /**
     * Why the log waits, or would if there was something to write; null when it would not. One that waits tries again now,
     * and by itself about once a second.
     */
    @Nullable
    public Shortage look() {
        Shortage found = shortage;
        if (found != null) {
            lock.lock();
            try {
                notEmpty.signal();
            } finally {
                lock.unlock();
            }
            return found;
        }
        return Files.isWritable(segments)
                ? null
                : new Shortage(segments, segments.toFile().getUsableSpace(), SEGMENT_BYTES, "it is read-only");
    }

    /**
     * Whether the writing thread has left its loop. It asks for a task about once a second, and what an error ends there is
     * kept in a future that nobody looks at; the thread then waits for another job. One whose disk hangs is still in its loop.
     */
    boolean isWriterGone() {
        Thread writing = writer;
        return writing != null
                && RunningTime.nanos() - polledNanos > WRITER_ASKS_NANOS
                && Stream.of(writing.getStackTrace())
                        .noneMatch(frame ->
                                frame.getClassName().equals(worker.getClass().getName()));
    }

    private boolean admits(Object task) {
        if (isBroken) {
            return false;
        }
        long bytes = sizes.applyAsLong(task);
        try {
            if (bytes > 0) {
                allocate(Math.toIntExact(bytes) + AROUND_BYTES);
            } else if (task.getClass().getSimpleName().equals("StartLogSegment")) {
                probe();
            }
            if (shortage != null) {
                LOG.info("{}: the disk under {} takes writes again, the log goes on", label, segments);
                shortage = null;
            }
            return true;
        } catch (IOException e) {
            boolean isNew = shortage == null;
            Shortage found = Shortage.after(e, segments, Math.max(bytes, SEGMENT_BYTES));
            shortage = found;
            if (isNew) {
                LOG.error("{}: {}; the log waits until it takes writes again", label, found.text());
                syncWhatIsWritten();
            }
            return false;
        }
    }

    /** As the writer itself would: what is there already is not written twice. */
    private void allocate(int bytes) throws IOException {
        Object file = OUT.get(worker);
        if (file == null) {
            return;
        }
        try {
            PREALLOCATE.call(file, bytes);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** A new segment that can't be begun would leave its file behind, and the next try would stumble over it. */
    private void probe() throws IOException {
        Path probe = segments.resolve(PROBE);
        try (FileChannel channel = FileChannel.open(
                probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer zeros = ByteBuffer.allocate(SEGMENT_BYTES);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /** Entries the writer left for the sync of the one that waits now; only the next task would sync them. */
    private void syncWhatIsWritten() {
        try {
            FLUSH.call(worker);
        } catch (InvocationTargetException e) {
            // never tried again: after a sync that failed the next one may succeed though the bytes are gone
            isBroken = true;
            onBroken.accept(e.getCause());
        }
    }
}
