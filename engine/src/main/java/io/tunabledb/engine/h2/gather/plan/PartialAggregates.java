package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.internals.H2Tree;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
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
import org.h2.value.DataType;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A grouped query over one table, or one over tables that are joined by their shard keys, split in two: each shard counts,
 * sums and compares its own rows, and the results are put together. COUNT, SUM, AVG, MIN and MAX can be, where their parts
 * come to the same in any order; the types stay those that one shard would give. What is DISTINCT in an aggregate becomes a
 * part of the groups that the shards make, and so do the columns of a SELECT DISTINCT. A query without groups has its rows
 * put together. Sums of REAL depend on the order of the rows, so these are fetched.
 */
public final class PartialAggregates {
    /** A parameter with this number or a higher one is the array of a partial column's values. */
    public static final int FIRST_COLUMN = 1_000_000;

    private static final Set<AggregateType> MERGEABLE = Set.of(
            AggregateType.COUNT_ALL,
            AggregateType.COUNT,
            AggregateType.SUM,
            AggregateType.AVG,
            AggregateType.MIN,
            AggregateType.MAX);
    /** Digits that sums of floating-point values need to be exact. */
    private static final String FILTER = " FILTER (WHERE";

    private static final String EXACT = "DECFLOAT(1000)";

    private final SessionLocal session;
    private final Select select;
    private final ShardRows rows;
    private final boolean isGrouping;
    private final List<TypeInfo> types = new ArrayList<>();
    private final List<String> selected = new ArrayList<>();
    private final List<PartialTypes.Average> averages = new ArrayList<>();
    private final List<Integer> keys = new ArrayList<>();
    private final List<String> groups = new ArrayList<>();
    /** What stands in the query's expressions, and what it becomes: longest first. */
    private final Map<String, String> aggregates = new LinkedHashMap<>();

    private final Map<String, String> groupColumns = new LinkedHashMap<>();
    private final Map<String, String> distinct = new LinkedHashMap<>();
    private boolean possible = true;

    private PartialAggregates(Select select, ShardRows rows, SessionLocal session) {
        this.select = select;
        this.rows = rows;
        this.session = session;
        isGrouping = select.isGroupQuery() || select.isAnyDistinct();
    }

    /**
     * The whole plan; null if rows are needed.
     *
     * @param together the sharded tables of the query if their equal shard keys bring them together, else none
     */
    static @Nullable GatherPlan plan(
            String sql, Select select, FilterUses places, Set<String> together, SessionLocal session) {
        boolean isPlain = places.areAll()
                && places.selects() == 1
                && !(select.isGroupQuery() && select.isAnyDistinct())
                && (!select.isAnyDistinct() || select.isStandardDistinct())
                && !select.isWindowQuery()
                && select.getForUpdate() == null
                && !select.isWithTies()
                && !select.isFetchPercent();
        ShardRows rows = !isPlain
                ? null
                : places.places() == 1 ? ofTable(select, places) : ShardRows.OfJoin.of(select, places, together);
        return rows == null ? null : new PartialAggregates(select, rows, session).plan(sql);
    }

    private static @Nullable ShardRows ofTable(Select select, FilterUses places) {
        boolean isGrouping = select.isGroupQuery() || select.isAnyDistinct();
        if (!isGrouping || !(select.getTopTableFilter().getTable() instanceof MVTable table)) {
            return null;
        }
        FilterUses.Use use = places.of(table).get(0);
        return use.isWhole() ? new ShardRows.OfTable(use, places) : null;
    }

    private @Nullable GatherPlan plan(String sql) {
        try {
            for (int index : grouped()) {
                Expression group = select.getExpressions().get(index).getNonAliasExpression();
                if (select.isGroupQuery() || !group.isConstant()) {
                    group(group);
                }
            }
            for (Expression expression : select.getExpressions()) {
                collect(expression);
            }
            if (!possible || types.isEmpty()) {
                return null;
            }
            GatherPlan.Source source = source();
            GatherPlan.Text combined = combined();
            if (source == null || combined == null) {
                return null;
            }
            session.prepare(combined.sql());
            return GatherPlan.ofPartials(sql, source, combined, new PartialTypes(types, keys, averages));
        } catch (DbException e) {
            return null; // something can't be said of partial results
        }
    }

    private int[] grouped() {
        if (!select.isGroupQuery()) {
            int columns = isGrouping
                    ? select.getColumnCount()
                    : select.getExpressions().size();
            return IntStream.range(0, columns).toArray();
        }
        int[] grouped = H2Tree.GROUP_INDEX.of(select, int[].class);
        return grouped == null ? new int[0] : grouped;
    }

    private void group(Expression group) {
        possible &= rows.computes(group) && !group.isConstant() && (!isGrouping || looksTheSame(group.getType()));
        String text = group.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
        if (!groupColumns.containsKey(text)) {
            keys.add(types.size());
            groups.add(text);
            groupColumns.put(text, column(text, group.getType()));
        }
    }

    /** A column of the shards' results; gives its name. */
    private String column(String text, TypeInfo type) {
        // a table function takes the padding of CHAR away
        possible &= type.getValueType() != Value.CHAR && !DataType.isLargeObject(type.getValueType());
        selected.add(text);
        types.add(type);
        return name(types.size() - 1);
    }

    /** Whether equal values are the same to the eye; if not, which of them stands for its group depends on the order of rows. */
    private static boolean looksTheSame(TypeInfo type) {
        return switch (type.getValueType()) {
            case Value.VARCHAR_IGNORECASE, Value.DECFLOAT, Value.TIME_TZ, Value.TIMESTAMP_TZ, Value.ARRAY, Value.ROW ->
                false;
            default -> true;
        };
    }

    private static String name(int column) {
        return "\"#" + column + "\"";
    }

    private static String average(int number) {
        return "\"#A" + number + "\"";
    }

    private void collect(Expression aliased) {
        // an alias doesn't show what it stands for
        Expression expression = aliased.getNonAliasExpression();
        if (expression instanceof Aggregate aggregate) {
            possible &= MERGEABLE.contains(aggregate.getAggregateType()) && rows.computes(aggregate);
            String text = aggregate.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
            if (possible && !aggregates.containsKey(text)) {
                String merged = aggregate.isDistinct() ? distinct(aggregate, text) : merged(aggregate, text);
                aggregates.put(text, merged);
            }
            return;
        }
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            collect(expression.getSubexpression(i));
        }
    }

    /** Its values become a part of the shards' groups. */
    private String distinct(Aggregate aggregate, String text) {
        possible &= aggregate.getSubexpressionCount() == 1 && !text.contains(FILTER);
        if (!possible) {
            return text;
        }
        Expression argument = aggregate.getSubexpression(0);
        possible &= !argument.isConstant() && looksTheSame(argument.getType());
        String values = argument.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
        String column = distinct.get(values);
        if (column == null) {
            column = groupColumns.getOrDefault(values, "");
            if (column.isEmpty()) {
                groups.add(values);
                column = column(values, argument.getType());
            }
            distinct.put(values, column);
        }
        return aggregate.getAggregateType().name() + "(DISTINCT " + column + ")";
    }

    private String merged(Aggregate aggregate, String text) {
        TypeInfo type = aggregate.getType();
        return switch (aggregate.getAggregateType()) {
            case COUNT, COUNT_ALL -> "CAST(COALESCE(SUM(" + column(text, type) + "), 0) AS BIGINT)";
            case SUM -> "CAST(SUM(" + sum(aggregate, text) + ") AS " + sql(type) + ")";
            case AVG -> average(aggregate, text);
            case MIN, MAX -> extreme(aggregate, text);
            default -> throw new IllegalStateException("not mergeable: " + text);
        };
    }

    private String extreme(Aggregate aggregate, String text) {
        possible &= aggregate.getType().getValueType() != Value.VARCHAR_IGNORECASE;
        return aggregate.getAggregateType().name() + "(" + column(text, aggregate.getType()) + ")";
    }

    /** The column of its sums, which are exact. */
    private String sum(Aggregate aggregate, String text) {
        Expression argument = aggregate.getSubexpression(0);
        int type = argument.getType().getValueType();
        possible &= type != Value.REAL;
        String sum = "SUM" + text.substring(text.indexOf('('));
        if (type == Value.DOUBLE || type == Value.DECFLOAT) {
            String values = argument.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
            possible &= sum.startsWith(values, 4);
            sum = "SUM(CAST(" + values + " AS " + EXACT + "))"
                    + sum.substring(Math.min(sum.length(), 5 + values.length()));
        }
        Expression parsed = typed(sum);
        return parsed == null ? text : column(sum, parsed.getType());
    }

    /** The expression over the table's columns; null when it can't be one. */
    private @Nullable Expression typed(String expression) {
        GatherPlan.Text text = rows.text("SELECT " + expression + rows.from());
        if (text == null) {
            possible = false;
            return null;
        }
        return ((Select) session.prepare(text.sql())).getExpressions().get(0);
    }

    private String average(Aggregate aggregate, String text) {
        TypeInfo type = aggregate.getType();
        int sum = types.size();
        possible &= DataType.isNumericType(type.getValueType());
        if (possible) {
            sum(aggregate, text);
            column("COUNT" + text.substring(text.indexOf('(')), TypeInfo.TYPE_BIGINT);
            averages.add(new PartialTypes.Average(sum, sum + 1, type));
        }
        return "MIN(" + average(averages.size() - 1) + ")";
    }

    private static String sql(TypeInfo type) {
        return type.getSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS).toString();
    }

    private GatherPlan.@Nullable Source source() {
        StringBuilder sql = new StringBuilder("SELECT ").append(String.join(", ", selected));
        sql.append(rows.from());
        if (isGrouping && !groups.isEmpty()) {
            sql.append(" GROUP BY ").append(String.join(", ", groups));
        }
        String tail = isGrouping ? null : LimitText.of(select, rows::computes);
        sql.append(tail == null ? "" : tail);
        GatherPlan.Text text = rows.text(sql.toString());
        if (text == null) {
            return null;
        }
        session.prepare(text.sql());
        Fragment fragment =
                new Fragment(rows.table(), text.sql(), text.parameters(), null, "partial results: " + text.sql());
        return new GatherPlan.Source(fragment, List.of(), null);
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
        sql.append(" FROM ").append(table());
        if (isGrouping && !groupColumns.isEmpty()) {
            sql.append(" GROUP BY ").append(String.join(", ", groupColumns.values()));
        }
        Integer having = H2Tree.HAVING_INDEX.of(select, Integer.class);
        if (having != null && having >= 0) {
            sql.append(" HAVING ").append(rewritten(expressions.get(having)));
        }
        appendEnd(sql, expressions);
        return possible ? NumberedText.of(sql.toString()) : null;
    }

    /** The partial results. */
    private String table() {
        StringBuilder sql = new StringBuilder("TABLE(");
        for (int i = 0; i < types.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append(name(i)).append(' ').append(sql(types.get(i)));
            sql.append(" = ?").append(FIRST_COLUMN + i);
        }
        for (int i = 0; i < averages.size(); i++) {
            sql.append(", ")
                    .append(average(i))
                    .append(' ')
                    .append(sql(averages.get(i).type()));
            sql.append(" = ?").append(FIRST_COLUMN + types.size() + i);
        }
        return sql.append(')').toString();
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
        String whole =
                expression.getNonAliasExpression().getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
        Map<String, String> nothing = new LinkedHashMap<>();
        aggregates.keySet().forEach(part -> nothing.put(part, "NULL"));
        // H2 may keep an aggregate to itself, inside of something else: that one would see partial results
        String rest = "SELECT " + replaced(whole, List.of(nothing, groupColumns)) + " FROM " + table();
        possible &= possible && !((Select) session.prepare(NumberedText.of(rest).sql())).isGroupQuery();
        String text = replaced(whole, List.of(aggregates, groupColumns));
        possible &= text.indexOf('\'') < 0; // a literal may have looked like one of them
        return text;
    }

    private static String replaced(String whole, List<Map<String, String>> replacements) {
        String text = whole;
        for (Map<String, String> known : replacements) {
            List<String> longestFirst = new ArrayList<>(known.keySet());
            longestFirst.sort(Comparator.comparing(String::length).reversed());
            for (String part : longestFirst) {
                text = text.replace(part, known.get(part));
            }
        }
        return text;
    }
}
