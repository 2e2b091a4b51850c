package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.sql.Isolation;
import io.tunabledb.engine.h2.statement.FirstStatement;
import io.tunabledb.engine.shard.cut.Pinnable;
import io.tunabledb.engine.shard.fresh.ReadGate;
import io.tunabledb.engine.shard.held.DefinedTables;
import io.tunabledb.engine.shard.held.Places;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session's way to read one replica: its storage connections there, opened when first needed. Used by one thread at
 * a time, except {@link #cancel} and {@link #evict}.
 */
public final class Reader implements Pinnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

    /** Which rows a query sees. */
    public enum Mode {
        /** What was committed when the statement began. */
        COMMITTED,
        /** What was committed when the snapshot was pinned. */
        SNAPSHOT,
        /** Also rows not yet committed. */
        UNCOMMITTED
    }

    /** Brings a fresh storage connection to the session's settings. */
    @FunctionalInterface
    public interface Setup {
        void apply(Connection connection) throws SQLException;
    }

    private final Replica replica;
    private final Setup setup;
    private final Map<Mode, Connection> connections = new EnumMap<>(Mode.class);
    /** Storage takes a transaction's snapshot, of all tables, with its first statement, whichever that is. */
    private @Nullable PreparedStatement fixing;

    private @Nullable Storage storage;
    private int stripe;
    private Places.@Nullable Place queryPlace;
    private Places.@Nullable Place snapshotPlace;
    private volatile @Nullable Statement running;
    private volatile boolean cancelled;
    /** Whether its statement is inside the gate; by the owner. */
    private volatile boolean inside;
    /** The tables of what is inside, or about to be; by the owner. */
    private volatile List<String> reading = List.of();
    /** By the owner when it enters, then by the apply thread. */
    private volatile boolean discarded;

    private volatile boolean evicted;
    private volatile boolean pinned;
    /** By the owner. */
    private volatile long pins;

    Reader(Replica replica, Setup setup) {
        this.replica = replica;
        this.setup = setup;
    }

    /** The replica this reads. */
    public Replica replica() {
        return replica;
    }

    /**
     * The connection for {@code mode}; another object after the replica's storage was replaced, so prepared statements
     * are only good for the connection they came from.
     */
    public Connection connection(Mode mode) throws SQLException {
        Storage current = replica.storage();
        if (storage != current) {
            closeConnections();
            storage = current;
        }
        Connection connection = connections.get(mode);
        if (connection == null) {
            connection = current.openReader();
            if (mode == Mode.UNCOMMITTED) {
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED);
            } else if (mode == Mode.SNAPSHOT) {
                connection.setTransactionIsolation(Isolation.SNAPSHOT);
                connection.setAutoCommit(false);
            }
            setup.apply(connection);
            if (mode == Mode.SNAPSHOT) {
                // the settings began a transaction, which an idle session must not keep
                connection.commit();
            }
            connections.put(mode, connection);
        }
        return connection;
    }

    /** Hands a new session setting to every connection that is open. */
    public void applyToOpen(Setup setting) throws SQLException {
        if (storage == replica.storage()) {
            for (Connection connection : connections.values()) {
                setting.apply(connection);
            }
            if (!pinned) {
                endSnapshot();
            }
        }
    }

    /**
     * Enters the replica's read gate for one statement; false when a schema change held it until the deadline.
     *
     * @throws SQLException TC006: so many queries run on the replica that there was no place until the deadline
     */
    public boolean enter(Deadline deadline) throws SQLException, InterruptedException {
        return enterGate(deadline);
    }

    /**
     * The same for a query of some tables. Those of a schema change that this replica carries out as the leader are waited
     * for outside of the gate.
     *
     * @param tables {@code SCHEMA.TABLE}, with those behind views
     */
    public boolean enter(List<String> tables, Deadline deadline) throws SQLException, InterruptedException {
        DefinedTables defined = replica.defined();
        while (true) {
            reading = tables;
            if (!enterGate(deadline)) {
                reading = List.of();
                return false;
            }
            // a schema change says first which tables it will lock, and looks then who is inside: one of the two sees
            // the
            // other
            if (!defined.concerns(tables)) {
                return true;
            }
            exit();
            if (!defined.await(tables, deadline)) {
                return false;
            }
        }
    }

    /** Whether it is inside the gate with a query of such tables. */
    boolean isReading(Predicate<List<String>> tables) {
        return inside && tables.test(reading);
    }

    private boolean enterGate(Deadline deadline) throws SQLException, InterruptedException {
        // outside the gate: a schema change must not wait for who waits for a place
        Places.Place place = replica.activeTransactions().places().take(Places.Use.QUERY, deadline);
        boolean entered = false;
        try {
            stripe = ReadGate.stripe();
            entered = replica.gate().enter(stripe, deadline);
        } finally {
            if (!entered) {
                place.release();
            }
        }
        if (entered) {
            queryPlace = place;
            discarded = false;
            inside = true;
        }
        return entered;
    }

    /** Leaves the gate. */
    public void exit() {
        inside = false;
        reading = List.of();
        Places.Place place = queryPlace;
        queryPlace = null;
        replica.gate().exit(stripe);
        if (place != null) {
            place.release();
        }
    }

    /**
     * Takes the place that a snapshot needs which is to outlive the statement; {@link #unpin} gives it back. Outside the
     * gate.
     *
     * @param isKept whether it is a transaction's, else a single query's
     * @throws SQLException TC006: so many snapshots are held on the replica that there was no place until the deadline
     */
    public void reserve(boolean isKept, Deadline deadline) throws SQLException, InterruptedException {
        if (snapshotPlace == null) {
            snapshotPlace =
                    replica.activeTransactions().places().take(isKept ? Places.Use.SNAPSHOT : Places.Use.CUT, deadline);
        }
    }

    /** Gives the place back that was reserved for a snapshot, if it has not come to that. */
    @Override
    public void releaseUnpinned() {
        if (!pinned) {
            leavePlace();
        }
    }

    private void leavePlace() {
        Places.Place place = snapshotPlace;
        snapshotPlace = null;
        if (place != null) {
            place.release();
        }
    }

    /** Declares what is about to run, so that it can be cancelled. */
    public void running(Statement statement) {
        cancelled = false;
        running = statement;
    }

    /** Nothing runs any more. */
    public void idle() {
        running = null;
    }

    /** Cancels what runs, on the user's behalf. */
    public void cancel() throws SQLException {
        Statement now = running;
        if (now != null) {
            cancelled = true;
            now.cancel();
        }
    }

    /** Whether the last statement was cancelled for its user. */
    public boolean wasCancelled() {
        return cancelled;
    }

    /**
     * The next query in SNAPSHOT mode fixes what it and all later ones see, until {@link #unpin}: H2 opens a
     * transaction's snapshot with its first statement. That must not be an older one: a setting that reached the
     * connection, or a query of metadata, opens one too.
     */
    public void pin() throws SQLException {
        // whoever opens the first connection to a storage lets go of what was pinned in the one before
        connection(Mode.SNAPSHOT);
        evicted = false;
        endSnapshot();
        nextPin();
        pinned = true;
    }

    /** Like {@link #pin}, and fixes the snapshot before it returns: of every table, whatever is read later. */
    @Override
    public void pinNow() throws SQLException {
        Connection connection = connection(Mode.SNAPSHOT);
        pin();
        PreparedStatement first = fixing;
        if (first == null) {
            first = FirstStatement.prepare(connection);
            fixing = first;
        }
        first.executeQuery().close();
    }

    /** Whether the pinned snapshot is still there; a schema change or a rebuilt replica takes it. */
    public boolean holdsPin() {
        return pinned && !evicted && storage == replica.storage();
    }

    /** The newest entry that changed rows in the pinned snapshot, once a query has fixed it: an auditor's evidence. */
    public long newestSeen() throws SQLException {
        Storage current = storage;
        return current == null ? 0 : current.newestSeen(connection(Mode.SNAPSHOT));
    }

    /** Lets go of the pinned snapshot. */
    @Override
    public void unpin() throws SQLException {
        pinned = false;
        try {
            endSnapshot();
        } finally {
            leavePlace();
        }
    }

    /** Nothing was changed in it: after a rollback H2 would take what a query gave in it for what it gives in the next. */
    private void endSnapshot() throws SQLException {
        Connection connection = connections.get(Mode.SNAPSHOT);
        // a closed one holds nothing any more: its replica stopped
        if (connection != null && storage == replica.storage() && !connection.isClosed()) {
            connection.commit();
        }
    }

    /** Takes back an earlier eviction, before a new statement. */
    public void readmit() {
        if (!pinned) {
            evicted = false;
        }
    }

    /** Whether a schema change has ended what ran or was pinned here. */
    public boolean wasEvicted() {
        return evicted;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the owner alone writes it
    private void nextPin() {
        pins++;
    }

    /** How often it was pinned: two that were one after the other are told apart by it. */
    long pins() {
        return pins;
    }

    boolean isPinned() {
        return pinned;
    }

    /**
     * On the apply thread, while the gate is closed: a schema change goes on beside what runs here, which could not be ended.
     * Its result is of no use, whatever it is. One that has entered the gate but does not say so yet is met the next time.
     */
    void discard() {
        if (inside) {
            discarded = true;
        }
    }

    /** Whether a schema change went on beside what runs here. */
    public boolean isDiscarded() {
        return inside && discarded;
    }

    /** On the apply thread: a schema change can wait no longer. */
    void evict() {
        evicted = true;
        Statement now = running;
        if (now != null) {
            try {
                now.cancel();
            } catch (SQLException e) {
                // the statement ended by itself meanwhile
                running = null;
            }
        }
    }

    @Override
    public void close() {
        replica.forget(this);
        closeConnections();
        leavePlace();
    }

    private void closeConnections() {
        pinned = false;
        fixing = null;
        for (Connection connection : connections.values()) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.trace("a replaced or stopped storage has closed it already", e);
            }
        }
        connections.clear();
    }
}
