package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.held.LockOwner;
import io.tunabledb.engine.shard.held.LockWait;
import io.tunabledb.engine.shard.held.Places;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.shard.validation.ConflictException;
import io.tunabledb.engine.shard.validation.ReadSet;
import io.tunabledb.engine.shard.validation.Validation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a replica does for writers while it leads: begins transactions on its storage, and hands them to the log with
 * their locks held. Every method throws {@link NotLeaderException} when the replica does not lead.
 */
public final class ShardLeader {
    /** How long a commit waits for transactions over several shards that are being committed. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Replica replica;
    private final StatementGate statementGate;
    private final SchemaTurns schemaTurns;
    private final LockWaits lockWaits;
    private final ValidatedProposals proposals;
    private final TransactionParts parts;
    private final LeaderDefinitions definitions;

    public ShardLeader(Replica replica) {
        this.replica = replica;
        this.statementGate = new StatementGate(replica);
        this.schemaTurns = new SchemaTurns(() -> replica.activeTransactions().term());
        this.lockWaits = new LockWaits(replica);
        this.proposals = new ValidatedProposals(replica);
        this.parts = new TransactionParts(replica, proposals);
        this.definitions = new LeaderDefinitions(replica, statementGate);
    }

    /** The replica that leads. */
    public Replica replica() {
        return replica;
    }

    /** The term it leads, with everything of earlier ones applied; 0 while it does not. */
    public long leadingTerm() {
        return replica.activeTransactions().admittedTerm();
    }

    /** Whether it leads in a term, with everything of earlier ones applied. */
    public boolean leadsIn(long term) {
        return term != 0 && replica.activeTransactions().term() == term;
    }

    /** Whose turn it is to change the schema, where this is the first shard. */
    public SchemaTurns schemaTurns() {
        return schemaTurns;
    }

    /** A storage session for one client session's writes; autocommit off. */
    public Writer openWriter() throws SQLException {
        return replica.storage().openWriter();
    }

    /** Enters for one statement of a writer; false when a schema change held it until the deadline. */
    public boolean enterStatement(Deadline deadline) throws InterruptedException {
        return statementGate.enter(deadline);
    }

    /** Leaves after the statement, on the thread that entered. */
    public void exitStatement() {
        statementGate.exit();
    }

    /** A place for one transaction in this replica's storage; given back by the caller if he begins none. */
    public static final class Admission {
        private final Places.Place place;

        private Admission(Places.Place place) {
            this.place = place;
        }

        /** No transaction is begun with it, or it has ended. May be repeated. */
        public void release() {
            place.release();
        }
    }

    /**
     * Waits for a place, before anything in storage is touched: even a setting there takes one.
     *
     * @throws SQLException TC006 when none is free by the deadline
     */
    public Admission admit(Deadline deadline) throws SQLException, InterruptedException {
        return new Admission(replica.activeTransactions().places().take(Places.Use.TRANSACTION, deadline));
    }

    /**
     * Waits for a place for a change of the settings, which is short and waits for no client's transaction.
     *
     * @throws SQLException TC006 when none is free by the deadline
     */
    public Admission admitSettings(Deadline deadline) throws SQLException, InterruptedException {
        return new Admission(replica.activeTransactions().places().take(Places.Use.SETTINGS, deadline));
    }

    /** Begins a part of a client's transaction on {@code writer}, which must be idle; it gives its place back at its end. */
    public ActiveTransaction begin(Writer writer, LockOwner owner, Admission admission) {
        return begin(writer, owner, admission.place);
    }

    /** Begins a transaction of the engine's own on {@code writer}, which must be idle: it waits for no place. */
    public ActiveTransaction begin(Writer writer, long session) {
        return begin(writer, LockOwner.now(session), (Places.@Nullable Place) null);
    }

    private ActiveTransaction begin(Writer writer, LockOwner owner, Places.@Nullable Place place) {
        ActiveTransaction held;
        try {
            held = replica.activeTransactions().begin(term -> new ActiveTransaction(term, owner, writer, place));
        } catch (NotLeaderException e) {
            if (place != null) {
                place.release();
            }
            throw e;
        }
        // not on the apply thread: closing drops what the session has of its own
        writer.handTo(held::settle, () -> held.giveUp(() -> replica.executeOrRun(writer::close)));
        try {
            held.beganAt(replica.validation().position(held.term()));
            return held;
        } catch (NotLeaderException e) {
            rollBack(held);
            throw e;
        }
    }

    /**
     * What a statement of the transaction that begins now certainly sees: every proposal up to this position.
     *
     * @param isFixed whether the transaction sees one state of storage from its first statement on
     */
    public long readPosition(ActiveTransaction transaction, boolean isFixed) {
        return isFixed ? transaction.beganAt() : replica.validation().position(transaction.term());
    }

    /**
     * Ends a transaction that changed nothing that is replicated.
     *
     * @throws ConflictException what its LINEARIZABLE statements have read was no one state; it is still open
     * @throws NotLeaderException it was rolled back, as when this replica has come to lead in another term: it may have read what
     *     others would have kept it from
     */
    public void endUnchanged(ActiveTransaction transaction) {
        ReadSet reads = transaction.reads();
        if (reads != null && !reads.isEmpty()) {
            replica.validation().commitRead(transaction.term(), reads, Deadline.in(PATIENCE));
        }
        if (!transaction.endUnchanged()) {
            throw new NotLeaderException(transaction.lostBecause());
        }
        replica.activeTransactions().end(transaction);
    }

    /**
     * Who waits here now for a row that another has locked, of those that nobody but their clients can end: what is proposed
     * or prepared lets go of its locks by itself.
     */
    public List<LockWait> lockWaits() {
        return lockWaits.all();
    }

    /** Undoes a transaction that waits as was seen; false when it does no longer. Returns when its locks are free. */
    public boolean giveWay(LockWait.Party waiter, String why) {
        return lockWaits.giveWay(waiter, why);
    }

    /** Undoes a transaction. */
    public void rollBack(ActiveTransaction transaction) {
        transaction.rollBack("it was rolled back");
        replica.activeTransactions().end(transaction);
    }

    /**
     * The transaction's caller waits no longer. If it is not proposed it is undone, and never takes effect. Else it is the
     * log's, and from now on a reader that asks this leader for a read index waits until the log has decided: the caller, who was told
     * that it is not known, sees its final fate when he reads at LINEARIZABLE. A later leader has nothing to wait for: its own first
     * entry is behind every entry of earlier terms that ever will be committed. From any thread.
     *
     * @return whether it is certain that it takes no effect
     */
    public boolean giveUp(ActiveTransaction transaction) {
        if (transaction.abort("its caller has given it up")) {
            replica.activeTransactions().end(transaction);
            return true;
        }
        replica.activeTransactions().unanswered(transaction);
        return false;
    }

    /**
     * Proposes the transaction. Completes when it is applied here, with the index of its entry.
     *
     * @param settings whether the catalog changed
     * @throws NotLeaderException when it was rolled back before
     * @throws ConflictException when another changed what its LINEARIZABLE statements have read; it is still open
     */
    public CompletableFuture<LogPosition> commit(
            ActiveTransaction transaction,
            byte[] changes,
            TransactionId transactionId,
            Outcome outcome,
            boolean settings) {
        return proposals.propose(
                transaction,
                new Entry.Write(
                        transactionId.session(),
                        transactionId.number(),
                        transaction.term(),
                        settings,
                        false,
                        outcome.encode(),
                        changes),
                Deadline.in(PATIENCE));
    }

    /**
     * Proposes a transaction that carries out an outbox.
     *
     * @param upTo the outbox's incarnation, and the number of the last of its writes that is in it
     * @throws NotLeaderException when it was rolled back before
     */
    public CompletableFuture<LogPosition> commitOutbox(
            ActiveTransaction transaction, byte[] changes, TransactionId upTo) {
        return proposals.propose(
                transaction,
                new Entry.Write(
                        upTo.session(), upTo.number(), transaction.term(), false, true, Outcome.DONE.encode(), changes),
                Deadline.in(PATIENCE));
    }

    /**
     * Keeps what a transaction has read as it is until the guard is released. One that has read in several shards and
     * changed nothing is committed at the moment when it has guards in all of them, if they all lead then.
     *
     * @throws ConflictException it is not as it was read
     */
    public Validation.Guard guardReads(ActiveTransaction transaction) {
        return replica.validation().guardReads(transaction.term(), transaction.reads());
    }

    /** The first shard's leader logs that a cut is begun. Whether it is, the replica shows when this is applied. */
    public CompletableFuture<LogPosition> startCut(long cut) {
        return replica.requireLog().append(new Entry.Start(cut).encode(), this);
    }

    /** The first shard's leader logs that a cut is given up. */
    public CompletableFuture<LogPosition> cancelCut(long cut) {
        return replica.requireLog().append(new Entry.Cancel(cut).encode(), this);
    }

    // ---- transactions over shards; DESIGN.md beside this tells the protocol ----

    /**
     * One shard's part of a transaction over several.
     *
     * @param changes empty when it only read here
     * @param readSet what it read here, opaque
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Part(ActiveTransaction held, byte[] changes, byte[] readSet) {}

    /**
     * A promise that is in a participant's log.
     *
     * @param at its Prepare entry
     * @param vote the first epoch this shard can commit it in; the transaction commits in the highest of all
     */
    public record Prepared(LogPosition at, long vote) {}

    /**
     * A decision to commit that is in home's log.
     *
     * @param at its Decide entry
     * @param epoch the epoch the transaction commits in, in every shard
     * @param isWaiting whether home's own part waits for that epoch, and must be finished like the others
     */
    public record Decided(LogPosition at, long epoch, boolean isWaiting) {}

    /**
     * Names the home's part of a transaction over shards, before any participant is asked to prepare. The home that is asked
     * for it after the deadline, when nothing is decided, undoes it.
     *
     * @param transactionId the transaction's id; every try has a new one
     */
    public void coordinate(ActiveTransaction home, TransactionId transactionId, Deadline deadline) {
        home.coordinate(transactionId, deadline);
    }

    /**
     * Proposes a participant's part. Completes when it is prepared here: from then on it keeps its locks under any leader,
     * until {@link #finish} or until home has said what became of it.
     *
     * @param home the shard that decides
     * @param epoch the highest that the transaction's session has seen: its causes may be in there
     * @return fails with {@link NotLeaderException} when it is not prepared and never will be; after any other failure
     *     it may be, and the storage session must not be used again
     * @throws NotLeaderException when it was rolled back before
     * @throws ConflictException when another changed what its LINEARIZABLE statements have read; it is still open
     */
    public CompletableFuture<Prepared> prepare(Part part, TransactionId transactionId, int home, long epoch) {
        return parts.prepare(part, transactionId, home, epoch);
    }

    /**
     * Proposes the decision to commit, at home, with home's own changes. Every participant must be prepared. Completes when
     * it is applied here: then the transaction is committed.
     *
     * @param participants the shards that are prepared
     * @param epoch the highest of their votes and of what its session has seen
     * @return fails with {@link NotLeaderException} when it is not committed and never will be
     * @throws NotLeaderException when it was rolled back before
     * @throws ConflictException when another changed what its LINEARIZABLE statements have read; it is still open
     */
    public CompletableFuture<Decided> decide(
            Part home, TransactionId transactionId, Outcome outcome, List<Integer> participants, long epoch) {
        return parts.decide(home, transactionId, outcome, participants, epoch);
    }

    /**
     * Ends a participant's part as home has decided. May be repeated, here and at later leaders, until it succeeds.
     *
     * @param epoch the one it commits in, which has begun here when this completes; 0 when it does not commit
     */
    public CompletableFuture<LogPosition> finish(TransactionId transactionId, boolean commit, long epoch) {
        return replica.closing().finish(transactionId, commit, epoch);
    }

    /**
     * Ends all epochs below one in this shard. Completes when that is applied here; what is prepared and may commit below
     * comes to its end first.
     *
     * @return fails with {@link NotLeaderException} when this replica does not lead (any more)
     */
    public CompletableFuture<Void> beginEpoch(long epoch) {
        CompletableFuture<@Nullable Void> fates = replica.fates();
        return fates == null
                ? replica.closing().begin(epoch)
                : fates.thenCompose(decided -> replica.closing().begin(epoch));
    }

    /**
     * The same, waited for: what a session writes must not be in an earlier epoch than what it has seen, or a cut could have
     * the effect without its cause.
     *
     * @return false when it has not begun by the deadline, or this replica does not lead
     */
    public boolean awaitEpoch(long epoch, Deadline deadline) {
        if (replica.epoch() >= epoch) {
            return true;
        }
        try {
            deadline.await(beginEpoch(epoch));
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** All participants have finished it: home will forget its decision, not at once. */
    public void forget(TransactionId transactionId) {
        replica.recovery().forget(transactionId);
    }

    /**
     * What became of a transaction whose home this is. A home's part whose coordinator has had its time is undone by this
     * question.
     *
     * @return fails with {@link NotLeaderException} when this replica can't say, because it does not lead
     */
    public CompletableFuture<Decision> decision(TransactionId transactionId) {
        return parts.decision(transactionId);
    }

    /** Fails when a schema change that was waited for is not wanted any more. */
    @FunctionalInterface
    public interface LastLook {
        void requireWanted() throws SQLException;
    }

    /**
     * The caller of the schema change that is being proposed waits no longer: from now on a reader that asks this leader for a read
     * index waits until it is done, or never will be. One that has not begun yet sees that in its {@link LastLook}.
     *
     * @return false: the log may have it
     */
    public boolean giveUpDefinition() {
        replica.activeTransactions().unansweredDefinitions();
        return false;
    }

    /** What a definition came to. */
    public record Defined(LogPosition at, Outcome outcome) {}

    /** Executes a schema change that stays wanted. */
    public CompletableFuture<Defined> define(
            TransactionId transactionId, SchemaChange definition, List<TableName> tables, boolean everything)
            throws SQLException, InterruptedException {
        return define(transactionId, definition, tables, everything, () -> {});
    }

    /**
     * Executes a schema change on every replica, with the settings that belong to it. Waits for open transactions on its tables; those still there when half
     * the time is spent are rolled back.
     *
     * @param tables the tables to lock
     * @param everything whether to lock every table instead
     * @param last looks, when the locks are there, whether it shall still be proposed
     * @throws SQLException when the tables' locks can't be had, or what {@code last} throws; nothing is proposed
     */
    public CompletableFuture<Defined> define(
            TransactionId transactionId,
            SchemaChange definition,
            List<TableName> tables,
            boolean everything,
            LastLook last)
            throws SQLException, InterruptedException {
        return definitions.define(transactionId, definition, everything ? null : tables, last);
    }

    /** Logs a check; every replica hashes its rows as of that entry. */
    public CompletableFuture<LogPosition> check(long id, @Nullable String schema, @Nullable String table) {
        return replica.requireLog().append(new Entry.Check(id, schema, table).encode(), this);
    }
}
