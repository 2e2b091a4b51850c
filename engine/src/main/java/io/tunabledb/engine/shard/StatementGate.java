package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Definer;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.shard.fresh.ReadGate;
import io.tunabledb.engine.shard.held.ActiveSchemaChange;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where writers' statements come in at a leader: closed from before a schema change is proposed until it is applied. The
 * schema change's table locks alone are not enough: H2's DDL commits at its start and holds none for a moment, and a row
 * written then would be logged with the columns of before.
 */
final class StatementGate {
    private static final Logger LOG = LoggerFactory.getLogger(StatementGate.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
    private static final Duration LET_IN = Duration.ofMillis(2);

    private final Replica replica;
    private final ReadGate statements = new ReadGate();

    /** How many schema changes keep statements out. Guarded by {@link #statements}' monitor. */
    private int closers;

    StatementGate(Replica replica) {
        this.replica = replica;
    }

    /** Enters for one statement; false when a schema change held it until the deadline. */
    boolean enter(Deadline deadline) throws InterruptedException {
        return statements.enter(ReadGate.stripe(), deadline);
    }

    /** Leaves after the statement, on the thread that entered. */
    void exit() {
        statements.exit(ReadGate.stripe());
    }

    /**
     * Locks a schema change's tables and keeps statements out until it ends. A transaction that stands in the way has the grace that
     * schema changes give, then is rolled back.
     *
     * <p>A statement that had entered, and comes to its table when that is locked already, is let through and the lock taken
     * again: neither would get on, and the statement would fail at its lock timeout.
     *
     * @param tables the tables of the schema change, or null when it concerns all
     * @throws SQLException HYT00: the locks can't be had
     */
    void close(ActiveSchemaChange definition, Definer definer, @Nullable Set<TableName> tables)
            throws SQLException, InterruptedException {
        replica.defined().add(definition, tables);
        definition.atEnd(() -> replica.defined().remove(definition));
        awaitReaders(Deadline.in(replica.options().definitionGrace()));
        Deadline patience = Deadline.in(replica.options().definitionGrace());
        lock(definer, tables);
        close(definition);
        while (!awaitStatements(tables, definer, patience)) {
            definer.release();
            definition.atEnd(() -> replica.defined().remove(definition));
            open();
            // statements that were kept out come in now
            TimeUnit.NANOSECONDS.sleep(LET_IN.toNanos());
            lock(definer, tables);
            close(definition);
        }
    }

    private void close(ActiveSchemaChange definition) {
        synchronized (statements) {
            closers++;
            statements.close();
        }
        definition.atEnd(() -> {
            open();
            replica.defined().remove(definition);
        });
    }

    /**
     * Waits until the queries of the tables have left the gate that were inside. Those that take too long are ended when the
     * schema change is applied.
     */
    private void awaitReaders(Deadline patience) throws InterruptedException {
        while (replica.isRead(replica.defined()::concerns) && !patience.isPast()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    /** Opens when no other schema change needs it closed: one that is proposed does not keep the next from beginning. */
    private void open() {
        synchronized (statements) {
            closers--;
            if (closers == 0) {
                statements.open();
            }
        }
    }

    /**
     * Waits for the statements that run now, and ends them when the time is up. Those that only wait to read a row of another
     * table are let be: the session that locked it may be waiting for this schema change, as Flyway does, which keeps the others out by
     * a row lock while it migrates. Those that wait to change a row are not: who has locked it may be kept out here, by his next
     * statement.
     *
     * @return false when one of them waits for the schema change, or for a statement it keeps out, and there is time
     */
    private boolean awaitStatements(@Nullable Set<TableName> tables, Definer definer, Deadline patience)
            throws InterruptedException {
        while (!statements.awaitEmpty(patience.atMost(LOOK_AGAIN), () -> harmless(tables))) {
            if (patience.isPast()) {
                endStatements();
                return true;
            }
            if (replica.activeTransactions()
                            .count(held -> held instanceof ActiveTransaction transaction
                                    && (definer.keepsWaiting(transaction.writer())
                                            || (transaction.isWaiting()
                                                    && (tables == null || !transaction.waitsToReadBeside(tables)))))
                    > 0) {
                return false;
            }
        }
        return true;
    }

    private int harmless(@Nullable Set<TableName> tables) {
        return tables == null
                ? 0
                : replica.activeTransactions()
                        .count(held ->
                                held instanceof ActiveTransaction transaction && transaction.waitsToReadBeside(tables));
    }

    private void endStatements() throws InterruptedException {
        Deadline grace = Deadline.in(replica.options().definitionGrace());
        replica.activeTransactions()
                .rollBackOpen(
                        held -> held instanceof ActiveTransaction transaction && transaction.isBusy(),
                        "a schema change could wait no longer",
                        grace);
        if (!statements.awaitEmpty(grace)) {
            LOG.warn("a statement outlives its cancellation; the schema change goes on beside it");
        }
    }

    private void lock(Definer definer, @Nullable Set<TableName> tables) throws SQLException, InterruptedException {
        if (tables != null && tables.isEmpty()) {
            return;
        }
        // to storage, none means all
        List<TableName> wanted = tables == null ? List.of() : List.copyOf(tables);
        Duration grace = replica.options().definitionGrace();
        if (definer.lock(wanted, grace)) {
            return;
        }
        replica.activeTransactions()
                .rollBackOpen(
                        held -> held instanceof ActiveTransaction transaction
                                && (tables == null
                                        || transaction.writer().lockedTables().stream()
                                                .anyMatch(tables::contains)),
                        "a schema change on one of its tables could wait no longer",
                        Deadline.in(grace));
        if (!definer.lock(wanted, grace)) {
            throw new SQLException("tables " + wanted + " stay locked; try the schema change again", "HYT00", 50200);
        }
    }
}
