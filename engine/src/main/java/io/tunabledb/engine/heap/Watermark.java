package io.tunabledb.engine.heap;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The part of the heap above which a database refuses writes. Any thread. */
public final class Watermark {
    /** Smaller transactions are not asked about by themselves. */
    public static final int SMALL_BYTES = 1 << 16;

    private final double part;
    private final @Nullable Heap heap;

    public Watermark(double part) {
        this(part, Heap.jvm());
    }

    Watermark(double part, @Nullable Heap heap) {
        this.part = part;
        this.heap = heap;
    }

    /** TC006 when more stays in use. */
    public void require() throws SQLException {
        Heap all = heap;
        if (all != null && all.isOver(part, 0)) {
            throw refused("the write is refused", all, "");
        }
    }

    /**
     * TC006 when it would be over once a transaction has come to every replica.
     *
     * @param bytes what its changes are in the log
     * @param growth how many bytes the rows of one replica take more afterwards
     */
    public void requireRoomFor(String what, long bytes, long growth, int replicas) throws SQLException {
        Heap all = heap;
        // where it ran the rows are in the heap already; the log keeps the changes, and others decode them
        long more = growth * (replicas - 1) + bytes * 2;
        if (all != null && growth > SMALL_BYTES && all.isOver(part, more)) {
            throw refused(
                    "the " + what + " was rolled back",
                    all,
                    ", and its changes need about " + (more >> 20) + " MB more on " + replicas + " replicas");
        }
    }

    private SQLException refused(String what, Heap all, String besides) {
        return Errors.of(
                SqlState.OVER_LIMIT,
                what + ": " + (all.found() >> 20) + " MB of " + (all.capacity() >> 20)
                        + " MB heap stay in use after a collection" + besides + "; the bound is memoryWatermark=" + part
                        + ": give the JVM a larger heap (-Xmx), delete rows, or write less at a time");
    }
}
