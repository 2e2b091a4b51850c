package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.List;
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

    /** Null when every row is needed. */
    static GatherPlan.@Nullable Text of(Select select, FilterUses places) {
        Expression fetch = select.getFetch();
        boolean isPlain = places.areAll()
                && places.selects() == 1
                && places.places() == 1
                && !select.isGroupQuery()
                && !select.isWindowQuery()
                && !select.isAnyDistinct()
                && !select.isWithTies()
                && !select.isFetchPercent();
        if (fetch == null || !isPlain) {
            return null;
        }
        GatherPlan.Text order = order(select, places);
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
        GatherPlan.Text text = NumberedText.of(" LIMIT " + limit);
        List<Integer> parameters = new ArrayList<>(order.parameters());
        parameters.addAll(text.parameters());
        return new GatherPlan.Text(order.sql() + text.sql(), parameters);
    }

    private static GatherPlan.@Nullable Text order(Select select, FilterUses places) {
        SortOrder sort = select.getSortOrder();
        if (sort == null) {
            return new GatherPlan.Text("", List.of());
        }
        TableFilter place = select.getTopTableFilter();
        int[] indexes = sort.getQueryColumnIndexes();
        StringBuilder sql = new StringBuilder();
        List<Integer> parameters = new ArrayList<>();
        for (int i = 0; i < indexes.length; i++) {
            Expression expression = select.getExpressions().get(indexes[i]).getNonAliasExpression();
            if (expression.isConstant() || !places.concernsOnly(place, expression)) {
                return null;
            }
            GatherPlan.Text text = FragmentText.text(expression, place);
            if (text == null) {
                return null;
            }
            sql.append(i == 0 ? " ORDER BY " : ", ").append(text.sql());
            SortOrder.typeToString(sql, sort.getSortTypes()[i]);
            parameters.addAll(text.parameters());
        }
        return new GatherPlan.Text(sql.toString(), parameters);
    }
}
