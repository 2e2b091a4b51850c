package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.internals.H2Tree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionColumn;
import org.h2.table.Column;
import org.h2.table.TableFilter;
import org.h2.util.HasSQL;
import org.h2.value.CompareMode;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * What a query asks of one place's columns asks it of another's too where it has the two equal: of {@code R.ID = T.ID AND
 * R.ID = 17} follows {@code T.ID = 17}. Only for types whose equal values are the same in every expression (1.0 and 1.00 are
 * not).
 */
final class EqualColumns {
    private static final Set<Integer> SAME_WHEN_EQUAL = Set.of(
            Value.BOOLEAN,
            Value.TINYINT,
            Value.SMALLINT,
            Value.INTEGER,
            Value.BIGINT,
            Value.DATE,
            Value.UUID,
            Value.VARCHAR);

    /** Two columns that are equal in every row of the answer. */
    private record Pair(ExpressionColumn one, ExpressionColumn other) {}

    private EqualColumns() {}

    /**
     * The conditions of the place's query on other places that its rows must meet because of equal columns.
     *
     * @param columns what stands instead of the place's columns, by their names; null if they stay
     */
    static List<GatherPlan.Text> conditions(
            FilterUses places, FilterUses.Place place, @Nullable Map<String, GatherPlan.Text> columns) {
        Expression where = place.where();
        if (where == null) {
            return List.of();
        }
        List<GatherPlan.Text> found = new ArrayList<>();
        of(place, columns).forEach((filter, equal) -> {
            // a row that may be missing stays when its partner goes; one that may not be goes with WHERE
            if (filter.isJoinOuter() || filter.isJoinOuterIndirect()) {
                return;
            }
            for (Expression conjunct : FilterUses.conjuncts(where)) {
                if (places.concernsOnly(filter, conjunct) && !places.concernsOnly(place.filter(), conjunct)) {
                    GatherPlan.Text text = FragmentText.text(conjunct, filter, equal);
                    if (text != null) {
                        found.add(text);
                    }
                }
            }
        });
        return found;
    }

    /**
     * An expression over another place's columns, if it is the same over columns of {@code place}; else null.
     *
     * @param columns as in {@link #conditions}
     */
    static GatherPlan.@Nullable Text text(
            Expression expression,
            FilterUses places,
            FilterUses.Place place,
            @Nullable Map<String, GatherPlan.Text> columns) {
        return of(place, columns).entrySet().stream()
                .filter(equal -> places.concernsOnly(equal.getKey(), expression))
                .map(equal -> FragmentText.text(expression, equal.getKey(), equal.getValue()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static Map<TableFilter, Map<String, GatherPlan.Text>> of(
            FilterUses.Place place, @Nullable Map<String, GatherPlan.Text> columns) {
        List<Expression> conjuncts = new ArrayList<>();
        if (place.where() != null && !place.isOuter()) {
            conjuncts.addAll(FilterUses.conjuncts(place.where()));
        }
        if (place.filter().getJoinCondition() != null) {
            conjuncts.addAll(FilterUses.conjuncts(place.filter().getJoinCondition()));
        }
        List<Pair> pairs = pairs(conjuncts);
        return pairs.isEmpty() ? Map.of() : equals(place.filter(), pairs, columns);
    }

    private static List<Pair> pairs(List<Expression> conjuncts) {
        List<Pair> pairs = new ArrayList<>();
        for (Expression conjunct : conjuncts) {
            if (H2Tree.isEquality(conjunct)
                    && conjunct.getSubexpression(0) instanceof ExpressionColumn one
                    && conjunct.getSubexpression(1) instanceof ExpressionColumn other
                    && areSameWhenEqual(one, other)) {
                pairs.add(new Pair(one, other));
                pairs.add(new Pair(other, one));
            }
        }
        return pairs;
    }

    private static boolean areSameWhenEqual(ExpressionColumn one, ExpressionColumn other) {
        TableFilter filter = one.getTableFilter();
        if (filter == null || other.getTableFilter() == null || one.getColumn() == null || other.getColumn() == null) {
            return false;
        }
        int type = one.getType().getValueType();
        return type == other.getType().getValueType()
                && SAME_WHEN_EQUAL.contains(type)
                && (type != Value.VARCHAR
                        || filter.getTable()
                                .getDatabase()
                                .getCompareMode()
                                .getName()
                                .equals(CompareMode.OFF));
    }

    /** Other places' columns, by their names, that are equal to one of {@code place}: with how that is written. */
    @SuppressWarnings("ReferenceEquality") // a place of H2 is one object
    private static Map<TableFilter, Map<String, GatherPlan.Text>> equals(
            TableFilter place, List<Pair> pairs, @Nullable Map<String, GatherPlan.Text> columns) {
        // a place has no equals of its own, so this is by identity
        Map<TableFilter, Map<String, GatherPlan.Text>> equal = new HashMap<>();
        // what is equal to what is equal is found in as many turns as there are pairs, at most
        for (boolean isNew = true; isNew; ) {
            isNew = false;
            for (Pair pair : pairs) {
                Column column = pair.one().getColumn();
                GatherPlan.Text text = pair.one().getTableFilter() == place
                        ? written(column, columns)
                        : equal.getOrDefault(pair.one().getTableFilter(), Map.of())
                                .get(column.getName());
                TableFilter other = pair.other().getTableFilter();
                if (text != null && other != place) {
                    isNew |= equal.computeIfAbsent(other, any -> new HashMap<>())
                                    .putIfAbsent(pair.other().getColumn().getName(), text)
                            == null;
                }
            }
        }
        return equal;
    }

    private static GatherPlan.@Nullable Text written(Column column, @Nullable Map<String, GatherPlan.Text> columns) {
        return columns == null
                ? new GatherPlan.Text(column.getSQL(HasSQL.DEFAULT_SQL_FLAGS), List.of())
                : columns.get(column.getName());
    }
}
