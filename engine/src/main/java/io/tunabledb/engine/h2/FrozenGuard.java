package io.tunabledb.engine.h2;

import java.sql.SQLException;
import java.util.HashSet;
import org.h2.constraint.ConstraintCheck;
import org.h2.engine.SessionLocal;
import org.h2.expression.ExpressionVisitor;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every change of a row that a statement makes to a table while a schema change over all shards is at it,
 * cascades of foreign keys included. It stands on every replica, so also at whoever leads next. Applying the log passes by.
 * To H2 it is what a {@link ShardKeyGuard} is.
 */
final class FrozenGuard extends ConstraintCheck {
    private final MVTable guarded;

    FrozenGuard(MVTable table) {
        super(table.getSchema(), 0, "TUNABLE_FROZEN", table);
        this.guarded = table;
    }

    @Override
    public void checkRow(SessionLocal session, Table t, @Nullable Row before, @Nullable Row after) {
        throw DbException.convert(new SQLException(
                "a schema change in all shards is at " + Tables.nameOf(guarded) + "; run it again when that is done",
                "40001"));
    }

    @Override
    public boolean isEverything(ExpressionVisitor visitor) {
        return true;
    }

    @Override
    @SuppressWarnings("NonApiType") // H2 declares it so
    public HashSet<Column> getReferencedColumns(Table table) {
        return new HashSet<>();
    }

    /** H2 has it for those it writes down; null is what it skips. */
    @Override
    @SuppressWarnings("NullAway") // H2's own contract of getCreateSQL
    public String getCreateSQL() {
        return null;
    }
}
