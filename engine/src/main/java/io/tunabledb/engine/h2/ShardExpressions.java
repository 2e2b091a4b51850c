package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintCheck;
import org.h2.engine.DbObject;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * What a table's definition computes with queries: defaults, generated columns and checks. A shard computes them for its rows
 * alone, so the rows they read must all be there.
 */
final class ShardExpressions {
    private final Map<MVTable, ShardSetting> tables;

    ShardExpressions(Map<MVTable, ShardSetting> tables) {
        this.tables = tables;
    }

    /** Why what one of these tables computes would differ from shard to shard, or null. */
    @Nullable
    String refusal(Iterable<MVTable> all) {
        for (MVTable table : all) {
            for (Map.Entry<String, Expression> each : expressions(table).entrySet()) {
                for (MVTable read : read(each.getValue(), table)) {
                    if (!isWhole(read, table)) {
                        return each.getKey() + " of " + Tables.nameOf(table) + " reads " + Tables.nameOf(read)
                                + ", whose rows are not all in each shard that has rows of " + Tables.nameOf(table)
                                + "; make it a REFERENCE table, or compute the value in the statement";
                    }
                }
            }
        }
        return null;
    }

    private boolean isWhole(MVTable read, MVTable by) {
        ShardSetting setting = tables.get(read);
        return setting == null ? tables.get(by) == null : setting.isReference();
    }

    private static Map<String, Expression> expressions(MVTable table) {
        Map<String, Expression> found = new LinkedHashMap<>();
        for (Column column : table.getColumns()) {
            put(found, "DEFAULT of column " + column.getName(), column.getEffectiveDefaultExpression());
            put(found, "ON UPDATE of column " + column.getName(), column.getEffectiveOnUpdateExpression());
        }
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintCheck check) {
                put(found, "CHECK " + check.getName(), check.getExpression());
            }
        }
        return found;
    }

    private static void put(Map<String, Expression> found, String what, @Nullable Expression expression) {
        if (expression != null) {
            found.put(what, expression);
        }
    }

    /** The other tables it reads. */
    private static List<MVTable> read(Expression expression, MVTable own) {
        HashSet<DbObject> objects = new HashSet<>();
        expression.isEverything(ExpressionVisitor.getDependenciesVisitor(objects));
        List<MVTable> read = new ArrayList<>();
        for (DbObject object : objects) {
            if (object instanceof MVTable table && !table.equals(own)) {
                read.add(table);
            }
        }
        return read;
    }
}
