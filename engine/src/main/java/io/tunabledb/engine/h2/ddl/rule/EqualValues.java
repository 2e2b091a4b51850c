package io.tunabledb.engine.h2.ddl.rule;

import io.tunabledb.engine.h2.internals.H2Tree;
import java.util.List;
import org.h2.command.query.Query;
import org.h2.command.query.Select;
import org.h2.command.query.SelectUnion;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionColumn;
import org.h2.mvstore.db.MVTable;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Values that are equal and don't look the same: letters of either case, one moment in two time zones, 1.0 and 1.00. Where
 * one stands for all, it is the one that was met first, and in which order rows are met is each replica's own affair.
 */
final class EqualValues {
    private EqualValues() {}

    /** Whether one value stands for many in the query's own rows, and which one shows. */
    static boolean chooses(Query query) {
        boolean joinsEqual = query.isAnyDistinct()
                || (query instanceof Select select && isGrouped(select))
                || (query instanceof SelectUnion union && union.getUnionType() != SelectUnion.UnionType.UNION_ALL);
        if (!joinsEqual) {
            return false;
        }
        for (Expression expression : query.getExpressions()
                .subList(
                        0,
                        Math.min(query.getColumnCount(), query.getExpressions().size()))) {
            if (!isExact(expression)) {
                return true;
            }
        }
        return false;
    }

    /** By something; a query of nothing but aggregates has one row, and shows no other value. */
    private static boolean isGrouped(Select select) {
        return H2Tree.GROUP_BY.of(select, List.class) != null || H2Tree.GROUP_INDEX.of(select, int[].class) != null;
    }

    /** Whether values of an expression that are equal look the same. */
    static boolean isExact(Expression expression) {
        TypeInfo type = type(expression);
        return type != null
                && switch (type.getValueType()) {
                    case Value.NULL,
                            Value.VARCHAR,
                            Value.CLOB,
                            Value.BINARY,
                            Value.VARBINARY,
                            Value.BLOB,
                            Value.BOOLEAN,
                            Value.TINYINT,
                            Value.SMALLINT,
                            Value.INTEGER,
                            Value.BIGINT,
                            Value.REAL,
                            Value.DOUBLE,
                            Value.DECFLOAT,
                            Value.DATE,
                            Value.TIME,
                            Value.TIMESTAMP,
                            Value.ENUM,
                            Value.JSON,
                            Value.UUID,
                            Value.INTERVAL_YEAR,
                            Value.INTERVAL_MONTH,
                            Value.INTERVAL_DAY,
                            Value.INTERVAL_HOUR,
                            Value.INTERVAL_MINUTE,
                            Value.INTERVAL_SECOND,
                            Value.INTERVAL_YEAR_TO_MONTH,
                            Value.INTERVAL_DAY_TO_HOUR,
                            Value.INTERVAL_DAY_TO_MINUTE,
                            Value.INTERVAL_DAY_TO_SECOND,
                            Value.INTERVAL_HOUR_TO_MINUTE,
                            Value.INTERVAL_HOUR_TO_SECOND,
                            Value.INTERVAL_MINUTE_TO_SECOND -> true;
                    // a table gives all values of a column one scale and one length, an expression does not
                    case Value.NUMERIC -> type.getScale() == 0 || isStored(expression);
                    case Value.CHAR -> isStored(expression);
                    default -> false;
                };
    }

    private static boolean isStored(Expression expression) {
        return expression.getNonAliasExpression() instanceof ExpressionColumn column
                && column.getColumn() != null
                && column.getColumn().getTable() instanceof MVTable;
    }

    private static @Nullable TypeInfo type(Expression expression) {
        try {
            return expression.getType();
        } catch (RuntimeException e) {
            return null; // not compiled
        }
    }
}
