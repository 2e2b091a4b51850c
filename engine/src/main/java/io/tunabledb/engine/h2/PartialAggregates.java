package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.command.query.Select;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.aggregate.Aggregate;
import org.h2.expression.aggregate.AggregateType;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.SortOrder;
import org.h2.util.HasSQL;
import org.h2.util.ParserUtil;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A grouped query over one table, split in two: each shard counts, sums and compares its own rows, and the results are
 * put together. COUNT, SUM, MIN and MAX can be, since their parts come to the same in any order; the types stay those that
 * one shard would give. (Sums of REAL and DOUBLE depend on the order of rows in one shard, too.)
 */
final class PartialAggregates {
    /** A parameter with this number or a higher one is the array of a partial column's values. */
    static final int FIRST_COLUMN = 1_000_000;

    private static final Set<AggregateType> MERGEABLE = Set.of(
            AggregateType.COUNT_ALL, AggregateType.COUNT, AggregateType.SUM, AggregateType.MIN, AggregateType.MAX);

    private final SessionLocal session;
    private final Select select;
    private final FilterUses.Use use;
    private final List<TypeInfo> types = new ArrayList<>();
    private final List<String> selected = new ArrayList<>();
    private final List<String> groups = new ArrayList<>();
    /** What stands in the query's expressions, and what it becomes: longest first. */
    private final Map<String, String> aggregates = new LinkedHashMap<>();

    private final Map<String, String> groupColumns = new LinkedHashMap<>();
    private boolean possible = true;

    private PartialAggregates(Select select, FilterUses.Use use, SessionLocal session) {
        this.select = select;
        this.use = use;
        this.session = session;
    }

    /** The whole plan; null if rows are needed. */
    static @Nullable GatherPlan plan(String sql, Select select, FilterUses places, SessionLocal session) {
        boolean isPlain = places.areAll()
                && places.selects() == 1
                && places.places() == 1
                && select.isGroupQuery()
                && !select.isWindowQuery()
                && !select.isAnyDistinct()
                && select.getForUpdate() == null
                && !select.isWithTies()
                && !select.isFetchPercent();
        if (!isPlain || !(select.getTopTableFilter().getTable() instanceof MVTable table)) {
            return null;
        }
        FilterUses.Use use = places.of(table).get(0);
        return use.isWhole() ? new PartialAggregates(select, use, session).plan(sql, places) : null;
    }

    private @Nullable GatherPlan plan(String sql, FilterUses places) {
        int[] grouped = H2Tree.GROUP_INDEX.of(select, int[].class);
        for (int index : grouped == null ? new int[0] : grouped) {
            Expression group = select.getExpressions().get(index).getNonAliasExpression();
            possible &= places.concernsOnly(use.filter(), group) && !group.isConstant();
            String text = group.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
            groups.add(text);
            groupColumns.put(text, column(text, group.getType()));
        }
        for (Expression expression : select.getExpressions()) {
            collect(expression, places);
        }
        if (!possible) {
            return null;
        }
        try {
            GatherPlan.Source source = source();
            GatherPlan.Text combined = combined();
            if (source == null || combined == null) {
                return null;
            }
            session.prepare(combined.sql());
            return GatherPlan.ofPartials(sql, source, combined, types);
        } catch (DbException e) {
            return null; // something can't be said of partial results
        }
    }

    /** A column of the shards' results; gives its name. */
    private String column(String text, TypeInfo type) {
        possible &= type.getValueType() != Value.CHAR; // a table function takes its padding away
        String name = "\"#" + types.size() + "\"";
        selected.add(text);
        types.add(type);
        return name;
    }

    private void collect(Expression expression, FilterUses places) {
        if (expression instanceof Aggregate aggregate) {
            if (MERGEABLE.contains(aggregate.getAggregateType())
                    && !aggregate.isDistinct()
                    && places.concernsOnly(use.filter(), aggregate)) {
                String text = aggregate.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
                if (!aggregates.containsKey(text)) {
                    aggregates.put(text, merged(aggregate, column(text, aggregate.getType())));
                }
            } else {
                possible = false;
            }
            return;
        }
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            collect(expression.getSubexpression(i), places);
        }
    }

    private static String merged(Aggregate aggregate, String column) {
        String type = aggregate
                .getType()
                .getSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS)
                .toString();
        return switch (aggregate.getAggregateType()) {
            case COUNT, COUNT_ALL -> "CAST(COALESCE(SUM(" + column + "), 0) AS BIGINT)";
            case SUM -> "CAST(SUM(" + column + ") AS " + type + ")";
            case MIN -> "MIN(" + column + ")";
            default -> "MAX(" + column + ")";
        };
    }

    private GatherPlan.@Nullable Source source() {
        StringBuilder sql = new StringBuilder("SELECT ").append(String.join(", ", selected));
        sql.append(" FROM ").append(use.table().getSQL(HasSQL.DEFAULT_SQL_FLAGS));
        String glue = " WHERE ";
        for (Expression condition : use.conditions()) {
            sql.append(glue)
                    .append('(')
                    .append(condition.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES))
                    .append(')');
            glue = " AND ";
        }
        if (!groups.isEmpty()) {
            sql.append(" GROUP BY ").append(String.join(", ", groups));
        }
        GatherPlan.Text text = FragmentText.unqualified(sql.toString(), use.filter(), use.table());
        if (text == null) {
            return null;
        }
        session.prepare(text.sql());
        Fragment fragment = new Fragment(
                Tables.nameOf(use.table()), text.sql(), text.parameters(), false, "partial results: " + text.sql());
        return new GatherPlan.Source(fragment, List.of(), false);
    }

    private GatherPlan.@Nullable Text combined() {
        List<Expression> expressions = select.getExpressions();
        StringBuilder sql = new StringBuilder("SELECT ");
        for (int i = 0; i < select.getColumnCount(); i++) {
            String label = ParserUtil.quoteIdentifier(
                            new StringBuilder(), expressions.get(i).getAlias(session, i), HasSQL.DEFAULT_SQL_FLAGS)
                    .toString();
            sql.append(i == 0 ? "" : ", ")
                    .append(rewritten(expressions.get(i)))
                    .append(" AS ")
                    .append(label);
        }
        sql.append(" FROM TABLE(");
        for (int i = 0; i < types.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append("\"#").append(i).append("\" ");
            types.get(i).getSQL(sql, HasSQL.DEFAULT_SQL_FLAGS).append(" = ?").append(FIRST_COLUMN + i);
        }
        sql.append(')');
        if (!groupColumns.isEmpty()) {
            sql.append(" GROUP BY ").append(String.join(", ", groupColumns.values()));
        }
        Integer having = H2Tree.HAVING_INDEX.of(select, Integer.class);
        if (having != null && having >= 0) {
            sql.append(" HAVING ").append(rewritten(expressions.get(having)));
        }
        appendEnd(sql, expressions);
        return possible ? NumberedText.of(sql.toString()) : null;
    }

    private void appendEnd(StringBuilder sql, List<Expression> expressions) {
        SortOrder sort = select.getSortOrder();
        if (sort != null) {
            int[] indexes = sort.getQueryColumnIndexes();
            for (int i = 0; i < indexes.length; i++) {
                Expression expression = expressions.get(indexes[i]);
                possible &= !expression.isConstant();
                sql.append(i == 0 ? " ORDER BY " : ", ").append(rewritten(expression));
                SortOrder.typeToString(sql, sort.getSortTypes()[i]);
            }
        }
        Expression offset = select.getOffset();
        if (offset != null) {
            sql.append(" OFFSET ")
                    .append(offset.getSQL(HasSQL.DEFAULT_SQL_FLAGS))
                    .append(" ROWS");
        }
        Expression fetch = select.getFetch();
        if (fetch != null) {
            sql.append(" FETCH FIRST ")
                    .append(fetch.getSQL(HasSQL.DEFAULT_SQL_FLAGS))
                    .append(" ROWS ONLY");
        }
    }

    /** The expression over partial results. What is left of the table in it no longer compiles. */
    private String rewritten(Expression expression) {
        String text =
                expression.getNonAliasExpression().getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
        for (Map<String, String> known : List.of(aggregates, groupColumns)) {
            List<String> longestFirst = new ArrayList<>(known.keySet());
            longestFirst.sort(Comparator.comparing(String::length).reversed());
            for (String part : longestFirst) {
                text = text.replace(part, known.get(part));
            }
        }
        possible &= text.indexOf('\'') < 0; // a literal may have looked like one of them
        return text;
    }
}
