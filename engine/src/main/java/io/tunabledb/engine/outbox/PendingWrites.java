package io.tunabledb.engine.outbox;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The state that an outbox's log drives: which writes were accepted and not yet seen carried out, by shard. */
final class PendingWrites {
    /** Begins a state; one of before there were several shards begins with the incarnation, which is positive. */
    private static final long FORMAT = -3;
    /** Before numbers could be missing. */
    private static final long FORMAT_WITHOUT_LOSS = -2;
    /** Far more numbers than a damaged part of a log can have had. */
    private static final long SKIPPED = 1L << 32;

    /** One shard's part. */
    private static final class Lane {
        private final ArrayDeque<QueuedWrite> pending = new ArrayDeque<>();
        private long rejected;
    }

    private final Map<Integer, Lane> lanes = new TreeMap<>();
    private long incarnation;
    /** The last number given. */
    private long accepted;
    /** How many numbers up to it no write has. */
    private long skipped;
    /** A record can't be read, and the numbers it had are not known yet. */
    private boolean isNumberUnknown;
    /** What can't be read any more had no other numbers than these. */
    private final List<Range> lost = new ArrayList<>();

    private long pending;
    private long bytes;
    private int wakes;

    /** Numbers, both ends included. */
    record Range(long from, long to) {
        @Override
        public String toString() {
            if (to - from >= SKIPPED - 1) {
                return "from " + from + " on";
            }
            return from == to ? Long.toString(from) : from + " to " + to;
        }
    }

    /**
     * The counters at one moment, of all shards.
     *
     * @param forwarded how many were carried out or rejected
     */
    record Counts(long incarnation, long accepted, long forwarded, long rejected, long pending, long bytes) {}

    synchronized Counts counts() {
        long rejected = lanes.values().stream().mapToLong(lane -> lane.rejected).sum();
        return new Counts(incarnation, accepted - skipped, accepted - skipped - pending, rejected, pending, bytes);
    }

    synchronized long incarnation() {
        return incarnation;
    }

    /** How many of a shard's writes failed. */
    synchronized long rejected(int shard) {
        return lane(shard).rejected;
    }

    private Lane lane(int shard) {
        return lanes.computeIfAbsent(shard, any -> new Lane());
    }

    synchronized void begin(long newIncarnation) {
        // the first one counts: a second was proposed by an opening that did not hear of the first
        if (incarnation == 0) {
            incarnation = newIncarnation;
        }
    }

    /** The number that the next write gets. */
    synchronized long nextNumber() {
        return accepted + 1;
    }

    /** Whether a number was given to a write that was told so. */
    synchronized boolean wasGiven(long number) {
        return number > 0 && number <= accepted;
    }

    /** The numbers of the writes that can't be read any more; carried out were those that the shards' marks cover. */
    synchronized List<Range> lost() {
        return List.copyOf(lost);
    }

    /** Whether a number was of a write that can't be read any more. */
    synchronized boolean isLost(long number) {
        return lost.stream().anyMatch(range -> range.from <= number && number <= range.to);
    }

    /** How many are not carried out as far as marks tell. */
    synchronized long countAfter(Outbox.Marks marks) {
        long count = 0;
        for (Map.Entry<Integer, Lane> lane : lanes.entrySet()) {
            long mark = marks.of(lane.getKey(), incarnation);
            count += lane.getValue().pending.stream()
                    .filter(one -> one.number() > mark)
                    .count();
        }
        return count;
    }

    /** Here was a record that can't be read any more. */
    synchronized void lostRecord() {
        isNumberUnknown = true;
    }

    /** Up to where numbers must be skipped before one is given again; 0 when all that were given are known. */
    synchronized long toSkip() {
        return isNumberUnknown ? accepted + SKIPPED : 0;
    }

    synchronized void skip(long upTo) {
        lose(accepted + 1, upTo);
    }

    private void lose(long from, long to) {
        if (from <= to) {
            lost.add(new Range(from, to));
            skipped += to - from + 1;
            accepted = to;
        }
        isNumberUnknown = false;
    }

    /** Takes entries in; gives the number of the first. */
    synchronized long accept(LogRecord.Accept logged) {
        if (isNumberUnknown && logged.first() == 0) {
            throw new IllegalStateException(
                    "a damaged part of the outbox's log is followed by writes of an older version, "
                            + "which do not say their numbers: whether they were carried out can't be told");
        }
        if (logged.incarnation() != 0) {
            begin(logged.incarnation());
        }
        // equal unless something before it can't be read
        lose(accepted + 1, logged.first() - 1);
        List<byte[]> entries = logged.entries();
        long first = accepted + 1;
        for (byte[] entry : entries) {
            add(new QueuedWrite(++accepted, entry));
        }
        notifyAll();
        return first;
    }

    private void add(QueuedWrite one) {
        lane(one.shard()).pending.add(one);
        pending++;
        bytes += one.bytes().length;
    }

    /** A shard's writes up to a number were carried out; {@code rejectedInAll} of all that it ever had failed. */
    synchronized void forwarded(int shard, long upTo, long rejectedInAll) {
        Lane lane = lane(shard);
        while (!lane.pending.isEmpty() && lane.pending.peek().number() <= upTo) {
            bytes -= lane.pending.remove().bytes().length;
            pending--;
        }
        lane.rejected = Math.max(lane.rejected, rejectedInAll);
        notifyAll();
    }

    synchronized @Nullable QueuedWrite oldest() {
        return lanes.values().stream()
                .filter(lane -> !lane.pending.isEmpty())
                .map(lane -> lane.pending.peek())
                .min(Comparator.comparingLong(QueuedWrite::number))
                .orElse(null);
    }

    /** Waits up to {@code millis} for a write of a shard after {@code number}, or to be woken. */
    synchronized boolean awaitAfter(int shard, long number, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        int before = wakes;
        while (!hasAfter(shard, number) && wakes == before) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        return hasAfter(shard, number);
    }

    private boolean hasAfter(int shard, long number) {
        QueuedWrite last = lane(shard).pending.peekLast();
        return last != null && last.number() > number;
    }

    /** Wakes who waits, without anything having changed here. */
    synchronized void wake() {
        wakes++;
        notifyAll();
    }

    /** The first writes of a shard after {@code number}, within both bounds but at least one. */
    synchronized List<QueuedWrite> after(int shard, long number, int most, long mostBytes) {
        List<QueuedWrite> found = new ArrayList<>();
        long size = 0;
        for (QueuedWrite one : lane(shard).pending) {
            if (one.number() <= number) {
                continue;
            }
            size += one.bytes().length;
            if (!found.isEmpty() && (found.size() >= most || size > mostBytes)) {
                break;
            }
            found.add(one);
        }
        return found;
    }

    synchronized byte[] encode() {
        int size = 4 * 8 + 1 + 4 + lost.size() * (8 + 8) + 4 + lanes.size() * (4 + 8 + 4);
        for (Lane lane : lanes.values()) {
            for (QueuedWrite one : lane.pending) {
                size = Math.addExact(size, 8 + 4 + one.bytes().length);
            }
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putLong(FORMAT).putLong(incarnation).putLong(accepted).putLong(skipped);
        out.put((byte) (isNumberUnknown ? 1 : 0)).putInt(lost.size());
        lost.forEach(range -> out.putLong(range.from).putLong(range.to));
        out.putInt(lanes.size());
        lanes.forEach((shard, lane) -> {
            out.putInt(shard).putLong(lane.rejected).putInt(lane.pending.size());
            for (QueuedWrite one : lane.pending) {
                out.putLong(one.number()).putInt(one.bytes().length).put(one.bytes());
            }
        });
        return out.array();
    }

    /** Replaces everything with what {@link #encode} gave, or with nothing. */
    synchronized void restore(byte @Nullable [] state) {
        lanes.clear();
        incarnation = 0;
        accepted = 0;
        pending = 0;
        bytes = 0;
        skipped = 0;
        isNumberUnknown = false;
        lost.clear();
        if (state != null) {
            ByteBuffer in = ByteBuffer.wrap(state);
            long first = in.getLong();
            if (first == FORMAT || first == FORMAT_WITHOUT_LOSS) {
                restoreLanes(in, first == FORMAT);
            } else {
                incarnation = first;
                restoreOnlyLane(in);
            }
        }
        notifyAll();
    }

    private void restoreLanes(ByteBuffer in, boolean withLoss) {
        incarnation = in.getLong();
        accepted = in.getLong();
        if (withLoss) {
            skipped = in.getLong();
            isNumberUnknown = in.get() != 0;
            for (int left = in.getInt(); left > 0; left--) {
                lost.add(new Range(in.getLong(), in.getLong()));
            }
        }
        for (int left = in.getInt(); left > 0; left--) {
            int shard = in.getInt();
            lane(shard).rejected = in.getLong();
            for (int entries = in.getInt(); entries > 0; entries--) {
                add(new QueuedWrite(in.getLong(), shard, bytes(in)));
            }
        }
    }

    private void restoreOnlyLane(ByteBuffer in) {
        accepted = in.getLong();
        long unused = in.getLong(); // how many were forwarded: all that are not here
        lane(0).rejected = in.getLong();
        int count = in.getInt();
        for (int i = 1; i <= count; i++) {
            add(new QueuedWrite(accepted - count + i, bytes(in)));
        }
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return bytes;
    }
}
