package io.tunabledb.engine.h2.sharding;

import io.tunabledb.engine.h2.row.RowGuard;
import io.tunabledb.engine.h2.row.Tables;
import java.sql.SQLException;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every change of a row that a statement makes to a table while a schema change over all shards is at it,
 * cascades of foreign keys included. It stands on every replica, so also at whoever leads next. Applying the log passes by.
 */
final class FrozenGuard extends RowGuard {
    private final MVTable guarded;

    FrozenGuard(MVTable table) {
        super(table, Kind.FROZEN);
        this.guarded = table;
    }

    @Override
    public void checkRow(SessionLocal session, Table t, @Nullable Row before, @Nullable Row after) {
        throw DbException.convert(new SQLException(
                "a schema change in all shards is at " + Tables.nameOf(guarded) + "; run it again when that is done",
                "40001"));
    }
}
