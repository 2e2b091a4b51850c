package io.tunabledb.engine.shard.held;

import io.tunabledb.engine.clock.Deadline;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The places for open transactions in one replica's storage. H2 has room for 255 in a database, and with the 256th everything
 * fails, the engine's own work too. So clients wait here, in the order they came, before storage is asked; what is left over
 * is for applying, outboxes, schema changes, checks and snapshots, which take no place.
 *
 * <p>Whoever waits for a place may hold places in other shards. Two that wait for each other's end at their deadlines.
 */
public final class Places {
    /** What storage has room for. */
    private static final int ROOM = 255;

    /** What a place is for. */
    public enum Use {
        /** A transaction that may write, from its first statement until it is applied or undone. */
        TRANSACTION(100, "transactions that may write"),
        /** A snapshot that several queries read. */
        SNAPSHOT(48, "snapshots of read-only transactions"),
        /** One shard's part of a single query over several. */
        CUT(24, "queries over several shards"),
        /** A query while it runs. */
        QUERY(56, "running queries"),
        /** A change of the settings, which a schema change over several shards makes too, when others keep all places. */
        SETTINGS(8, "changes of settings");

        private final int places;
        private final String text;

        Use(int places, String text) {
            this.places = places;
            this.text = text;
        }

        /** How many there are. */
        int places() {
            return places;
        }
    }

    /** One taken place. From any thread, and as often as you like, it is given back once. */
    public static final class Place {
        private final Permits from;
        private final AtomicBoolean given = new AtomicBoolean();

        private Place(Permits from) {
            this.from = from;
        }

        public void release() {
            if (given.compareAndSet(false, true)) {
                from.release();
            }
        }
    }

    /** A fair semaphore that can owe permits. */
    private static final class Permits extends Semaphore {
        private static final long serialVersionUID = 1L;

        Permits(Use use) {
            super(use.places, true);
        }

        void take() {
            reducePermits(1);
        }
    }

    private final Permits transactions = new Permits(Use.TRANSACTION);
    private final Permits snapshots = new Permits(Use.SNAPSHOT);
    private final Permits cuts = new Permits(Use.CUT);
    private final Permits queries = new Permits(Use.QUERY);
    private final Permits settings = new Permits(Use.SETTINGS);

    private Permits of(Use use) {
        return switch (use) {
            case TRANSACTION -> transactions;
            case SNAPSHOT -> snapshots;
            case CUT -> cuts;
            case QUERY -> queries;
            case SETTINGS -> settings;
        };
    }

    /**
     * Waits for a place.
     *
     * @throws SQLException TC006 when none is free by the deadline
     */
    public Place take(Use use, Deadline deadline) throws SQLException, InterruptedException {
        Permits permits = of(use);
        long startedNanos = System.nanoTime();
        if (!deadline.await(nanos -> permits.tryAcquire(nanos, TimeUnit.NANOSECONDS))) {
            throw new SQLTransientException(
                    "no place for another transaction in this replica's storage: its " + use.places + " places for "
                            + use.text + " (of " + ROOM + " that H2 has in all) stayed taken for "
                            + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos) + " ms, and "
                            + permits.getQueueLength() + " more wait; end transactions sooner, use fewer connections"
                            + " at a time, or allow more time (consistencyTimeout, WITHIN)",
                    "TC006");
        }
        return new Place(permits);
    }

    /** A place for what can't wait, because the log has it already; others wait the longer. */
    public Place takeNow(Use use) {
        Permits permits = of(use);
        permits.take();
        return new Place(permits);
    }

    /** How many are free; below 0 when {@link #takeNow} has taken more than there are. */
    int free(Use use) {
        return of(use).availablePermits();
    }
}
