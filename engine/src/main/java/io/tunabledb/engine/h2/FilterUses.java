package io.tunabledb.engine.h2;

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
 * The places of a statement where tables stand, each with the conditions that its rows must meet. H2 lets nobody see every
 * place: whether all were found is told by counting.
 */
final class FilterUses {

    /**
     * A place.
     *
     * @param conditions those that concern no other place
     * @param isWhole whether its rows must meet no other conditions
     */
    record Use(TableFilter filter, MVTable table, List<Expression> conditions, boolean isWhole) {}

    private final List<Use> uses = new ArrayList<>();
    private final List<TableFilter> filters = new ArrayList<>();
    private final List<Pending> pending = new ArrayList<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private int selects;
    private int written;

    /** A place whose conditions can be told apart when all places are known. */
    private record Pending(
            TableFilter filter, MVTable table, @Nullable Expression where) {}

    private FilterUses() {}

    static FilterUses of(Query query, String sql) {
        FilterUses found = new FilterUses();
        found.written = written(sql);
        found.add(query);
        found.settle();
        return found;
    }

    /** Those of a change with one table and a condition. */
    static FilterUses of(TableFilter target, @Nullable Expression condition, String sql) {
        FilterUses found = new FilterUses();
        found.written = written(sql);
        found.add(target, condition);
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

    private void add(Query query) {
        if (!seen.add(query)) {
            return;
        }
        if (query instanceof SelectUnion union) {
            add(union.getLeft());
            add(union.getRight());
        } else if (query instanceof Select select) {
            selects++;
            TableFilter top = select.getTopTableFilter();
            List<?> tops = top == null ? H2Tree.TOP_FILTERS.of(select, List.class) : List.of(top);
            for (Object each : Objects.requireNonNull(tops)) {
                chain((TableFilter) each, select.getCondition());
            }
            select.getExpressions().forEach(this::addSubqueries);
            Expression condition = select.getCondition();
            if (condition != null) {
                addSubqueries(condition);
            }
        }
    }

    private void chain(TableFilter first, @Nullable Expression where) {
        for (TableFilter filter = first; filter != null; filter = filter.getJoin()) {
            add(filter, where);
            TableFilter nested = filter.getNestedJoin();
            if (nested != null) {
                chain(nested, where);
            }
            Expression on = filter.getJoinCondition();
            if (on != null) {
                addSubqueries(on);
            }
        }
    }

    private void add(TableFilter filter, @Nullable Expression where) {
        filters.add(filter);
        Table table = filter.getTable();
        if (table instanceof MVTable rows) {
            pending.add(new Pending(filter, rows, where));
        } else if (table instanceof QueryExpressionTable query) {
            if (seen.add(query)) {
                if (table instanceof TableView view) {
                    written += written(view.getQuerySQL());
                }
                add(query.getQuery());
            }
        }
    }

    private void addSubqueries(Expression expression) {
        if (expression instanceof Subquery subquery) {
            add(subquery.getQuery());
        } else if (H2Tree.SUBQUERY.isPartOf(expression)) {
            add(Objects.requireNonNull(H2Tree.SUBQUERY.of(expression, Query.class)));
        }
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            addSubqueries(expression.getSubexpression(i));
        }
    }

    private void settle() {
        for (Pending place : pending) {
            List<Expression> conditions = new ArrayList<>();
            boolean isWhole = true;
            TableFilter filter = place.filter();
            if (!filter.isJoinOuter() && !filter.isJoinOuterIndirect() && place.where() != null) {
                isWhole = split(place.where(), filter, conditions);
            }
            if (filter.getJoinCondition() != null) {
                isWhole &= split(filter.getJoinCondition(), filter, conditions);
            }
            uses.add(new Use(filter, place.table(), conditions, isWhole));
        }
    }

    /** Collects the conjuncts that concern only {@code filter}; false if there are others. */
    private boolean split(Expression condition, TableFilter filter, List<Expression> own) {
        if (!H2Tree.isAnd(condition)) {
            boolean isOwn = concernsOnly(filter, condition);
            if (isOwn) {
                own.add(condition);
            }
            return isOwn;
        }
        boolean all = true;
        for (int i = 0; i < condition.getSubexpressionCount(); i++) {
            all &= split(condition.getSubexpression(i), filter, own);
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
