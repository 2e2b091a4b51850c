package io.tunabledb.engine.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Replay;
import io.tunabledb.engine.h2.catalog.RejectedWrite;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.shard.validation.ConflictException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the nodes' weak writes while this replica leads: many in one transaction, with the number of the last of
 * them in the same transaction. One batch at a time, whoever it comes from: they are short, and the counters they are
 * made for would have them wait for each other's rows anyway.
 */
public final class Batches {
    private static final Logger LOG = LoggerFactory.getLogger(Batches.class);
    /** What is executed before the transaction is committed; others may want its rows. */
    private static final Duration LONGEST = Duration.ofMillis(50);

    private final ShardLeader leader;
    private final int maxTransactionBytes;
    private final Replays replays;
    private final Supplier<Rerouting> rerouting;
    private final ReentrantLock turn = new ReentrantLock(true);
    /** Guarded by the turn. */
    private @Nullable Suspect suspected;

    /**
     * @param rerouting says where writes belong now
     */
    public Batches(ShardLeader leader, int maxTransactionBytes, Supplier<Rerouting> rerouting) {
        this.leader = leader;
        this.rerouting = rerouting;
        this.maxTransactionBytes = maxTransactionBytes;
        this.replays = new Replays(leader);
    }

    /**
     * How far a transaction got.
     *
     * @param epoch the highest that those who wrote had seen
     */
    private record Executed(long upTo, int count, int rejected, long epoch) {}

    /** A single write that failed with what no SQL error says. */
    private record Suspect(long incarnation, long number) {}

    /** A shard has forgotten writes that it said it had carried out. Nothing can be done here. */
    private static final class LostWritesException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        LostWritesException(String message) {
            super(message);
        }
    }

    /** The next write's tables have changed shards. */
    private static final class ElsewhereException extends SQLException {
        private static final long serialVersionUID = 1L;
    }

    /** Carries a batch out, or the first part of it; what was carried out before is passed over. */
    public Reply carryOut(Batch batch, Deadline deadline) {
        try {
            if (!deadline.await(nanos -> turn.tryLock(nanos, TimeUnit.NANOSECONDS))) {
                return new Reply.Again("other outboxes were being carried out all the time", false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply.Again("interrupted", false);
        }
        try {
            return attempt(batch, deadline, null);
        } catch (NotLeaderException e) {
            return new Reply.Again(leader.replica().nodeName() + " does not lead", false);
        } catch (SQLException e) {
            // with fewer writes fewer rows are locked, for a shorter time
            return new Reply.Again(
                    e.getMessage() + " [" + e.getSQLState() + "]",
                    batch.entries().size() > 1);
        } catch (LostWritesException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            return unexpected(batch, deadline, e);
        } finally {
            turn.unlock();
        }
    }

    /**
     * What no SQL error says. Among several writes the one it comes from is found by halving; one that does it twice alone
     * would do it for ever, and hold up all that come after it.
     */
    private Reply unexpected(Batch batch, Deadline deadline, Throwable cause) {
        LOG.warn(
                "{} writes of the outbox of n{} can't be carried out",
                batch.entries().size(),
                batch.node(),
                cause);
        Suspect suspect = new Suspect(batch.incarnation(), batch.last());
        if (batch.entries().size() > 1 || !suspect.equals(suspected)) {
            suspected = batch.entries().size() > 1 ? null : suspect;
            return new Reply.Again(cause.toString(), batch.entries().size() > 1);
        }
        try {
            SqlState state = cause instanceof StackOverflowError ? SqlState.OVER_LIMIT : SqlState.NOT_SUPPORTED;
            return attempt(batch, deadline, Errors.of(state, "it can't be executed: " + cause, cause));
        } catch (SQLException | NotLeaderException e) {
            return new Reply.Again(e.getMessage() + ", after " + cause, false);
        }
    }

    /**
     * @param rejectFirst what to reject the first write with, alone; null to execute all
     */
    private Reply attempt(Batch batch, Deadline deadline, @Nullable SQLException rejectFirst) throws SQLException {
        long known = leader.replica().outboxMark(batch.incarnation());
        if (known >= batch.last()) {
            return new Reply.Done(known, 0);
        }
        Replay replay;
        try {
            replay = replays.of(rejectFirst == null ? settings(batch, known) : List.of());
        } catch (SQLException e) {
            if (rejectFirst != null || SqlErrors.isTransient(e)) {
                throw e;
            }
            // a schema that was dropped meanwhile, for example
            return attempt(batch, deadline, e);
        }
        ActiveTransaction held = leader.begin(replay.writer(), batch.incarnation());
        boolean isProposed = false;
        try {
            long mark = inside(held, deadline, () -> replay.writer().own().lockOutboxMark(batch.incarnation()));
            if (mark > known) {
                // a write that was carried out elsewhere raised it, in a transaction like any other
                leader.replica().carriedOut(batch.incarnation(), mark);
            }
            if (mark != known) {
                return new Reply.Again("an earlier batch was still being committed", false);
            }
            Executed executed;
            try {
                executed = execute(held, replay, batch, mark, deadline, rejectFirst);
            } catch (ElsewhereException e) {
                leader.rollBack(held);
                return reroute(batch, mark, deadline);
            }
            byte[] changes = inside(held, deadline, () -> {
                replay.writer().own().raiseOutboxMark(batch.node(), batch.incarnation(), executed.upTo);
                return Objects.requireNonNull(replay.writer().changes(), "the mark was raised");
            });
            if (changes.length > maxTransactionBytes) {
                String found = executed.count + " writes change " + changes.length + " bytes, maxTransaction="
                        + maxTransactionBytes;
                if (executed.count > 1) {
                    return new Reply.Again(found, true);
                }
                leader.rollBack(held);
                return attempt(batch, deadline, Errors.of(SqlState.OVER_LIMIT, found));
            }
            if (!leader.awaitEpoch(executed.epoch, deadline)) {
                return new Reply.Again("the shard could not come to the epoch its writers have seen", false);
            }
            isProposed = true;
            return commit(held, replay, changes, new TransactionId(batch.incarnation(), executed.upTo), deadline)
                    ? new Reply.Done(executed.upTo, executed.rejected)
                    : new Reply.Again("the shard's leader changed, or did not answer in time", false);
        } finally {
            if (!isProposed) {
                leader.rollBack(held);
            }
        }
    }

    /** Carries the first write out where it belongs now. */
    private Reply reroute(Batch batch, long mark, Deadline deadline) throws SQLException {
        for (QueuedWrite pending : batch.entries()) {
            if (pending.number() > mark) {
                try {
                    rerouting.get().carryOut(leader.replica().node(), batch, pending);
                    leader.replica().carriedOut(batch.incarnation(), pending.number());
                    return new Reply.Done(pending.number(), 0);
                } catch (SQLException e) {
                    if (SqlErrors.isTransient(e) || isUnknown(e)) {
                        throw e;
                    }
                    return attempt(batch, deadline, e);
                }
            }
        }
        return new Reply.Done(mark, 0);
    }

    /** It may be carried out yet, or is; or nobody could be asked. */
    private static boolean isUnknown(SQLException e) {
        return String.valueOf(e.getSQLState()).matches("08.*|TC001|TC002|57014|HYT00");
    }

    /** Under which the first write that was not carried out is executed. */
    private static List<String> settings(Batch batch, long known) {
        for (QueuedWrite pending : batch.entries()) {
            if (pending.number() > known) {
                return OutboxEntry.decode(pending.bytes()).settings();
            }
        }
        return List.of();
    }

    private Executed execute(
            ActiveTransaction held,
            Replay replay,
            Batch batch,
            long mark,
            Deadline deadline,
            @Nullable SQLException rejectFirst)
            throws SQLException {
        if (mark < batch.after()) {
            throw new LostWritesException(
                    "outbox " + batch.incarnation() + " of n" + batch.node() + " was told that shard " + batch.shard()
                            + " carried out " + batch.after() + ", its mark is " + mark);
        }
        Deadline longest = deadline.atMost(LONGEST);
        List<String> settings = null;
        int count = 0;
        int rejected = 0;
        long upTo = mark;
        long epoch = 0;
        for (QueuedWrite pending : batch.entries()) {
            if (pending.number() <= mark) {
                continue;
            }
            if (pending.number() <= upTo) {
                throw new IllegalStateException("outbox " + batch.incarnation() + " of n" + batch.node()
                        + " sends number " + pending.number() + " after " + upTo);
            }
            OutboxEntry entry = OutboxEntry.decode(pending.bytes());
            boolean isFirst = settings == null;
            if (!isFirst && (!entry.settings().equals(settings) || longest.isPast() || rejectFirst != null)) {
                break;
            }
            settings = entry.settings();
            SQLException failure = rejectFirst != null ? rejectFirst : executeOne(held, replay, batch, entry, deadline);
            if (failure instanceof ElsewhereException elsewhere) {
                if (isFirst) {
                    throw elsewhere;
                }
                break;
            }
            if (failure != null) {
                reject(held, replay, batch, pending, failure, deadline);
                rejected++;
            }
            upTo = pending.number();
            epoch = Math.max(epoch, entry.epoch());
            count++;
        }
        return new Executed(upTo, count, rejected, epoch);
    }

    /** Null, or why it failed for good; then it has left nothing behind. */
    private @Nullable SQLException executeOne(
            ActiveTransaction held, Replay replay, Batch batch, OutboxEntry entry, Deadline deadline)
            throws SQLException {
        try {
            inside(held, deadline, () -> {
                String schema = replay.writer().connection().getSchema();
                if (rerouting.get().isElsewhere(batch.shard(), entry, schema)) {
                    throw new ElsewhereException();
                }
                return EntryExecution.execute(replay, entry);
            });
            return null;
        } catch (SQLException e) {
            if (!held.isOpen() || SqlErrors.isTransient(e)) {
                throw e;
            }
            return e;
        }
    }

    private void reject(
            ActiveTransaction held,
            Replay replay,
            Batch batch,
            QueuedWrite pending,
            SQLException why,
            Deadline deadline)
            throws SQLException {
        OutboxEntry entry = OutboxEntry.decode(pending.bytes());
        RejectedWrite rejected = new RejectedWrite(
                0,
                batch.node(),
                batch.incarnation(),
                pending.number(),
                entry.acceptedAt(),
                entry.text(),
                entry.parameters(),
                Objects.requireNonNullElse(why.getSQLState(), "HY000"),
                Objects.requireNonNullElse(why.getMessage(), why.toString()),
                pending.bytes());
        LOG.info("write {} of the outbox of n{} was rejected: {}", pending.number(), batch.node(), why.getMessage());
        inside(held, deadline, () -> {
            replay.writer().own().reject(rejected);
            return true;
        });
    }

    /** True when it is committed; false when it is not, or nobody can tell yet: the next try finds out by the mark. */
    private boolean commit(
            ActiveTransaction held, Replay replay, byte[] changes, TransactionId upTo, Deadline deadline) {
        CompletableFuture<LogPosition> applied;
        try {
            applied = leader.commitOutbox(held, changes, upTo);
        } catch (NotLeaderException | ConflictException e) {
            leader.rollBack(held);
            return false;
        }
        try {
            // logged in another term than it ran in, it is void on every replica
            return deadline.await(applied).term() == held.term();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotLeaderException) {
                leader.rollBack(held);
            } else {
                replays.abandon(replay);
            }
            return false;
        } catch (TimeoutException e) {
            replays.abandon(replay);
            return false;
        } catch (InterruptedException e) {
            replays.abandon(replay);
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What is done in the storage session. */
    @FunctionalInterface
    private interface Action<T> {
        T run() throws SQLException;
    }

    /** Between schema changes, and only while the transaction is open. */
    private <T> T inside(ActiveTransaction held, Deadline deadline, Action<T> action) throws SQLException {
        try {
            if (!leader.enterStatement(deadline)) {
                throw Errors.of(SqlState.RETRY_TRANSACTION, "a schema change is running");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.of(SqlState.CANCELLED, "interrupted", e);
        }
        try {
            if (!held.enter()) {
                throw Errors.of(SqlState.RETRY_TRANSACTION, held.lostBecause());
            }
            try {
                return action.run();
            } finally {
                held.leave();
            }
        } finally {
            leader.exitStatement();
        }
    }
}
