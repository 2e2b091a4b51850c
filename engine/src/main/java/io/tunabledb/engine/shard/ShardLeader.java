package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.Definer;
import io.tunabledb.engine.h2.Definition;
import io.tunabledb.engine.h2.TableName;
import io.tunabledb.engine.h2.WriteSet;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.ShardLog;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replica does for writers while it leads: begins transactions on its storage, and hands them to the log with
 * their locks held. Every method throws {@link NotLeaderException} when the replica does not lead.
 */
public final class ShardLeader {
    private final Replica replica;
    private static final Logger LOG = LoggerFactory.getLogger(ShardLeader.class);
    /** How long a commit waits for transactions over several shards that are being committed. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration LONGEST_CUT = Duration.ofSeconds(10);
    /** What a shard votes while no cut is asked for. */
    private static final long NO_EPOCH = 0;

    /** One schema change at a time, so that two can't wait for each other's table locks. */
    private final ReentrantLock definitions = new ReentrantLock(true);
    /**
     * Closed to writers' statements from before a schema change is proposed until it is applied. Its table locks alone
     * are not enough: H2's DDL commits at its start and holds none for a moment, and a row written then would be logged
     * with the columns of before.
     */
    private final ReadGate statements = new ReadGate();

    /** How many schema changes keep statements out. Guarded by {@link #statements}' monitor. */
    private int closers;

    private final CommitGate commits = new CommitGate();

    public ShardLeader(Replica replica) {
        this.replica = replica;
    }

    /** The replica that leads. */
    public Replica replica() {
        return replica;
    }

    /** What commits pass, and a cut through all shards closes. */
    public CommitGate commits() {
        return commits;
    }

    /** Who wrote: the session and its running number, unique for ever. */
    public record Author(long session, long number) {}

    /** A storage session for one client session's writes; autocommit off. */
    public Writer openWriter() throws SQLException {
        return replica.storage().openWriter();
    }

    /** Enters for one statement of a writer; false when a schema change held it until the deadline. */
    public boolean enterStatement(Deadline deadline) throws InterruptedException {
        return statements.enter(ReadGate.stripe(), deadline);
    }

    /** Leaves after the statement, on the thread that entered. */
    public void exitStatement() {
        statements.exit(ReadGate.stripe());
    }

    /** Begins a client session's transaction on {@code writer}, which must be idle. */
    public HeldTransaction begin(Writer writer, long session) {
        HeldTransaction held = replica.openWork().begin(term -> new HeldTransaction(term, session, writer));
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
    public long readPosition(HeldTransaction transaction, boolean isFixed) {
        return isFixed ? transaction.beganAt() : replica.validation().position(transaction.term());
    }

    /**
     * Ends a transaction that changed nothing that is replicated.
     *
     * @throws ConflictException what its LINEARIZABLE statements have read was no one state; it is still open
     * @throws NotLeaderException this replica has come to lead in another term, which rolled it back
     */
    public void endUnchanged(HeldTransaction transaction) {
        ReadSet reads = transaction.reads();
        if (reads != null && !reads.isEmpty()) {
            replica.validation().commitRead(transaction.term(), reads, Deadline.in(PATIENCE));
        }
        transaction.endUnchanged();
        replica.openWork().end(transaction);
    }

    /** Undoes a transaction. */
    public void rollBack(HeldTransaction transaction) {
        transaction.rollBack("it was rolled back");
        replica.openWork().end(transaction);
    }

    /**
     * Proposes the transaction. Completes when it is applied here, with the index of its entry.
     *
     * @param settings whether the catalog changed
     * @throws NotLeaderException when it was rolled back before
     * @throws ConflictException when another changed what its LINEARIZABLE statements have read; it is still open
     */
    public CompletableFuture<LogPosition> commit(
            HeldTransaction transaction, byte[] changes, Author author, Outcome outcome, boolean settings) {
        return proposeAlone(
                transaction,
                new Entry.Write(
                        author.session(),
                        author.number(),
                        transaction.term(),
                        settings,
                        false,
                        outcome.encode(),
                        changes));
    }

    /**
     * Proposes a transaction that carries out an outbox.
     *
     * @param upTo the outbox's incarnation, and the number of the last of its writes that is in it
     * @throws NotLeaderException when it was rolled back before
     */
    public CompletableFuture<LogPosition> commitOutbox(HeldTransaction transaction, byte[] changes, Author upTo) {
        return proposeAlone(
                transaction,
                new Entry.Write(
                        upTo.session(),
                        upTo.number(),
                        transaction.term(),
                        false,
                        true,
                        Outcome.DONE.encode(),
                        changes));
    }

    /** A transaction of this shard alone passes the gate of commits; one over several has done so at its home. */
    private CompletableFuture<LogPosition> proposeAlone(HeldTransaction transaction, Entry.Write entry) {
        int entered = enterCommits();
        boolean proposed = false;
        try {
            CompletableFuture<LogPosition> applied = propose(transaction, entry, Deadline.in(PATIENCE));
            proposed = true;
            return applied.whenComplete((at, failure) -> commits.exit(entered));
        } finally {
            if (!proposed) {
                commits.exit(entered);
            }
        }
    }

    private CompletableFuture<LogPosition> propose(HeldTransaction transaction, Entry entry, Deadline patience) {
        ShardLog log = replica.requireLog();
        byte[] bytes = entry.encode();
        ReadSet reads = transaction.completeReads();
        return replica.validation()
                .commit(transaction.term(), reads, transaction.writer().writeSet(), patience, () -> {
                    if (!transaction.propose()) {
                        throw new NotLeaderException(transaction.lostBecause());
                    }
                    return log.append(bytes, transaction);
                });
    }

    private CompletableFuture<LogPosition> proposePrepare(HeldTransaction transaction, Entry.Prepare entry) {
        ShardLog log = replica.requireLog();
        byte[] bytes = entry.encode();
        ReadSet reads = transaction.completeReads();
        return replica.validation()
                .prepare(transaction.term(), reads, transaction.writer().writeSet(), guard -> {
                    transaction.guardedBy(guard);
                    if (!transaction.propose()) {
                        throw new NotLeaderException(transaction.lostBecause());
                    }
                    return log.append(bytes, transaction);
                });
    }

    /**
     * Keeps what a transaction has read as it is until the guard is released. One that has read in several shards and
     * changed nothing is committed at the moment when it has guards in all of them, if they all lead then.
     *
     * @throws ConflictException it is not as it was read
     */
    public Validation.Guard guardReads(HeldTransaction transaction) {
        return replica.validation().guardReads(transaction.term(), transaction.reads());
    }

    /** No cut takes that long; nothing is logged when one seems to. */
    private int enterCommits() {
        try {
            int entered = commits.enter(Deadline.in(LONGEST_CUT));
            if (entered < 0) {
                throw new NotLeaderException("a cut through all shards held its commit up for too long");
            }
            return entered;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotLeaderException("it was interrupted before its commit was proposed");
        }
    }

    // ---- transactions over shards; DESIGN.md beside this tells the protocol ----

    /**
     * A promise that is in a participant's log.
     *
     * @param at its Prepare entry
     * @param vote the epoch this shard votes; the transaction commits in the highest of all
     */
    public record Prepared(LogPosition at, long vote) {}

    /**
     * Names the home's part of a transaction over shards, before any participant is asked to prepare. The home that is asked
     * for it after the deadline, when nothing is decided, undoes it.
     *
     * @param author the transaction's id; every try has a new one
     */
    public void coordinate(HeldTransaction home, Author author, Deadline deadline) {
        home.coordinate(author, deadline);
    }

    /**
     * Proposes a participant's part. Completes when it is prepared here: from then on it keeps its locks, whoever leads,
     * until {@link #finish} or until home has said what became of it.
     *
     * @param changes empty when it only read here
     * @param readSet what it read here, opaque
     * @param home the shard that decides
     * @return fails with {@link NotLeaderException} when it is not prepared and never will be; after any other failure
     *     it may be, and the storage session must not be used again
     * @throws NotLeaderException when it was rolled back before
     * @throws ConflictException when another changed what its LINEARIZABLE statements have read; it is still open
     */
    public CompletableFuture<Prepared> prepare(
            HeldTransaction transaction, byte[] changes, byte[] readSet, Author author, int home) {
        long vote = NO_EPOCH;
        Entry.Prepare entry =
                new Entry.Prepare(author.session(), author.number(), transaction.term(), home, vote, changes, readSet);
        return proposePrepare(transaction, entry).thenApply(at -> {
            requireTerm(transaction, at);
            return new Prepared(at, vote);
        });
    }

    /**
     * Proposes the decision to commit, at home, with home's own changes. Every participant must be prepared. Completes when
     * it is applied here: then the transaction is committed.
     *
     * @param participants the shards that are prepared
     * @param epoch the highest of their votes
     * @return fails with {@link NotLeaderException} when it is not committed and never will be
     * @throws NotLeaderException when it was rolled back before
     * @throws ConflictException when another changed what its LINEARIZABLE statements have read; it is still open
     */
    public CompletableFuture<LogPosition> decide(
            HeldTransaction home,
            byte[] changes,
            Author author,
            Outcome outcome,
            List<Integer> participants,
            long epoch) {
        Entry.Decide entry = new Entry.Decide(
                author.session(),
                author.number(),
                home.term(),
                epoch,
                List.copyOf(participants),
                outcome.encode(),
                changes);
        // two homes that waited for each other's participants would wait for ever
        return propose(home, entry, Deadline.in(Duration.ZERO)).thenApply(at -> {
            requireTerm(home, at);
            return at;
        });
    }

    /** Logged in another term than it ran in, it is void on every replica. */
    private static void requireTerm(HeldTransaction transaction, LogPosition at) {
        if (at.term() != transaction.term()) {
            throw new NotLeaderException("the shard's leader changed before the entry was logged");
        }
    }

    /**
     * Ends a participant's part as home has decided. May be repeated, here and at later leaders, until it succeeds.
     *
     * @param epoch the one it commits in; 0 when it does not
     */
    public CompletableFuture<LogPosition> finish(Author author, boolean commit, long epoch) {
        return replica.requireLog()
                .append(new Entry.Finish(author.session(), author.number(), commit, epoch).encode(), this);
    }

    /** All participants have finished it: home will forget its decision, not at once. */
    public void forget(Author author) {
        replica.recovery().forget(author);
    }

    /**
     * What became of a transaction whose home this is. A home's part whose coordinator has had its time is undone by this
     * question.
     *
     * @return fails with {@link NotLeaderException} when this replica can't say, because it does not lead
     */
    public CompletableFuture<Decision> decision(Author author) {
        long term = replica.openWork().admittedTerm();
        if (term == 0) {
            return CompletableFuture.failedFuture(new NotLeaderException("this replica does not lead its shard"));
        }
        HeldTransaction held = replica.openWork().home(author);
        if (held != null && held.isOverdue() && held.abort("it was not decided by its deadline")) {
            replica.openWork().end(held);
            held = null;
        }
        if (held != null) {
            return CompletableFuture.completedFuture(new Decision.Undecided());
        }
        // there is no undecided part in this term, and of earlier terms nothing can be logged any more: what is not
        // decided now never will be, if this is the leader yet
        return replica.caughtUp().thenApply(index -> {
            boolean isLeader = replica.openWork().admittedTerm() == term
                    && replica.status().term() == term
                    && replica.storage().appliedTerm() <= term;
            if (!isLeader) {
                throw new NotLeaderException("this replica no longer leads its shard");
            }
            Decision.Committed decided = replica.participation().decisionOn(author);
            return decided == null ? new Decision.Aborted() : decided;
        });
    }

    /** What a definition came to. */
    public record Defined(LogPosition at, Outcome outcome) {}

    /**
     * Executes a schema change on every replica, with the settings that belong to it. Waits for open transactions on its tables; those still there when half
     * the time is spent are rolled back.
     *
     * @param tables the tables to lock
     * @param everything whether to lock every table instead
     * @throws SQLException when the tables' locks can't be had
     */
    public CompletableFuture<Defined> define(
            Author author, Definition definition, List<TableName> tables, boolean everything)
            throws SQLException, InterruptedException {
        Duration grace = replica.options().definitionGrace();
        if (!definitions.tryLock(grace.toNanos() * 2, TimeUnit.NANOSECONDS)) {
            throw new SQLException("another schema change is still running", "HYT00");
        }
        try {
            Definer definer = replica.storage().openDefiner();
            HeldDefinition held;
            try {
                held = replica.openWork().begin(term -> new HeldDefinition(term, definer));
            } catch (NotLeaderException e) {
                definer.close();
                throw e;
            }
            boolean isHanded = false;
            try {
                if (everything) {
                    lock(definer, List.of(), grace);
                } else if (!tables.isEmpty()) {
                    lock(definer, tables, grace);
                }
                closeToStatements(held, everything ? null : Set.copyOf(tables), grace);
                if (!held.propose()) {
                    throw new NotLeaderException("the shard's leader changed");
                }
                Entry.Define entry = new Entry.Define(
                        author.session(),
                        author.number(),
                        held.term(),
                        definition.schema(),
                        definition.sql(),
                        definition.settings());
                CompletableFuture<LogPosition> applied = replica.validation()
                        .define(
                                held.term(),
                                everything ? null : whole(tables),
                                () -> replica.requireLog().append(entry.encode(), held));
                isHanded = true;
                return applied.whenComplete((at, failure) -> endUnlessUnknown(held, failure))
                        .thenApply(at -> new Defined(at, outcomeOf(held, author)));
            } finally {
                if (!isHanded) {
                    end(held);
                }
            }
        } finally {
            definitions.unlock();
        }
    }

    private static WriteSet whole(List<TableName> tables) {
        return new WriteSet(tables.stream()
                .map(table -> WriteSet.TableWrite.all(table.toString()))
                .toList());
    }

    /**
     * Statements that run now may be waiting for the very locks the schema change holds: they get its grace. Those that
     * only wait to read a row of another table are let be: whoever locked it may be waiting for this schema change, as
     * Flyway does, which keeps the others out by a row lock while it migrates.
     *
     * @param tables the tables of the schema change, or null when it concerns all
     */
    private void closeToStatements(HeldDefinition definition, @Nullable Set<TableName> tables, Duration grace)
            throws InterruptedException {
        synchronized (statements) {
            closers++;
            statements.close();
        }
        definition.atEnd(this::openToStatements);
        if (!statements.awaitEmpty(
                Deadline.in(grace),
                () -> tables == null
                        ? 0
                        : replica.openWork()
                                .count(held -> held instanceof HeldTransaction transaction
                                        && transaction.waitsToReadBeside(tables)))) {
            replica.openWork()
                    .rollBack(
                            held -> held instanceof HeldTransaction transaction && transaction.isBusy(),
                            "a schema change could wait no longer");
            if (!statements.awaitEmpty(Deadline.in(grace))) {
                LOG.warn("a statement outlives its cancellation; the schema change goes on beside it");
            }
        }
    }

    /** Opens when no other schema change needs them closed: one that is proposed does not keep the next from beginning. */
    private void openToStatements() {
        synchronized (statements) {
            closers--;
            if (closers == 0) {
                statements.open();
            }
        }
    }

    private Outcome outcomeOf(HeldDefinition held, Author author) {
        Outcome outcome = held.outcome();
        if (outcome == null) {
            outcome = replica.outcome(author.session(), author.number());
        }
        if (outcome == null) {
            throw new NotLeaderException("the shard's leader changed before the schema change was logged");
        }
        return outcome;
    }

    /** One whose entry may yet be applied keeps its locks: {@link HeldDefinition} says for how long. */
    private void endUnlessUnknown(HeldDefinition held, @Nullable Throwable failure) {
        if (failure == null || failure instanceof NotLeaderException) {
            end(held);
        } else {
            LOG.warn("{}: a schema change is not answered; its locks are kept", replica.nodeName(), failure);
        }
    }

    private void end(HeldDefinition held) {
        held.rollBack("it ended");
        replica.openWork().end(held);
        held.end();
    }

    private void lock(Definer definer, List<TableName> tables, Duration grace) throws SQLException {
        if (definer.lock(tables, grace)) {
            return;
        }
        Set<TableName> wanted = Set.copyOf(tables);
        replica.openWork()
                .rollBack(
                        held -> held instanceof HeldTransaction transaction
                                && !transaction.isProposed()
                                && (wanted.isEmpty()
                                        || transaction.writer().lockedTables().stream()
                                                .anyMatch(wanted::contains)),
                        "a schema change on one of its tables could wait no longer");
        if (!definer.lock(tables, grace)) {
            throw new SQLException("tables " + wanted + " stay locked; try the schema change again", "HYT00");
        }
    }

    /** Logs a check; every replica hashes its rows as of that entry. */
    public CompletableFuture<LogPosition> check(long id, @Nullable String schema, @Nullable String table) {
        return replica.requireLog().append(new Entry.Check(id, schema, table).encode(), this);
    }
}
