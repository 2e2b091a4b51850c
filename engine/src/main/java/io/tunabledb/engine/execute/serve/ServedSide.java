package io.tunabledb.engine.execute.serve;

import io.tunabledb.consistency.Level;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.codec.CarriedError;
import io.tunabledb.engine.message.ReadMessage.Answer;
import io.tunabledb.engine.message.ReadMessage.Execute;
import io.tunabledb.engine.message.ReadMessage.Page;
import io.tunabledb.engine.message.ReadMessage.Snapshot;
import io.tunabledb.engine.message.ReadMessage.Terms;
import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a node keeps for a session that sits elsewhere and reads one of its replicas. One message at a time, but for a cancel: the
 * session asks the next only when it waits for the one before no longer.
 */
final class ServedSide {
    private final Replica replica;
    private final OpenRows.Limit limit;
    private final ReentrantLock turn = new ReentrantLock();

    // guarded by the turn
    private @Nullable ServedReader current;
    /** Those whose settings are no longer the session's, while there is something to be read from them. */
    private final List<ServedReader> retired = new ArrayList<>();

    private @Nullable ServedReader pinned;
    private long pinnedIndex;
    private long lastNumber;
    private boolean isEnded;

    private volatile @Nullable RunningRead running;
    private volatile long usedNanos = System.nanoTime();

    ServedSide(Replica replica, OpenRows.Limit limit) {
        this.replica = replica;
        this.limit = limit;
    }

    /** From any thread. */
    void cancel(long number) {
        RunningRead now = running;
        if (now != null && now.number() == number) {
            now.cancel();
        }
    }

    /** Null when it is ended: the session has another by now, or is to have one. */
    @Nullable
    Answer execute(Execute asked) throws InterruptedException {
        Deadline deadline = Deadline.in(asked.terms().within());
        RunningRead before = running;
        if (before != null && before.number() < asked.number()) {
            // its answer was lost, or nobody waits for it any more
            before.cancel();
        }
        if (!deadline.await(nanos -> turn.tryLock(nanos, TimeUnit.NANOSECONDS))) {
            return new Answer.NotMet(null, 0);
        }
        RunningRead run = new RunningRead(asked.number(), asked.statement());
        try {
            if (isEnded) {
                return null;
            }
            if (asked.number() <= lastNumber) {
                // it was long under way, and nobody waits for it any more
                return new Answer.Cancelled();
            }
            lastNumber = asked.number();
            running = run;
            return answer(asked, run, deadline);
        } finally {
            running = null;
            run.end();
            usedNanos = System.nanoTime();
            turn.unlock();
        }
    }

    private Answer answer(Execute asked, RunningRead run, Deadline deadline) throws InterruptedException {
        boolean isKept = asked.terms().snapshot() == Snapshot.KEPT;
        try {
            return isKept ? readKept(asked, run, deadline) : read(asked, run, deadline);
        } catch (InterruptedException e) {
            if (run.isCancelled()) {
                return new Answer.Cancelled();
            }
            throw e;
        } catch (StalePlanException e) {
            return new Answer.Moved(String.valueOf(e.getMessage()), run.epoch());
        } catch (SQLException e) {
            return isKept || replica.isServing() || deadline.isPast()
                    ? new Answer.Failed(CarriedError.of(e), run.epoch())
                    : new Answer.Gone(replica.nodeName() + " stopped under the statement: " + e.getMessage());
        }
    }

    private Answer read(Execute asked, RunningRead run, Deadline deadline) throws SQLException, InterruptedException {
        long startedNanos = System.nanoTime();
        if (!replica.isServing()) {
            return new Answer.Gone(replica.nodeName() + " does not serve");
        }
        Terms terms = asked.terms();
        ReplicaWait wait = new ReplicaWait(replica, Deadline.in(terms.forCondition()));
        if (!run.await(() -> wait.meets(terms.condition()))) {
            Exception why = wait.unconfirmed();
            return new Answer.NotMet(why == null ? null : why.toString(), 0);
        }
        ServedReader through = readied(asked.statement().settings());
        ReplicaRead.Served served = ReplicaRead.serve(
                through.reader(), new Carried(asked, through.query(asked.statement()), startedNanos, deadline), run);
        if (served == null) {
            return new Answer.NotMet(null, run.epoch());
        }
        if (terms.snapshot() == Snapshot.KEEP) {
            pinned = through;
            pinnedIndex = served.seen();
        }
        return rows(served, through, run);
    }

    private Answer readKept(Execute asked, RunningRead run, Deadline deadline)
            throws SQLException, InterruptedException {
        ServedReader through = pinned;
        if (through == null) {
            throw Refusals.rolledBack(
                    replica.nodeName() + " no longer holds its snapshot, as after a restart or a long pause", null);
        }
        through.learn(asked.statement().settings());
        ReplicaRead.Asked read = new Carried(asked, through.query(asked.statement()), System.nanoTime(), deadline);
        return rows(ReplicaRead.again(through.reader(), read, pinnedIndex, run), through, run);
    }

    /** What a session elsewhere asked, as the replica is asked. */
    private record Carried(Execute message, StorageStatement query, long startedNanos, Deadline deadline)
            implements ReplicaRead.Asked {
        @Override
        public Parameters parameters() {
            return target -> BoundValues.bind(message.statement().values(), target);
        }

        @Override
        public Level level() {
            return message.terms().level();
        }

        @Override
        public @Nullable Duration maxStaleness() {
            return message.terms().maxStaleness();
        }

        @Override
        public List<String> tables() {
            return message.statement().tables();
        }

        @Override
        public PlacementVersion placement() {
            return new PlacementVersion(message.terms().places());
        }

        @Override
        public boolean keepsSnapshot() {
            return message.terms().snapshot() != Snapshot.OWN;
        }

        @Override
        public boolean isAudited() {
            return message.terms().isAudited();
        }
    }

    private Answer rows(ReplicaRead.Served served, ServedReader through, RunningRead run) throws SQLException {
        return new Answer.Rows(
                through.rows().open(served.rows(), run.number()),
                served.seen(),
                // after the result, as whatever it may tell of
                replica.epoch(),
                served.stalenessNanos(),
                served.waitedNanos(),
                served.newestSeen(),
                replica.status(),
                run.time().asked());
    }

    /** The session's reader, with what it has SET by now. */
    private ServedReader readied(List<String> settings) throws SQLException {
        ServedReader known = current;
        if (known != null && known.canLearn(settings)) {
            known.learn(settings);
            return known;
        }
        if (known != null) {
            retired.add(known);
            closeRetired();
        }
        ServedReader fresh = new ServedReader(replica, settings, limit);
        current = fresh;
        return fresh;
    }

    private void closeRetired() {
        for (Iterator<ServedReader> all = retired.iterator(); all.hasNext(); ) {
            ServedReader one = all.next();
            if (one.rows().isEmpty() && one != pinned) {
                all.remove();
                one.close();
            }
        }
    }

    /** Null when there is no such result here, or no longer. */
    @Nullable
    Page next(long number, int page) throws SQLException {
        turn.lock();
        try {
            if (!replica.isServing()) {
                // a node that is stopped answers nobody, whatever its heap still has
                return null;
            }
            Page found = null;
            for (ServedReader one : all()) {
                found = found == null ? one.rows().next(number, page) : found;
            }
            return found;
        } finally {
            usedNanos = System.nanoTime();
            turn.unlock();
        }
    }

    void closeRows(long number) {
        turn.lock();
        try {
            all().forEach(one -> one.rows().close(number));
            closeRetired();
        } finally {
            turn.unlock();
        }
    }

    void unpin() throws SQLException {
        turn.lock();
        try {
            ServedReader held = pinned;
            pinned = null;
            if (held != null) {
                held.reader().unpin();
            }
            closeRetired();
        } finally {
            turn.unlock();
        }
    }

    private List<ServedReader> all() {
        List<ServedReader> all = new ArrayList<>(retired);
        if (current != null) {
            all.add(Objects.requireNonNull(current));
        }
        return all;
    }

    /** Ends all of it if it was not used for so long; true when it is ended. */
    boolean endIfUnused(long nanos) {
        if (System.nanoTime() - usedNanos < nanos || !turn.tryLock()) {
            return false;
        }
        try {
            if (System.nanoTime() - usedNanos < nanos) {
                return false;
            }
            end();
            return true;
        } finally {
            turn.unlock();
        }
    }

    /** The session reads here no more. */
    void leave() {
        RunningRead now = running;
        if (now != null) {
            now.cancel();
        }
        boolean isMine = false;
        try {
            // what runs on is ended by its storage, or when it was not used for long
            isMine = turn.tryLock(1, TimeUnit.SECONDS);
            if (isMine) {
                end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (isMine) {
                turn.unlock();
            }
        }
    }

    private void end() {
        isEnded = true;
        all().forEach(ServedReader::close);
        retired.clear();
        current = null;
        pinned = null;
    }
}
