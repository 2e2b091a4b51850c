package io.tunabledb.engine.execute.ddl;

import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.h2.DefinitionTrials;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Keeps statements from changing some tables, in all shards, from before a schema change is tried in any of them until it is
 * done in all of them: else rows that come in between could make it fail in a later shard, or be left behind by a move. A
 * freeze is a setting in each shard's log, not a lock of its leader, so it outlives every failover, and the session that made it.
 * Reads go on; statements that change the tables wait, and are planned again.
 *
 * <p>Two of them can't wait for each other: there is one schema change over all shards at a time. A transaction that has written
 * the tables in some shards and comes to a frozen one is ended as by any schema change, after its grace.
 */
final class Freeze {
    private final SessionState state;
    private final SchemaTurn turn;
    private final Duration patience;

    Freeze(SessionState state, SchemaTurn turn, Duration patience) {
        this.state = state;
        this.turn = turn;
        this.patience = patience;
    }

    /**
     * The tables that have to stand still for a schema change: those it moves, and those whose rows in a later shard it may
     * fail on. Where all rows are in the first shard, or every shard has the same, it fails there or nowhere.
     */
    static List<TableName> tables(PendingSchemaChange change, Catalog catalog) {
        if (change.move() != null) {
            return change.tables();
        }
        if (!DefinitionTrials.dependsOnRows(change.definition())) {
            return List.of();
        }
        List<TableName> found = new ArrayList<>();
        catalog.shardings().forEach((name, sharding) -> {
            // a schema's name has no dot here, or the table is not found and not frozen
            int dot = name.indexOf('.');
            TableName table = new TableName(name.substring(0, dot), name.substring(dot + 1));
            boolean isConcerned = change.everywhere() || change.tables().contains(table);
            if (sharding instanceof Sharding.By && isConcerned) {
                found.add(table);
            }
        });
        return found;
    }

    /** Freezes the tables in each shard, after the transactions that have written them. */
    void begin(String number, List<TableName> tables, Agreement agreement) throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        for (TableName table : tables) {
            settings.put(Catalog.place(table.schema(), table.name()).frozen(), number);
        }
        inEachShard(settings, tables, agreement);
    }

    /** Ends every freeze, and throws away what was sent for a move that will not be. May be repeated. */
    void end(Agreement agreement) throws SQLException {
        inEachShard(Map.of(Catalog.thawSetting(), ""), List.of(), agreement);
    }

    private void inEachShard(Map<String, String> settings, List<TableName> tables, Agreement agreement)
            throws SQLException {
        TransactionId transactionId =
                new TransactionId(ThreadLocalRandom.current().nextLong(), 1);
        PendingSchemaChange step =
                new PendingSchemaChange(transactionId, new SchemaChange("PUBLIC", "", settings), tables, false, false);
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            try {
                new SchemaChangePath(state.at(shard), turn, patience).define(step, agreement);
            } catch (FailedSchemaChangeException e) {
                throw e.error();
            }
        }
    }

    /** As a plan's tables. */
    static List<TableName> names(Plan plan) {
        return plan.tables().stream()
                .map(table -> new TableName(table.schema(), table.name()))
                .toList();
    }
}
