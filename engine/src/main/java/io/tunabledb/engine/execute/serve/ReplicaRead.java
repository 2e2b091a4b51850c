package io.tunabledb.engine.execute.serve;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SchemaDoubt;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.statement.TransactionTime;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Reader.Mode;
import io.tunabledb.engine.shard.Replica;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One read at one replica, which meets the read's condition.
 *
 * <p>The order that makes each promise true: the condition is tested against {@code applied} before the query opens its
 * storage snapshot, and {@code applying} is noted after the query has its result (see {@code AppliedIndex}). Nothing waits for
 * an index while it holds a snapshot.
 */
public final class ReplicaRead {
    private ReplicaRead() {}

    /** Whose statement it is. */
    public interface Caller {
        /** What the clock says to it. */
        TransactionTime time();

        /** It runs through this reader from now on, for whoever cancels it. */
        void runsIn(Reader reader);

        /** Fails with 57014 when it was cancelled. */
        void requireGoingOn() throws SQLException;

        /** Whether a SET of the session bounds how long its queries may run. */
        boolean hasQueryTimeout();

        /** What is answered, rows or an error, may tell of this epoch. */
        void sawEpoch(long epoch);
    }

    /** What is to be read. */
    public interface Asked {
        StorageStatement query();

        Parameters parameters();

        Level level();

        /** How old the rows may be when they are read; null: that does not matter. */
        @Nullable
        Duration maxStaleness();

        /** {@code SCHEMA.TABLE}, with those behind views. */
        List<String> tables();

        PlacementVersion placement();

        /** Whether its snapshot stays pinned for later reads. */
        boolean keepsSnapshot();

        /** Whether storage is to say what else the rows' snapshot has: only a pinned one can be asked. */
        boolean isAudited();

        /** When it began to wait. */
        long startedNanos();

        Deadline deadline();
    }

    /**
     * What a replica had and gave.
     *
     * @param seen at least the last index that the rows may show
     * @param newestSeen of the newest entry that changed rows in their snapshot; 0 when it was not asked for
     */
    public record Served(ResultSet rows, long seen, long stalenessNanos, long waitedNanos, long newestSeen) {}

    /**
     * Serves it; what keeps its snapshot leaves the reader pinned.
     *
     * @return null when the rows are older than the bound by the time they would be read, or a schema change kept the query out
     *     until the deadline
     * @throws StalePlanException a table is elsewhere than it was planned for
     */
    public static @Nullable Served serve(Reader reader, Asked asked, Caller caller)
            throws SQLException, InterruptedException {
        try {
            return reserved(reader, asked, caller);
        } catch (SQLException e) {
            if (!SchemaDoubt.isResolved(e, reader.replica(), asked.deadline())) {
                throw e;
            }
            return reserved(reader, asked, caller);
        }
    }

    /**
     * A later read of what {@link #serve} left pinned, or a cut.
     *
     * @param index what was applied when it was pinned
     * @throws SQLException 40001: the snapshot is no longer there
     */
    public static Served again(Reader reader, Asked asked, long index, Caller caller)
            throws SQLException, InterruptedException {
        return pinned(reader, index, asked, caller);
    }

    private static @Nullable Served reserved(Reader reader, Asked asked, Caller caller)
            throws SQLException, InterruptedException {
        if (!asked.keepsSnapshot()) {
            return inside(reader, asked, caller);
        }
        reader.reserve(true, asked.deadline());
        try {
            return inside(reader, asked, caller);
        } finally {
            reader.releaseUnpinned();
        }
    }

    private static @Nullable Served inside(Reader reader, Asked asked, Caller caller)
            throws SQLException, InterruptedException {
        if (!reader.enter(asked.tables(), asked.deadline())) {
            return null;
        }
        Replica replica = reader.replica();
        try {
            long waited = System.nanoTime() - asked.startedNanos();
            long staleness = replica.stalenessNanos();
            Duration bound = asked.maxStaleness();
            if (bound != null && staleness > bound.toNanos()) {
                // the lease ran out between the test and here, or a schema change held the query up
                return null;
            }
            asked.placement().require(replica);
            reader.readmit();
            return asked.level() == Level.SNAPSHOT || asked.isAudited()
                    ? inSnapshot(reader, asked, caller, staleness, waited)
                    : query(reader, mode(replica, asked), asked, caller, staleness, waited);
        } finally {
            // an error tells of the rows, too
            caller.sawEpoch(replica.epoch());
            reader.exit();
        }
    }

    /** A read to be audited runs so whatever its level: only there storage can say what else the rows' snapshot has. */
    private static Served inSnapshot(Reader reader, Asked asked, Caller caller, long staleness, long waited)
            throws SQLException {
        boolean kept = false;
        try {
            reader.pin();
            Served served = query(reader, Mode.SNAPSHOT, asked, caller, staleness, waited);
            if (asked.isAudited()) {
                served = new Served(served.rows, served.seen, staleness, waited, reader.newestSeen());
            }
            kept = asked.keepsSnapshot();
            return served;
        } finally {
            if (!kept) {
                reader.unpin();
            }
        }
    }

    private static Served query(Reader reader, Mode mode, Asked asked, Caller caller, long staleness, long waited)
            throws SQLException {
        ResultSet rows = execute(reader, mode, asked, caller);
        return new Served(rows, reader.replica().applying(), staleness, waited, 0);
    }

    private static Mode mode(Replica replica, Asked asked) {
        return asked.level() == Level.READ_UNCOMMITTED && replica.status().leading()
                ? Mode.UNCOMMITTED
                : Mode.COMMITTED;
    }

    /** The snapshot is where it is. */
    private static Served pinned(Reader reader, long index, Asked asked, Caller caller)
            throws SQLException, InterruptedException {
        Replica replica = reader.replica();
        if (!reader.holdsPin() || !replica.isServing()) {
            throw Refusals.rolledBack("a schema change, or a replica rebuilt or stopped, took its snapshot", null);
        }
        long staleness = replica.stalenessNanos();
        if (!reader.enter(asked.deadline())) {
            throw Refusals.rolledBack("a schema change took its snapshot", null);
        }
        try {
            if (!reader.holdsPin()) {
                throw Refusals.rolledBack("a schema change took its snapshot", null);
            }
            requirePinnedFooting(replica, asked);
            return new Served(executePinned(reader, index, asked, caller), index, staleness, 0, 0);
        } catch (SQLException e) {
            if (replica.isServing()) {
                throw e;
            }
            throw Refusals.rolledBack("the replica that held its snapshot stopped", e);
        } finally {
            reader.exit();
        }
    }

    /** A snapshot that is kept sees the tables where they were when it was taken, and can't be planned again. */
    private static void requirePinnedFooting(Replica replica, Asked asked) throws SQLException {
        try {
            asked.placement().require(replica);
        } catch (StalePlanException e) {
            throw asked.keepsSnapshot()
                    ? Refusals.rolledBack("its tables were moved to other shards after its snapshot was taken", e)
                    : e;
        }
    }

    /**
     * Storage keeps what a costly query gave until its tables change, but not beyond the end of a snapshot, and a statement's own
     * cut ends with it. So where nothing changes the query runs beside its snapshot, over what is committed: that is the same as
     * long as no entry is applied. The replica says that it is about to apply one before storage has it, so if it has said nothing
     * from before the snapshot was pinned until the result is there, no commit came between. Tried only if nothing was applied since
     * the same query ran here last: where there is something to gain, and where it won't be done twice.
     */
    private static ResultSet executePinned(Reader reader, long index, Asked asked, Caller caller) throws SQLException {
        StorageStatement query = asked.query();
        Replica replica = reader.replica();
        boolean mayBeKept = !asked.keepsSnapshot()
                && query.isAskedAgain(reader, index)
                && replica.applying() == index
                && query.keepsResult(reader, Mode.COMMITTED);
        if (mayBeKept) {
            ResultSet rows = execute(reader, Mode.COMMITTED, asked, caller);
            if (replica.applying() == index && reader.holdsPin()) {
                return rows;
            }
            rows.close();
        }
        return execute(reader, Mode.SNAPSHOT, asked, caller);
    }

    private static ResultSet execute(Reader reader, Mode mode, Asked asked, Caller caller) throws SQLException {
        StorageStatement query = asked.query();
        PreparedStatement statement = query.on(reader, mode);
        asked.parameters().bind(statement);
        reader.running(statement);
        caller.runsIn(reader);
        try {
            // a cancel that came before this was storage's to run is not storage's to know
            caller.requireGoingOn();
            ResultSet rows = caller.time().read(statement.getConnection(), statement::executeQuery);
            query.executed();
            if (reader.isDiscarded()) {
                rows.close();
                throw Refusals.rolledBack("a schema change went on beside the query, which could not be ended", null);
            }
            return rows;
        } catch (SQLException e) {
            // an eviction may come too late for the statement it meant and cancel the next one
            boolean isStray = SqlState.CANCELLED.code().equals(e.getSQLState())
                    && !reader.wasCancelled()
                    && query.timeout() == null
                    && !caller.hasQueryTimeout();
            if (reader.wasEvicted() || reader.isDiscarded() || isStray) {
                throw Refusals.rolledBack("a schema change could not wait for the query any longer", e);
            }
            throw e;
        } finally {
            reader.idle();
        }
    }
}
