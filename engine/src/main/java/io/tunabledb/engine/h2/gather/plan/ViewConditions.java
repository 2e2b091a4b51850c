package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.internals.H2Tree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.h2.command.query.Query;
import org.h2.command.query.Select;
import org.h2.expression.Expression;
import org.h2.table.CTE;
import org.h2.table.Column;
import org.h2.table.QueryExpressionTable;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of a table must meet to be needed in one place, with what is asked of the views that the place is in: a
 * condition on a view's columns becomes one on the columns of the table they come from, through any number of views. So does
 * what follows from {@link EqualColumns}.
 *
 * <p>That needs the view's query to give the same whether rows are left out before or after it: not if it limits or numbers
 * its rows, and through groups only where the condition is on what they are grouped by (as H2's Select.addGlobalCondition has
 * it). On the side of an outer join that may be missing nothing is left out, since a row that has no partner any more would
 * stay.
 */
final class ViewConditions {
    /** More places of views than this are not told apart. */
    private static final int MOST_ALTERNATIVES = 16;

    private static final int LONGEST_TEXT = 10_000;

    private final FilterUses places;
    private final List<List<GatherPlan.Text>> alternatives = new ArrayList<>();
    private final boolean areOwnWhole;

    ViewConditions(FilterUses places, FilterUses.Place place) {
        this.places = places;
        List<GatherPlan.Text> own = new ArrayList<>();
        areOwnWhole = addOwn(place, null, own);
        climb(place, null, own);
        if (alternatives.size() > MOST_ALTERNATIVES) {
            alternatives.clear();
            alternatives.add(own);
        }
    }

    /** Whether leaving out rows of a query's answer is leaving out rows, or groups, of what it is made of. */
    static boolean passThrough(Query query) {
        if (query.getFetch() != null || query.getOffset() != null) {
            return false;
        }
        boolean numbersOrPicks = query instanceof Select select
                && (select.isWindowQuery()
                        || H2Tree.DISTINCT_ON.of(select, Object.class) != null
                        || RowNumbers.areIn(select));
        return !numbersOrPicks;
    }

    /** Whether all conditions that its own query has for the place alone could be written. */
    boolean areOwnWhole() {
        return areOwnWhole;
    }

    /** A row that meets none of these is not needed. */
    List<List<GatherPlan.Text>> alternatives() {
        return alternatives;
    }

    /**
     * Adds an alternative for every place where what {@code place} is in stands.
     *
     * @param columns the place's columns by those of the table; null if they are the table's
     * @param conditions those so far
     */
    private void climb(
            FilterUses.Place place, @Nullable Map<String, GatherPlan.Text> columns, List<GatherPlan.Text> conditions) {
        if (alternatives.size() > MOST_ALTERNATIVES) {
            return;
        }
        FilterUses.Inside inside = place.inside();
        if (inside == null || place.isOuter() || isRecursive(inside.view())) {
            alternatives.add(conditions);
            return;
        }
        Map<String, GatherPlan.Text> above = columns(inside, place, columns);
        for (FilterUses.Place outer : places.of(inside.view())) {
            // the view's own come first, since what is asked of its rows may fail for others
            List<GatherPlan.Text> all = new ArrayList<>(conditions);
            addOwn(outer, above, all);
            climb(outer, above, all);
        }
    }

    private static boolean isRecursive(QueryExpressionTable view) {
        return view instanceof CTE common && common.isRecursive();
    }

    private boolean addOwn(
            FilterUses.Place place, @Nullable Map<String, GatherPlan.Text> columns, List<GatherPlan.Text> texts) {
        List<Expression> own = new ArrayList<>();
        places.split(place, own);
        boolean areAll = true;
        for (Expression condition : own) {
            GatherPlan.Text text = FragmentText.text(condition, place.filter(), columns);
            if (text != null && text.sql().length() <= LONGEST_TEXT) {
                texts.add(text);
            } else {
                areAll = false;
            }
        }
        EqualColumns.conditions(places, place, columns).stream()
                .filter(text -> text.sql().length() <= LONGEST_TEXT)
                .forEach(texts::add);
        return areAll;
    }

    /** The view's columns by those of the table, as far as they are made of the table's alone. */
    private Map<String, GatherPlan.Text> columns(
            FilterUses.Inside inside, FilterUses.Place place, @Nullable Map<String, GatherPlan.Text> columns) {
        Map<String, GatherPlan.Text> found = new HashMap<>();
        Column[] names = inside.view().getColumns();
        List<Expression> expressions = inside.select().getExpressions();
        for (int i = 0; i < names.length; i++) {
            Expression expression = expressions.get(i).getNonAliasExpression();
            if (isGroupedBy(inside.select(), i)
                    // a union may give another type than a part of it has
                    && Objects.equals(expression.getType(), names[i].getType())) {
                GatherPlan.Text text = places.concernsOnly(place.filter(), expression)
                        ? FragmentText.text(expression, place.filter(), columns)
                        : EqualColumns.text(expression, places, place, columns);
                if (text != null && text.sql().length() <= LONGEST_TEXT) {
                    found.put(names[i].getName(), text);
                }
            }
        }
        return found;
    }

    private static boolean isGroupedBy(Select select, int index) {
        if (!select.isGroupQuery()) {
            return true;
        }
        int[] groups = H2Tree.GROUP_INDEX.of(select, int[].class);
        if (groups != null) {
            for (int group : groups) {
                if (group == index) {
                    return true;
                }
            }
        }
        return false;
    }
}
