package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.shard.apply.Readers;
import io.tunabledb.engine.shard.fresh.ReadGate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * A replica's readers and the gate they go through, which a schema change and a change of storage close. Queries and pinned
 * snapshots get a grace, then they are ended with 40001: apply must go on.
 */
final class ReaderGate implements Readers {
    private static final Duration EVICT_AGAIN = Duration.ofMillis(20);

    private final ReadGate gate = new ReadGate();
    private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
    private final Duration grace;

    ReaderGate(Duration grace) {
        this.grace = grace;
    }

    /** Where readers go in and out. */
    ReadGate gate() {
        return gate;
    }

    void add(Reader reader) {
        readers.add(reader);
    }

    void remove(Reader reader) {
        readers.remove(reader);
    }

    /** Whether a query of one of these tables is inside. */
    boolean isRead(Predicate<List<String>> tables) {
        return readers.stream().anyMatch(reader -> reader.isReading(tables));
    }

    /** Closes it for a schema change: no query is inside any more, and no snapshot is pinned. By the log's thread. */
    @Override
    public void closeForDefinition() {
        Deadline until = Deadline.in(grace);
        try {
            // a pinned snapshot can only come to its end while the gate is open; under load there is always another
            Map<Reader, Long> pinned = new HashMap<>();
            readers.stream().filter(Reader::isPinned).forEach(reader -> pinned.put(reader, reader.pins()));
            while (pinned.entrySet().stream()
                            .anyMatch(pin ->
                                    pin.getKey().isPinned() && pin.getKey().pins() == pin.getValue())
                    && !until.isPast()) {
                LockSupport.parkNanos(1_000_000);
            }
            gate.close();
            if (!gate.awaitEmpty(until, this::discarded)) {
                endReaders();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a schema change waited for queries", e);
        }
        readers.stream().filter(Reader::isPinned).forEach(Reader::evict);
    }

    /**
     * Storage looks for a cancel between two rows only, and never in the middle of a regular expression: what has not ended
     * after another grace is left to run beside the schema change, and its result is discarded.
     */
    private void endReaders() throws InterruptedException {
        Deadline until = Deadline.in(grace);
        do {
            readers.forEach(Reader::evict);
            if (until.isPast()) {
                readers.forEach(Reader::discard);
            }
        } while (!gate.awaitEmpty(Deadline.in(EVICT_AGAIN), this::discarded));
    }

    private int discarded() {
        return (int) readers.stream().filter(Reader::isDiscarded).count();
    }

    /** Closes it for another storage: queries that do not end are evicted, and end with the storage they are in. */
    @Override
    public void closeForRestore() {
        gate.close();
        try {
            if (!gate.awaitEmpty(Deadline.in(grace))) {
                readers.forEach(Reader::evict);
                gate.awaitEmpty(Deadline.in(grace));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void open() {
        gate.open();
    }
}
