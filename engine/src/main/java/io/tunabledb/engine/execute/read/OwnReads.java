package io.tunabledb.engine.execute.read;

import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.serve.ReplicaRead;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.h2.statement.TransactionTime;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Reader.Mode;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.cut.CutPin;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A session's reads of replicas beside it, which it reads by reference. */
final class OwnReads implements ReplicaRead.Caller {
    private final ShardSession session;

    OwnReads(ShardSession session) {
        this.session = session;
    }

    /**
     * Reads at a replica that meets the rung.
     *
     * @return null when it may be tried again, there or elsewhere: the replica stopped under it, or grew too old
     */
    ReplicaRead.@Nullable Served read(Attempt attempt, ReplicaSearch search, Replica replica)
            throws SQLException, InterruptedException {
        try {
            return ReplicaRead.serve(session.reader(replica), attempt, this);
        } catch (SQLException e) {
            if (replica.isServing() || attempt.deadline().isPast()) {
                throw e;
            }
            search.failed(e);
            return null;
        }
    }

    /** What a read has left pinned at a replica. */
    Pinned pinned(Replica replica, long index) {
        return new Pin(session.reader(replica), index);
    }

    /** Readies the session's reader of {@code replica} to be pinned at a cut: all that takes time is done here. */
    CutPin readyForCut(Replica replica, Deadline deadline) throws SQLException, InterruptedException {
        Reader reader = session.reader(replica);
        if (!reader.enter(deadline)) {
            throw Refusals.blockedByDefinition(session);
        }
        try {
            reader.readmit();
            reader.connection(Mode.SNAPSHOT);
        } finally {
            reader.exit();
        }
        reader.reserve(session.state().mode().keepsSnapshot(), deadline);
        return new CutPin(reader);
    }

    private final class Pin implements Pinned {
        private final Reader reader;
        private final long index;

        Pin(Reader reader, long index) {
            this.reader = reader;
            this.index = index;
        }

        @Override
        public long index() {
            return index;
        }

        @Override
        public Result read(Attempt attempt) throws SQLException {
            Replica replica = reader.replica();
            try {
                ReplicaRead.Served served = ReplicaRead.again(reader, attempt, index, OwnReads.this);
                return attempt.result(
                        served, replica.shard(), replica.node(), replica.status(), attempt.earlierAttempts() + 1);
            } catch (InterruptedException e) {
                throw Refusals.interrupted(e);
            }
        }

        @Override
        public void unpin() throws SQLException {
            reader.unpin();
        }
    }

    @Override
    public TransactionTime time() {
        return session.state().time();
    }

    @Override
    public void runsIn(Reader reader) {
        session.activate(reader);
    }

    @Override
    public void requireGoingOn() throws SQLException {
        session.state().underway().requireGoingOn();
    }

    @Override
    public boolean hasQueryTimeout() {
        return session.state().settings().hasQueryTimeout();
    }

    @Override
    public void sawEpoch(long epoch) {
        session.sawEpoch(epoch);
    }
}
