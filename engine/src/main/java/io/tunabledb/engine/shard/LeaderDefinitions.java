package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Definer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.readset.WriteSet;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.held.ActiveSchemaChange;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A leader's schema changes, from their tables' locks to the log; one at a time. */
final class LeaderDefinitions {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderDefinitions.class);

    private final Replica replica;
    private final StatementGate statementGate;
    /** Held by one schema change at a time, so that two can't wait for each other's table locks. */
    private final ReentrantLock definitions = new ReentrantLock(true);

    LeaderDefinitions(Replica replica, StatementGate statementGate) {
        this.replica = replica;
        this.statementGate = statementGate;
    }

    /**
     * Executes a schema change on every replica.
     *
     * @param tables the tables to lock; null for every table
     * @param last looks, when the locks are there, whether it shall still be proposed
     */
    CompletableFuture<ShardLeader.Defined> define(
            TransactionId transactionId,
            SchemaChange definition,
            @Nullable List<TableName> tables,
            ShardLeader.LastLook last)
            throws SQLException, InterruptedException {
        Duration grace = replica.options().definitionGrace();
        if (!Deadline.in(grace.multipliedBy(2)).await(nanos -> definitions.tryLock(nanos, TimeUnit.NANOSECONDS))) {
            throw new SQLException("another schema change is still running", "HYT00", 50200);
        }
        try {
            Definer definer = replica.storage().openDefiner();
            ActiveSchemaChange held;
            try {
                held = replica.activeTransactions().begin(term -> new ActiveSchemaChange(term, definer));
            } catch (NotLeaderException e) {
                definer.close();
                throw e;
            }
            boolean isHanded = false;
            try {
                statementGate.close(held, definer, tables == null ? null : Set.copyOf(tables));
                last.requireWanted();
                if (!held.propose()) {
                    throw new NotLeaderException("the shard's leader changed");
                }
                Entry.Define entry = new Entry.Define(
                        transactionId.session(),
                        transactionId.number(),
                        held.term(),
                        definition.schema(),
                        definition.sql(),
                        definition.settings());
                CompletableFuture<LogPosition> applied = replica.validation()
                        .define(
                                held.term(),
                                tables == null ? null : whole(tables),
                                () -> replica.requireLog().append(entry.encode(), held));
                isHanded = true;
                return applied.whenComplete((at, failure) -> endUnlessUnknown(held, failure))
                        .thenApply(at -> new ShardLeader.Defined(at, outcomeOf(held, transactionId)));
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

    private Outcome outcomeOf(ActiveSchemaChange held, TransactionId transactionId) {
        Outcome outcome = held.outcome();
        if (outcome == null) {
            outcome = replica.outcome(transactionId.session(), transactionId.number());
        }
        if (outcome == null) {
            throw new NotLeaderException("the shard's leader changed before the schema change was logged");
        }
        return outcome;
    }

    /** One whose entry may yet be applied keeps its locks: {@link ActiveSchemaChange} says for how long. */
    private void endUnlessUnknown(ActiveSchemaChange held, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        if (cause == null || cause instanceof NotLeaderException) {
            end(held);
        } else {
            LOG.warn("{}: a schema change is not answered; its locks are kept", replica.nodeName(), failure);
        }
    }

    private void end(ActiveSchemaChange held) {
        held.rollBack("it ended");
        replica.activeTransactions().end(held);
        held.end();
    }
}
