package io.tunabledb.engine.h2.row;

import java.util.HashSet;
import org.h2.constraint.ConstraintCheck;
import org.h2.expression.ExpressionVisitor;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.h2.table.Table;

/**
 * Stands before every change of a table's rows that a statement makes. To H2 it is a check constraint,
 * but one that is in no schema: it is written down nowhere, shown nowhere, and made anew after each definition.
 */
public abstract class RowGuard extends ConstraintCheck {

    /** What it stands there for. */
    public enum Kind {
        FROZEN(-1),
        SHARD_KEY(-2),
        INDEX_ENTRIES(-3);

        /** To H2 two objects with one number are the same, and a table has it once. */
        private final int id;

        Kind(int id) {
            this.id = id;
        }
    }

    protected RowGuard(MVTable table, Kind kind) {
        super(table.getSchema(), kind.id, "TUNABLE_" + kind, table);
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
