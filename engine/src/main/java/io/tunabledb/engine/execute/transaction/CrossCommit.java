package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.heap.Watermark;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.ShardLeader.Decided;
import io.tunabledb.engine.shard.ShardLeader.Prepared;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.shard.validation.ConflictException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Coordinates one transaction over shards: two-phase commit in the shards' logs (Gray and Lamport 2006 give the classic
 * one; here a participant's vote and the decision are as durable as everything else in a log). The first shard is home:
 * its Decide entry is the commit. Costs one entry more per shard than the shards' own commits would, and three of them one
 * after the other. May be given up at any point: what is prepared then is ended by the shards themselves.
 */
public final class CrossCommit {
    /** A leader that takes longer may be none any more. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(300);

    private final SessionState state;
    private final List<Branch> branches;
    private final Terms terms;
    private final TransactionId transactionId;
    /** Once it is decided: the epoch it commits in, in every shard. */
    private long epoch;
    /** Who has to be told then: every participant, and home itself if it is not in that epoch yet. */
    private List<Branch> unfinished = List.of();

    /**
     * One shard's part.
     *
     * @param session the session's side of the shard
     * @param changes what it changes there; empty when it only read
     * @param readSet what it read there, opaque; empty when nobody will ask
     * @param abandon called when the storage session must not be used again, because its transaction is still pending
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Branch(
            ShardSession session,
            ShardLeader leader,
            ActiveTransaction held,
            byte[] changes,
            byte[] readSet,
            Runnable abandon) {

        private ShardLeader.Part part() {
            return new ShardLeader.Part(held, changes, readSet);
        }
    }

    /**
     * What is asked.
     *
     * @param number the session's number for it; every try has a new one, because a try that was not committed can't be
     *     committed under its number any more
     * @param what how errors call it
     * @param patience how long {@code deadline} was when it began, for errors
     */
    public record Terms(long number, Outcome outcome, String what, Deadline deadline, Duration patience) {}

    /**
     * Of a transaction that has written in at least one shard.
     *
     * @param branches home first; none rolled back by the caller
     */
    public CrossCommit(SessionState state, List<Branch> branches, Terms terms) {
        this.state = state;
        this.branches = List.copyOf(branches);
        this.terms = terms;
        this.transactionId = new TransactionId(state.id(), terms.number);
    }

    private Branch home() {
        return branches.get(0);
    }

    private List<Branch> participants() {
        return branches.subList(1, branches.size());
    }

    /**
     * Commits. When it returns Committed every shard shows the transaction, and the session's vector says where.
     *
     * @return the home's index and the outcome; not committed: nothing is left of it anywhere, or is being undone
     * @throws SQLException TC006, nothing is left of it; 08007, the outcome is not known, or it is known to be committed
     *     and some shard can't show it yet, as the message says
     */
    public Resolution commit() throws SQLException {
        if (branches.size() == 1) {
            return commitAlone();
        }
        requireFit();
        boolean isFirst;
        try {
            DiskRoom.requireForCommit(state.cluster(), terms.what);
            isFirst = state.underway().propose(() -> home().leader.giveUp(home().held), false);
        } catch (SQLException e) {
            branches.forEach(each -> each.leader.rollBack(each.held));
            throw e;
        }
        Resolution resolution = null;
        try {
            resolution = commitTogether();
            return resolution;
        } finally {
            if (resolution == null) {
                // not decided yet, it never will be. The other shards' readers wait for what is prepared there until
                // home has
                // decided, so it is enough that home's own wait for its decision
                var unused = home().leader.giveUp(home().held);
            }
            state.underway().landed();
            if (isFirst && resolution instanceof Resolution.NotCommitted) {
                state.underway().withdraw();
            }
        }
    }

    private Resolution commitTogether() throws SQLException {
        home().leader.coordinate(home().held, transactionId, terms.deadline);
        List<CompletableFuture<Prepared>> prepares =
                participants().stream().map(this::prepare).toList();
        Long epoch = awaitPrepared(prepares);
        if (epoch == null) {
            String conflict = conflict(prepares);
            abort(prepares);
            return new Resolution.NotCommitted(conflict);
        }
        Resolution resolution = decide(epoch);
        if (!(resolution instanceof Resolution.Committed committed)) {
            abort(prepares);
            return resolution;
        }
        home().session.wrote(committed.index());
        finish();
        home().leader.forget(transactionId);
        return committed;
    }

    private Resolution commitAlone() throws SQLException {
        Branch only = home();
        Resolution resolution = new Commits(only.session, new Leaders(only.session))
                .commit(
                        only.leader,
                        only.held,
                        new Commits.Proposal(only.changes, terms.number, terms.outcome, false, terms.what),
                        terms.deadline,
                        terms.patience,
                        only.abandon);
        if (resolution instanceof Resolution.Committed committed) {
            only.session.wrote(committed.index());
        }
        return resolution;
    }

    /** TC006, rolled back everywhere, when the heap would be nearly full with what comes to the other replicas. */
    private void requireRoom() throws SQLException {
        long bytes = 0;
        long growth = 0;
        for (Branch branch : branches) {
            if (branch.changes.length > Watermark.SMALL_BYTES) {
                bytes += branch.changes.length;
                growth += branch.held.writer().growth();
            }
        }
        try {
            state.watermark()
                    .requireRoomFor(terms.what, bytes, growth, state.cluster().nodes());
        } catch (SQLException e) {
            branches.forEach(each -> each.leader.rollBack(each.held));
            throw e;
        }
    }

    /** TC006, rolled back everywhere, when one shard's part is over the bound of an entry. */
    private void requireFit() throws SQLException {
        int most = state.cluster().maxTransactionBytes();
        int answer = terms.outcome.encode().length;
        requireRoom();
        for (Branch branch : branches) {
            long bytes = (long) branch.changes.length + branch.readSet.length + answer;
            if (bytes > most) {
                branches.forEach(each -> each.leader.rollBack(each.held));
                throw Errors.of(
                        SqlState.OVER_LIMIT,
                        "the " + terms.what + " changes " + bytes + " bytes in shard " + branch.session.shard()
                                + " and was rolled back; maxTransaction=" + most
                                + " bytes: split it, or raise the property when the database is opened");
            }
        }
    }

    // ---- first phase: the promises ----

    private CompletableFuture<Prepared> prepare(Branch branch) {
        try {
            return branch.leader.prepare(
                    branch.part(),
                    transactionId,
                    home().session.shard(),
                    state.vector().epoch());
        } catch (NotLeaderException | ConflictException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** What another transaction changed that one of the parts has read; null when that is not why. */
    private static @Nullable String conflict(List<CompletableFuture<Prepared>> prepares) {
        return prepares.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .map(prepared -> prepared.handle((done, failure) -> failure).join())
                .filter(ConflictException.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst()
                .orElse(null);
    }

    /** The highest epoch voted or seen by the session, or null when not all are prepared in time. */
    private @Nullable Long awaitPrepared(List<CompletableFuture<Prepared>> prepares) throws SQLException {
        state.beginWait();
        try {
            terms.deadline.await(CompletableFuture.allOf(prepares.toArray(CompletableFuture<?>[]::new)));
        } catch (ExecutionException | TimeoutException e) {
            return null;
        } catch (InterruptedException e) {
            boolean isCancelled = state.endWait();
            // nothing is decided, so nothing takes effect
            abort(prepares);
            throw isCancelled ? Refusals.cancelledBeforeDecision(terms.what, e) : Refusals.interrupted(e);
        } finally {
            state.endWait();
        }
        long voted = prepares.stream()
                .mapToLong(prepared -> prepared.join().vote())
                .max()
                .orElseThrow();
        return Math.max(voted, state.vector().epoch());
    }

    /**
     * Nothing is decided, so this decides: once home's part is rolled back it can't be proposed any more. The participants
     * are told, so that they need not ask.
     */
    private void abort(List<CompletableFuture<Prepared>> prepares) {
        home().leader.rollBack(home().held);
        List<CompletableFuture<?>> told = new ArrayList<>();
        for (int i = 0; i < prepares.size(); i++) {
            Branch branch = participants().get(i);
            CompletableFuture<Prepared> prepared = prepares.get(i);
            if (failed(prepared)) {
                branch.leader.rollBack(branch.held);
                told.add(CompletableFuture.completedFuture(null));
            } else {
                told.add(prepared.thenCompose(promise -> branch.leader.finish(transactionId, false, 0)));
            }
        }
        await(told, terms.deadline.atMost(LOOK_AGAIN));
        for (int i = 0; i < told.size(); i++) {
            if (!told.get(i).isDone() || told.get(i).isCompletedExceptionally()) {
                participants().get(i).abandon.run();
            }
        }
    }

    /** Whether it is certain that it is not prepared. */
    private static boolean failed(CompletableFuture<Prepared> prepared) {
        return prepared.isCompletedExceptionally()
                && prepared.handle((done, failure) -> failure)
                        .thenApply(CrossCommit::isNotLeader)
                        .join();
    }

    private static boolean isNotLeader(@Nullable Throwable failure) {
        return failure instanceof NotLeaderException
                || failure instanceof ConflictException
                || (failure != null && failure.getCause() instanceof NotLeaderException);
    }

    // ---- the decision ----

    private Resolution decide(long atLeast) throws SQLException {
        Branch home = home();
        try {
            CompletableFuture<Decided> proposed =
                    home.leader.decide(home.part(), transactionId, terms.outcome, shards(), atLeast);
            state.beginWait();
            Decided decided = terms.deadline.await(proposed);
            decided(decided.epoch(), decided.isWaiting());
            return new Resolution.Committed(decided.at().index(), terms.outcome);
        } catch (NotLeaderException e) {
            return new Resolution.NotCommitted();
        } catch (ConflictException e) {
            return new Resolution.NotCommitted(e.getMessage());
        } catch (ExecutionException e) {
            if (isNotLeader(e.getCause())) {
                return new Resolution.NotCommitted();
            }
            home.abandon.run();
            Resolution resolution = new Leaders(home.session).resolve(transactionId, home.held.term(), terms.deadline);
            if (resolution == null) {
                participants().forEach(branch -> branch.abandon.run());
                throw Refusals.outcomeUnknown(terms.what, terms.patience, home.session, e);
            }
            if (resolution instanceof Resolution.Committed) {
                decided(epochFromHome(), true);
            }
            return resolution;
        } catch (TimeoutException e) {
            branches.forEach(branch -> branch.abandon.run());
            throw Refusals.outcomeUnknown(terms.what, terms.patience, home.session, e);
        } catch (InterruptedException e) {
            boolean isCancelled = state.endWait();
            branches.forEach(branch -> branch.abandon.run());
            if (!isCancelled) {
                Thread.currentThread().interrupt();
            }
            throw Refusals.unknownSinceEnded(terms.what, isCancelled, e);
        } finally {
            state.endWait();
        }
    }

    /** From now on the session has seen that epoch, whatever it is told. */
    private void decided(long commits, boolean isHomeWaiting) {
        epoch = commits;
        state.vector().sawEpoch(commits);
        unfinished = isHomeWaiting ? branches : participants();
    }

    /** It is committed; home's leader of now knows in which epoch. */
    private long epochFromHome() throws SQLException {
        Leaders leaders = new Leaders(home().session);
        while (true) {
            ShardLeader leader = leaders.now();
            CompletableFuture<Decision> asked = leader == null
                    ? CompletableFuture.completedFuture(new Decision.Undecided())
                    : leader.decision(transactionId);
            await(List.of(asked), terms.deadline.atMost(LOOK_AGAIN));
            boolean isAnswered = asked.isDone() && !asked.isCompletedExceptionally();
            if (isAnswered && asked.join() instanceof Decision.Committed committed) {
                return committed.epoch();
            }
            if (isOver()) {
                participants().forEach(branch -> branch.abandon.run());
                throw isCommitted("nobody could say within " + terms.patience.toMillis() + " ms in which epoch");
            }
            Leaders.pause();
        }
    }

    /** Whether nobody waits any longer. */
    private boolean isOver() {
        return terms.deadline.isPast()
                || Thread.currentThread().isInterrupted()
                || state.underway().isStopped();
    }

    private SQLException isCommitted(String but) {
        return Errors.of(
                SqlState.OUTCOME_UNKNOWN,
                "the " + terms.what + " IS committed, but " + but
                        + "; do not repeat it: it shows as soon as the leaders are back");
    }

    private List<Integer> shards() {
        return participants().stream().map(branch -> branch.session.shard()).toList();
    }

    // ---- second phase: it is committed, and every shard has to show it ----

    private void finish() throws SQLException {
        List<CompletableFuture<LogPosition>> told = unfinished.stream()
                .map(branch -> branch.leader.finish(transactionId, true, epoch))
                .toList();
        await(told, terms.deadline.atMost(LOOK_AGAIN));
        List<Integer> late = new ArrayList<>();
        for (int i = 0; i < told.size(); i++) {
            Branch branch = unfinished.get(i);
            LogPosition at = positionOf(told.get(i));
            if (at == null) {
                branch.abandon.run();
                at = finishSomewhere(branch, told.get(i));
            }
            if (at == null) {
                late.add(branch.session.shard());
            } else {
                branch.session.wrote(at.index());
            }
        }
        if (!late.isEmpty()) {
            throw isCommitted(
                    "shards " + late + " found no leader to show it within " + terms.patience.toMillis() + " ms");
        }
    }

    private static @Nullable LogPosition positionOf(CompletableFuture<LogPosition> told) {
        return told.isDone() && !told.isCompletedExceptionally() ? told.join() : null;
    }

    /** The leader that was told is slow or lost: tells whoever follows it. Null when nobody has finished by the deadline. */
    private @Nullable LogPosition finishSomewhere(Branch branch, CompletableFuture<LogPosition> first) {
        Leaders leaders = new Leaders(branch.session);
        ShardLeader leader = branch.leader;
        CompletableFuture<LogPosition> told = first;
        while (true) {
            await(List.of(told), terms.deadline.atMost(LOOK_AGAIN));
            LogPosition at = positionOf(told);
            if (at != null || isOver()) {
                return at;
            }
            ShardLeader now = leaders.now();
            if (now != null && (now != leader || told.isDone())) {
                leader = now;
                told = now.finish(transactionId, true, epoch);
            }
            Leaders.pause();
        }
    }

    /** Waits until all have ended, one way or the other, or until the deadline; an interrupt ends the wait too. */
    private static void await(List<? extends CompletableFuture<?>> futures, Deadline deadline) {
        try {
            deadline.await(CompletableFuture.allOf(futures.stream()
                    .map(future -> future.handle((done, failure) -> true))
                    .toArray(CompletableFuture<?>[]::new)));
        } catch (ExecutionException | TimeoutException e) {
            // what is not done is looked at one by one
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
