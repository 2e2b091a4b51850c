package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.h2.command.query.Query;
import org.h2.command.query.Select;
import org.h2.command.query.SelectUnion;
import org.h2.engine.DbObject;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.expression.Subquery;
import org.h2.mvstore.db.MVTable;
import org.h2.table.QueryExpressionTable;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.table.TableView;
import org.jspecify.annotations.Nullable;

/**
 * The places of a statement where tables stand, each with the conditions that its rows must meet. H2 does not show every
 * place: whether all were found is told by counting.
 */
final class FilterUses {

    /**
     * A place.
     *
     * @param conditions those of its own query that concern no other place
     * @param isWhole whether its rows must meet no other conditions in its query
     * @param alternatives a row that meets none of these sets of conditions is not needed here; if the place is inside a view,
     *     there is one for each place where the view stands
     */
    record Use(
            TableFilter filter,
            MVTable table,
            List<Expression> conditions,
            boolean isWhole,
            List<List<GatherPlan.Text>> alternatives) {}

    /**
     * A place whose conditions can be told apart when all places are known.
     *
     * @param inside the query it stands in, if that is what a view, a derived table or a common table expression is
     */
    record Place(
            TableFilter filter,
            @Nullable Expression where,
            @Nullable Inside inside) {

        /** Whether its query may give rows that have nothing of it. */
        boolean isOuter() {
            return filter.isJoinOuter() || filter.isJoinOuterIndirect();
        }
    }

    /** A condition on the view's columns is one on the rows of the query, or leaves whole groups of them out. */
    record Inside(QueryExpressionTable view, Select select) {}

    private final List<Use> uses = new ArrayList<>();
    private final List<TableFilter> filters = new ArrayList<>();
    private final List<Place> tables = new ArrayList<>();
    private final IdentityHashMap<QueryExpressionTable, List<Place>> views = new IdentityHashMap<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private int selects;
    private int written;

    private FilterUses() {}

    static FilterUses of(Query query, String sql) {
        FilterUses found = new FilterUses();
        found.written = written(sql);
        found.add(query, null);
        found.settle();
        return found;
    }

    /** Those of a change with one table and a condition. */
    static FilterUses of(TableFilter target, @Nullable Expression condition, String sql) {
        FilterUses found = new FilterUses();
        found.written = written(sql);
        found.add(target, condition, null);
        if (condition != null) {
            found.addSubqueries(condition);
        }
        found.settle();
        return found;
    }

    /** How many queries the text has. */
    private static int written(String sql) {
        return (int) SqlTokens.of(sql).stream()
                .filter(token -> token.is("SELECT") || token.is("TABLE"))
                .count();
    }

    /** Whether these are all the places there are. */
    boolean areAll() {
        return selects == written;
    }

    /** How many queries there are in it, with itself. */
    int selects() {
        return selects;
    }

    /** The places, also those where no table's rows are. */
    List<TableFilter> filters() {
        return filters;
    }

    int places() {
        return filters.size();
    }

    @SuppressWarnings("ReferenceEquality") // a table of H2 is one object
    List<Use> of(MVTable table) {
        return uses.stream().filter(use -> use.table() == table).toList();
    }

    /** @param view what is this query and nothing more, or null */
    private void add(Query query, @Nullable QueryExpressionTable view) {
        if (!seen.add(query)) {
            return;
        }
        QueryExpressionTable open = view != null && ViewConditions.passThrough(query) ? view : null;
        if (query instanceof SelectUnion union) {
            add(union.getLeft(), open);
            add(union.getRight(), open);
        } else if (query instanceof Select select) {
            selects++;
            TableFilter top = select.getTopTableFilter();
            List<?> tops = top == null ? H2Tree.TOP_FILTERS.of(select, List.class) : List.of(top);
            for (Object each : Objects.requireNonNull(tops)) {
                chain((TableFilter) each, select.getCondition(), open == null ? null : new Inside(open, select));
            }
            select.getExpressions().forEach(this::addSubqueries);
            Expression condition = select.getCondition();
            if (condition != null) {
                addSubqueries(condition);
            }
        }
    }

    private void chain(TableFilter first, @Nullable Expression where, @Nullable Inside inside) {
        for (TableFilter filter = first; filter != null; filter = filter.getJoin()) {
            add(filter, where, inside);
            TableFilter nested = filter.getNestedJoin();
            if (nested != null) {
                chain(nested, where, inside);
            }
            Expression on = filter.getJoinCondition();
            if (on != null) {
                addSubqueries(on);
            }
        }
    }

    private void add(TableFilter filter, @Nullable Expression where, @Nullable Inside inside) {
        filters.add(filter);
        Place place = new Place(filter, where, inside);
        Table table = filter.getTable();
        if (table instanceof MVTable) {
            tables.add(place);
        } else if (table instanceof QueryExpressionTable query) {
            views.computeIfAbsent(query, any -> new ArrayList<>()).add(place);
            if (seen.add(query)) {
                if (table instanceof TableView view) {
                    written += written(view.getQuerySQL());
                }
                add(query.getQuery(), query);
            }
        }
    }

    private void addSubqueries(Expression expression) {
        if (expression instanceof Subquery subquery) {
            add(subquery.getQuery(), null);
        } else if (H2Tree.SUBQUERY.isPartOf(expression)) {
            add(Objects.requireNonNull(H2Tree.SUBQUERY.of(expression, Query.class)), null);
        }
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            addSubqueries(expression.getSubexpression(i));
        }
    }

    private void settle() {
        for (Place place : tables) {
            List<Expression> conditions = new ArrayList<>();
            boolean isWhole = split(place, conditions);
            ViewConditions pushed = new ViewConditions(this, place);
            uses.add(new Use(
                    place.filter(),
                    (MVTable) place.filter().getTable(),
                    conditions,
                    isWhole && pushed.areOwnWhole(),
                    pushed.alternatives()));
        }
    }

    /** Where a view stands. */
    List<Place> of(QueryExpressionTable view) {
        return views.getOrDefault(view, List.of());
    }

    /** The conditions that all must be met if {@code condition} is. */
    static List<Expression> conjuncts(Expression condition) {
        if (!H2Tree.isAnd(condition)) {
            return List.of(condition);
        }
        List<Expression> all = new ArrayList<>();
        for (int i = 0; i < condition.getSubexpressionCount(); i++) {
            all.addAll(conjuncts(condition.getSubexpression(i)));
        }
        return all;
    }

    /** Collects the conditions of a place's own query that concern only the place; false if there are others. */
    boolean split(Place place, List<Expression> own) {
        boolean isWhole = true;
        TableFilter filter = place.filter();
        if (!place.isOuter() && place.where() != null) {
            isWhole = split(place.where(), filter, own);
        }
        if (filter.getJoinCondition() != null) {
            isWhole &= split(filter.getJoinCondition(), filter, own);
        }
        return isWhole;
    }

    /** Collects the conjuncts that concern only {@code filter}; false if there are others. */
    private boolean split(Expression condition, TableFilter filter, List<Expression> own) {
        boolean all = true;
        for (Expression conjunct : conjuncts(condition)) {
            if (concernsOnly(filter, conjunct)) {
                own.add(conjunct);
            } else {
                all = false;
            }
        }
        return all;
    }

    /** Whether an expression's value is the same wherever it is computed and needs no other place's rows. */
    boolean concernsOnly(TableFilter filter, Expression expression) {
        HashSet<DbObject> needed = new HashSet<>();
        expression.isEverything(ExpressionVisitor.getDependenciesVisitor(needed));
        needed.remove(filter.getTable());
        return needed.isEmpty()
                && !hasSubquery(expression)
                && expression.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR)
                && filters.stream()
                        .allMatch(other -> other == filter
                                || expression.isEverything(ExpressionVisitor.getNotFromResolverVisitor(other)));
    }

    static boolean hasSubquery(Expression expression) {
        if (expression instanceof Subquery || H2Tree.SUBQUERY.isPartOf(expression)) {
            return true;
        }
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            if (hasSubquery(expression.getSubexpression(i))) {
                return true;
            }
        }
        return false;
    }
}
