package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.Definer;
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

    /** One schema change at a time, so that two can't wait for each other's table locks. */
    private final ReentrantLock definitions = new ReentrantLock(true);
    /**
     * Closed to writers' statements from before a schema change is proposed until it is applied. Its table locks alone
     * are not enough: H2's DDL commits at its start and holds none for a moment, and a row written then would be logged
     * with the columns of before.
     */
    private final ReadGate statements = new ReadGate();

    private final Validation validation;

    public ShardLeader(Replica replica) {
        this.replica = replica;
        this.validation = new Validation(() -> replica.openWork().oldestRead());
    }

    /** What makes LINEARIZABLE transactions strictly serializable here. */
    public Validation validation() {
        return validation;
    }

    /** The replica that leads. */
    public Replica replica() {
        return replica;
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
            held.beganAt(validation.position(held.term()));
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
        return isFixed ? transaction.beganAt() : validation.position(transaction.term());
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
            validation.commitRead(transaction.term(), reads, Deadline.in(PATIENCE));
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
        return propose(
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
        return propose(
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

    private CompletableFuture<LogPosition> propose(HeldTransaction transaction, Entry.Write entry) {
        ShardLog log = replica.requireLog();
        byte[] bytes = entry.encode();
        ReadSet reads = transaction.reads();
        if (reads != null) {
            reads.add(transaction.writer().references(), reads.oldest());
        }
        return validation.commit(
                transaction.term(), reads, transaction.writer().writeSet(), Deadline.in(PATIENCE), () -> {
                    if (!transaction.propose()) {
                        throw new NotLeaderException(transaction.lostBecause());
                    }
                    return log.append(bytes, transaction);
                });
    }

    /** What a definition came to. */
    public record Defined(LogPosition at, Outcome outcome) {}

    /**
     * Executes a schema change on every replica. Waits for open transactions on its tables; those still there when half
     * the time is spent are rolled back.
     *
     * @param tables the tables to lock
     * @param everything whether to lock every table instead
     * @throws SQLException when the tables' locks can't be had
     */
    public CompletableFuture<Defined> define(
            Author author, String schema, String sql, List<TableName> tables, boolean everything)
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
            boolean handed = false;
            try {
                if (everything) {
                    lock(definer, List.of(), grace);
                } else if (!tables.isEmpty()) {
                    lock(definer, tables, grace);
                }
                closeToStatements(everything ? null : Set.copyOf(tables), grace);
                if (!held.propose()) {
                    throw new NotLeaderException("the shard's leader changed");
                }
                handed = true;
                Entry.Define entry = new Entry.Define(author.session(), author.number(), held.term(), schema, sql);
                return validation
                        .define(held.term(), everything ? null : whole(tables), () -> replica.requireLog()
                                .append(entry.encode(), held))
                        .whenComplete((at, failure) -> close(held, definer))
                        .thenApply(at -> new Defined(at, outcomeOf(held, author)));
            } finally {
                if (!handed) {
                    close(held, definer);
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
    private void closeToStatements(@Nullable Set<TableName> tables, Duration grace) throws InterruptedException {
        statements.close();
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

    private void close(HeldDefinition held, Definer definer) {
        statements.open();
        held.rollBack("it ended");
        replica.openWork().end(held);
        definer.close();
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
