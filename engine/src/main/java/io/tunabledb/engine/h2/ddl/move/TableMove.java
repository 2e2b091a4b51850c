package io.tunabledb.engine.h2.ddl.move;

import io.tunabledb.engine.h2.catalog.Arrivals;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeBlockedException;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sharding.ShardSetting;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.sql.SqlErrors;
import java.util.Map;
import java.util.Objects;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.jspecify.annotations.Nullable;

/**
 * The part of a definition by which a table's rows change shards: what does not belong here any more goes, what was sent
 * here comes, together with the setting that says so. So each state of a replica has either all of the table as it was
 * sharded before, as far as it was here, or all of it as it is now.
 *
 * <p>Nothing is checked: the rows were, in the shards they come from, and unique keys contain the shard keys of before and
 * of now, so equal values were in one shard already.
 */
public final class TableMove {
    private final Database database;
    private final ShardOf here;
    private final Arrivals arrivals;

    public TableMove(Database database, ShardOf here, Arrivals arrivals) {
        this.database = database;
        this.here = here;
        this.arrivals = arrivals;
    }

    /** Of which table rows move with these settings, as {@code SCHEMA.TABLE}; null when none do. */
    static @Nullable String table(Map<String, String> settings) {
        for (String name : settings.keySet()) {
            if (name.startsWith(ShardSettings.MOVED)) {
                return name.substring(ShardSettings.MOVED.length());
            }
        }
        return null;
    }

    /**
     * After the definition's statement, before its settings are put.
     *
     * @param before how tables are sharded up to now
     * @throws SchemaChangeBlockedException a transaction that is open here has locked a row: nothing happened
     */
    public void execute(SessionLocal session, ShardSettings before, Map<String, String> brought) {
        String name = table(brought);
        MVTable table = name == null ? null : find(name);
        if (table != null) {
            String from = Objects.requireNonNullElse(before.textOf(table), ShardSetting.SINGLE);
            String to = Objects.requireNonNullElse(brought.get(ShardSettings.PREFIX + name), from);
            MoveRule rule = new MoveRule(here, table, from, to, before.buckets());
            removeWhatLeaves(session, table, rule);
            for (byte[] chunk : arrivals.all(session)) {
                MovedRows.arrive(chunk, session, table);
            }
        }
        if (brought.keySet().stream().anyMatch(setting -> setting.startsWith(ShardSettings.FROZEN))) {
            arrivals.clear(session);
        }
    }

    private static void removeWhatLeaves(SessionLocal session, MVTable table, MoveRule rule) {
        try {
            for (Row row : Arrivals.rows(table, session)) {
                if (!rule.stays(row)) {
                    table.removeRow(session, row);
                }
            }
        } catch (DbException e) {
            // SELECT … FOR UPDATE locks rows without their table
            if (SqlErrors.isTransient(e.getSQLException())) {
                session.rollback();
                throw new SchemaChangeBlockedException(
                        "rows of " + Tables.nameOf(table) + " are locked by another session", e.getSQLException());
            }
            throw e;
        }
    }

    private @Nullable MVTable find(String name) {
        for (MVTable table : Tables.replicated(database)) {
            if (Tables.nameOf(table).toString().equals(name)) {
                return table;
            }
        }
        return null;
    }
}
