package io.tunabledb.engine.h2.gather.plan;

import java.util.function.Predicate;
import org.h2.command.query.Select;
import org.h2.expression.Expression;
import org.h2.result.SortOrder;
import org.h2.table.TableFilter;
import org.h2.util.HasSQL;
import org.jspecify.annotations.Nullable;

/**
 * ORDER BY and LIMIT of a query over one table, for each of its shards: no shard has to give more rows than the query
 * gives and leaves out.
 */
final class LimitText {
    /** Sums of limits and offsets up to this don't overflow. */
    private static final String LARGE = "1000000000000";

    private LimitText() {}

    /** Of the query over one table; null when every row is needed. */
    static GatherPlan.@Nullable Text of(Select select, FilterUses places) {
        if (!places.areAll() || places.selects() != 1 || places.places() != 1) {
            return null;
        }
        TableFilter place = select.getTopTableFilter();
        String sql = of(select, expression -> places.concernsOnly(place, expression));
        return sql == null ? null : FragmentText.unqualified(sql, place, null);
    }

    /**
     * In H2's own writing; null when every row is needed.
     *
     * @param isComputed whether a shard can compute an expression
     */
    static @Nullable String of(Select select, Predicate<Expression> isComputed) {
        Expression fetch = select.getFetch();
        boolean isPlain = !select.isGroupQuery()
                && !select.isWindowQuery()
                && !select.isAnyDistinct()
                && !select.isWithTies()
                && !select.isFetchPercent();
        if (fetch == null || !isPlain) {
            return null;
        }
        String order = order(select, isComputed);
        if (order == null) {
            return null;
        }
        String limit = "CAST(" + fetch.getSQL(HasSQL.DEFAULT_SQL_FLAGS) + " AS BIGINT)";
        Expression offset = select.getOffset();
        if (offset != null) {
            String skipped = "COALESCE(CAST(" + offset.getSQL(HasSQL.DEFAULT_SQL_FLAGS) + " AS BIGINT), 0)";
            limit = "CASE WHEN " + limit + " < " + LARGE + " AND " + skipped + " < " + LARGE + " THEN " + limit + " + "
                    + skipped + " END";
        }
        return order + " LIMIT " + limit;
    }

    private static @Nullable String order(Select select, Predicate<Expression> isComputed) {
        SortOrder sort = select.getSortOrder();
        if (sort == null) {
            return "";
        }
        int[] indexes = sort.getQueryColumnIndexes();
        StringBuilder sql = new StringBuilder();
        for (int i = 0; i < indexes.length; i++) {
            Expression expression = select.getExpressions().get(indexes[i]).getNonAliasExpression();
            if (expression.isConstant() || !isComputed.test(expression)) {
                return null;
            }
            sql.append(i == 0 ? " ORDER BY " : ", ")
                    .append(expression.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES));
            SortOrder.typeToString(sql, sort.getSortTypes()[i]);
        }
        return sql.toString();
    }
}
