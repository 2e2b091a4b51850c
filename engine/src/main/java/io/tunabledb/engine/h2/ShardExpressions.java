package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.h2.command.query.Select;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintCheck;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * What a table's definition computes with queries: defaults, generated columns, checks and those of domains. A shard
 * computes them for its rows alone, so the rows they read must all be there.
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
            for (Map.Entry<String, Object> each : expressions(table).entrySet()) {
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

    private static Map<String, Object> expressions(MVTable table) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (Column column : table.getColumns()) {
            put(found, "DEFAULT of column " + column.getName(), column.getEffectiveDefaultExpression());
            put(found, "ON UPDATE of column " + column.getName(), column.getEffectiveOnUpdateExpression());
            put(found, "the domain of column " + column.getName(), column.getDomain());
        }
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintCheck check) {
                put(found, "CHECK " + check.getName(), check.getExpression());
            }
        }
        return found;
    }

    private static void put(Map<String, Object> found, String what, @Nullable Object computing) {
        if (computing != null) {
            found.put(what, computing);
        }
    }

    /** The tables it reads, through views and domains too. The columns of the row it is computed for are not that. */
    private static List<MVTable> read(Object computing, MVTable own) {
        List<MVTable> read = new ArrayList<>();
        for (CompiledParts.Part part : CompiledParts.of(computing)) {
            if (part.what() instanceof MVTable table && !table.equals(own)) {
                read.add(table);
            } else if (part.what() instanceof Select select
                    && select.getTables().contains(own)) {
                read.add(own);
            }
        }
        return read;
    }
}
