package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.serve.ReplicaRead;
import io.tunabledb.engine.execute.serve.ServedReads;
import io.tunabledb.engine.execute.session.Asking;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.codec.PagedRows;
import io.tunabledb.engine.h2.statement.NeutralConnection;
import io.tunabledb.engine.h2.statement.TransactionTime;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.message.Condition;
import io.tunabledb.engine.message.Nothing;
import io.tunabledb.engine.message.ReadMessage;
import io.tunabledb.engine.message.ReadMessage.Answer;
import io.tunabledb.engine.message.ReadMessage.Side;
import io.tunabledb.engine.message.ReadMessage.Snapshot;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A session's reads of replicas at other nodes, by message; {@code execute/serve/DESIGN.md} tells what happens when one is lost. */
final class OtherReads implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final ShardSession session;
    private final Side by;
    private final NeutralConnection neutral = new NeutralConnection();
    /** Which nodes keep something for the session. */
    private final BitSet asked = new BitSet();

    private long lastNumber;

    OtherReads(ShardSession session) {
        this.session = session;
        this.by = new Side(session.id(), session.shard());
    }

    /**
     * What a node answered.
     *
     * @param role of its replica then
     */
    record Found(ReplicaRead.Served served, LogStatus role) {}

    /**
     * Has the replica that a search has come to wait for the rung's condition and read.
     *
     * @return null when another is to be tried, or this one again
     * @throws SQLException the query's own error; 57014 when it was cancelled
     */
    @Nullable
    Found read(Attempt attempt, ReplicaSearch search) throws SQLException, InterruptedException {
        Snapshot snapshot = attempt.keepsSnapshot() ? Snapshot.KEEP : Snapshot.OWN;
        Answer answer;
        try {
            answer = ask(search.node(), attempt, snapshot, search.condition(), search.slice());
        } catch (IOException e) {
            search.failed(e);
            letGo(search.node(), snapshot);
            pauseBriefly();
            return null;
        }
        if (answer instanceof Answer.NotMet missed) {
            session.sawEpoch(missed.epoch());
            search.notMet(missed.unconfirmed());
            return null;
        } else if (answer instanceof Answer.Gone gone) {
            search.failed(new IOException(gone.why()));
            return null;
        }
        return found(answer, search.node(), attempt);
    }

    /** It may have read, and its answer may be lost; what it then keeps is nobody's. If it does not hear this, it lets go later. */
    private void letGo(int node, Snapshot snapshot) {
        tell(node, new ReadMessage.CloseRows(by, lastNumber));
        if (snapshot == Snapshot.KEEP) {
            tell(node, new ReadMessage.Unpin(by));
        }
    }

    private void tell(int node, ReadMessage<Nothing> message) {
        var unused = Asking.ask(session.state(), node, message);
    }

    private Found found(Answer answer, int node, Attempt attempt) throws SQLException {
        if (answer instanceof Answer.Rows rows) {
            session.sawEpoch(rows.epoch());
            session.state().time().wasAsked(rows.time());
            Pages pages = new Pages(node, lastNumber);
            StorageStatement query = attempt.query();
            ResultSet result = PagedRows.open(
                    new PagedRows.Next(rows.first().bytes(), rows.first().isLast()),
                    pages,
                    query.options().scrollable(),
                    neutral.in(session.state().settings().timeZone()));
            return new Found(
                    new ReplicaRead.Served(
                            result, rows.seen(), rows.stalenessNanos(), rows.waitedNanos(), rows.newestSeen()),
                    rows.role());
        } else if (answer instanceof Answer.Moved moved) {
            session.sawEpoch(moved.epoch());
            throw new StalePlanException(moved.what());
        } else if (answer instanceof Answer.Failed failed) {
            session.sawEpoch(failed.epoch());
            throw failed.error().exception();
        } else if (answer instanceof Answer.Cancelled) {
            throw Errors.of(
                    SqlState.CANCELLED,
                    "the statement was cancelled while n" + node + " waited for "
                            + attempt.rung().text());
        }
        throw Refusals.rolledBack("n" + node + " no longer holds its snapshot", null);
    }

    private Answer ask(int node, Attempt attempt, Snapshot snapshot, Condition condition, Deadline slice)
            throws SQLException, IOException, InterruptedException {
        long number = ++lastNumber;
        ReadMessage.Execute message = new ReadMessage.Execute(
                by,
                number,
                statement(attempt),
                new ReadMessage.Terms(
                        attempt.level(),
                        condition,
                        attempt.maxStaleness(),
                        snapshot,
                        attempt.placement().places(),
                        attempt.isAudited(),
                        left(slice),
                        left(attempt.deadline())));
        SessionState state = session.state();
        asked.set(node);
        state.elsewhere(() -> tell(node, new ReadMessage.Cancel(by, number)));
        try {
            // a cancel that came before this was the node's to run is sent again until this has ended
            state.underway().requireGoingOn();
            return state.cluster().carrier().call(state.home(), node, message);
        } catch (CompletionException e) {
            if (e.getCause() instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            throw e;
        } finally {
            state.elsewhere(null);
        }
    }

    private ReadMessage.Statement statement(ReplicaRead.Asked read) throws SQLException {
        SessionState state = session.state();
        StorageStatement query = read.query();
        TransactionTime time = state.time();
        return new ReadMessage.Statement(
                query.number(),
                query.sql(),
                query.options(),
                query.maxRows(),
                query.timeoutSeconds(),
                neutral.values(state.settings().timeZone(), read.parameters()::bind),
                state.settings().ofRead(query),
                read.tables(),
                time.isKept(),
                time.asked());
    }

    private static Duration left(Deadline deadline) {
        return Duration.ofNanos(deadline.remainingNanos());
    }

    private static void pauseBriefly() throws InterruptedException {
        LockSupport.parkNanos(PAUSE_NANOS);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** What a read has left pinned at a node. */
    Pinned pinned(int node, long index) {
        return new Pin(node, index);
    }

    private final class Pin implements Pinned {
        private final int node;
        private final long index;

        Pin(int node, long index) {
            this.node = node;
            this.index = index;
        }

        @Override
        public long index() {
            return index;
        }

        @Override
        public Result read(Attempt attempt) throws SQLException {
            try {
                Answer answer = ask(node, attempt, Snapshot.KEPT, new Condition.Applied(index), attempt.deadline());
                Found found = found(answer, node, attempt);
                return attempt.result(found.served, session.shard(), node, found.role, attempt.earlierAttempts() + 1);
            } catch (IOException e) {
                throw Refusals.rolledBack("n" + node + ", which holds its snapshot, does not answer", e);
            } catch (InterruptedException e) {
                throw Refusals.interrupted(e);
            }
        }

        @Override
        public void unpin() {
            // one that does not hear it lets go of it later
            tell(node, new ReadMessage.Unpin(by));
        }
    }

    /** The pages after the first of a result at a node. A page whose answer is lost is asked for again, and is the same. */
    private final class Pages implements PagedRows.Source {
        private final int node;
        private final long number;
        private int page;

        Pages(int node, long number) {
            this.node = node;
            this.number = number;
        }

        @Override
        public PagedRows.Next next() throws SQLException {
            ReadMessage.NextPage message = new ReadMessage.NextPage(by, number, ++page);
            Deadline deadline = Deadline.in(session.consistencyTimeout());
            while (true) {
                try {
                    ReadMessage.Page found = Asking.answer(session.state(), node, message, left(deadline));
                    return new PagedRows.Next(found.bytes(), found.isLast());
                } catch (IOException e) {
                    if (deadline.isPast() || Thread.currentThread().isInterrupted()) {
                        throw ServedReads.gone("n" + node, "or does not answer", e);
                    }
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }

        @Override
        public void close() {
            tell(node, new ReadMessage.CloseRows(by, number));
        }
    }

    @Override
    public void close() {
        neutral.close();
        asked.stream().forEach(node -> tell(node, new ReadMessage.Leave(session.id())));
        asked.clear();
    }
}
