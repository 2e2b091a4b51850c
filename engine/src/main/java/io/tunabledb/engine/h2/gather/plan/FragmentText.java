package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.row.Tables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.h2.command.query.ForUpdate;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.h2.table.TableFilter;
import org.h2.util.HasSQL;
import org.jspecify.annotations.Nullable;

/** Writes the query that fetches one table's rows. */
final class FragmentText {
    private final MVTable table;
    private final SessionLocal session;
    private boolean isTarget;
    private @Nullable String locking;
    private String always = "";
    private List<Column> columns;
    private GatherPlan.@Nullable Text filter;
    private GatherPlan.@Nullable Text tail;
    private boolean isFilterWhole;

    FragmentText(MVTable table, SessionLocal session) {
        this.table = table;
        this.session = session;
        columns = List.of(table.getColumns());
    }

    /** All rows of the table with their keys, since some are to be changed. */
    FragmentText target() {
        isTarget = true;
        locking = " FOR UPDATE";
        return this;
    }

    /** Rows that the statement itself locks. Which of them others have locked can't be told without locking the rest. */
    FragmentText locking(@Nullable ForUpdate clause) {
        if (clause == null) {
            return this;
        }
        String text =
                clause.getSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS).toString();
        if (clause.getType() == ForUpdate.Type.SKIP_LOCKED) {
            always = text;
        } else {
            isTarget = true;
            locking = text;
        }
        return this;
    }

    /** Only these columns, and those without which the rows can't be stored. */
    FragmentText columns(Set<Column> used) {
        Set<Column> needed = new HashSet<>(used);
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isUnique()) {
                needed.addAll(List.of(index.getColumns()));
            }
        }
        columns = List.of(table.getColumns()).stream().filter(needed::contains).toList();
        return this;
    }

    /** Only rows that meet the conditions of at least one of the places. */
    FragmentText filter(List<FilterUses.Use> uses) {
        List<String> alternatives = new ArrayList<>();
        List<Integer> parameters = new ArrayList<>();
        isFilterWhole = true;
        for (FilterUses.Use use : uses) {
            isFilterWhole &= use.isWhole();
            for (List<GatherPlan.Text> conjuncts : use.alternatives()) {
                if (conjuncts.isEmpty()) {
                    return this;
                }
                alternatives.add(conjuncts.stream()
                        .map(conjunct -> "(" + conjunct.sql() + ")")
                        .collect(Collectors.joining(" AND ")));
                conjuncts.forEach(conjunct -> parameters.addAll(conjunct.parameters()));
            }
        }
        if (!alternatives.isEmpty()) {
            filter = new GatherPlan.Text(String.join(" OR ", alternatives), parameters);
        }
        return this;
    }

    /** What comes after the conditions, if they are all there. */
    FragmentText tail(GatherPlan.@Nullable Text text) {
        if (isFilterWhole) {
            tail = text;
        }
        return this;
    }

    /**
     * An expression over the place's columns by their own names; null if it can't be written so.
     *
     * @param columns what stands instead of a column, by its name; null if they stay
     */
    static GatherPlan.@Nullable Text text(
            Expression expression, TableFilter place, @Nullable Map<String, GatherPlan.Text> columns) {
        String sql = expression.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES);
        return place.hasDerivedColumnList() ? null : NumberedText.unqualified(sql, namesOf(place), columns);
    }

    /**
     * A text over the table's columns by their own names; null if it can't be written so.
     *
     * @param table a table whose name in the text stays; null for none
     */
    static GatherPlan.@Nullable Text unqualified(String sql, TableFilter place, @Nullable MVTable table) {
        if (place.hasDerivedColumnList()) {
            return null;
        }
        Set<String> names = namesOf(place);
        if (table == null) {
            return NumberedText.unqualified(sql, names);
        }
        String from = " FROM " + table.getSQL(HasSQL.DEFAULT_SQL_FLAGS);
        int at = sql.indexOf(from);
        if (at != sql.lastIndexOf(from)) {
            return null;
        }
        GatherPlan.Text before = NumberedText.unqualified(sql.substring(0, at), names);
        GatherPlan.Text after = NumberedText.unqualified(sql.substring(at + from.length()), names);
        if (before == null || after == null) {
            return null;
        }
        List<Integer> parameters = new ArrayList<>(before.parameters());
        parameters.addAll(after.parameters());
        return new GatherPlan.Text(before.sql() + from + after.sql(), parameters);
    }

    private static Set<String> namesOf(TableFilter place) {
        Set<String> names = new HashSet<>(Set.of(place.getTableAlias()));
        String schema = place.getSchemaName();
        if (schema != null) {
            names.add(schema);
        }
        return names;
    }

    GatherPlan.Source write() {
        GatherPlan.Source source = source();
        try {
            session.prepare(source.fragment().sql());
            return source;
        } catch (DbException e) {
            // something in a condition means nothing out of its place: then all rows come
            filter = null;
            tail = null;
            return source();
        }
    }

    private GatherPlan.Source source() {
        String names = columns.stream()
                .map(column -> column.getSQL(HasSQL.DEFAULT_SQL_FLAGS))
                .collect(Collectors.joining(", "));
        String selected = !isTarget ? names.isEmpty() ? "1" : names : names.isEmpty() ? "_ROWID_" : "_ROWID_, " + names;
        StringBuilder sql = new StringBuilder("SELECT ")
                .append(selected)
                .append(" FROM ")
                .append(table.getSQL(HasSQL.DEFAULT_SQL_FLAGS));
        List<Integer> parameters = new ArrayList<>();
        StringBuilder pushed = new StringBuilder();
        if (columns.size() < table.getColumns().length) {
            pushed.append(columns.size())
                    .append(" of ")
                    .append(table.getColumns().length)
                    .append(" columns");
        }
        if (filter != null) {
            sql.append(" WHERE ").append(filter.sql());
            parameters.addAll(filter.parameters());
            pushed.append(pushed.isEmpty() ? "where " : ", where ").append(filter.sql());
        }
        if (tail != null) {
            sql.append(tail.sql());
            parameters.addAll(tail.parameters());
            pushed.append(pushed.isEmpty() ? "" : ",").append(tail.sql());
        }
        sql.append(always);
        Fragment fragment = new Fragment(
                Tables.nameOf(table),
                sql.toString(),
                parameters,
                locking,
                pushed.toString().strip());
        String byKey =
                "SELECT " + selected + " FROM " + table.getSQL(HasSQL.DEFAULT_SQL_FLAGS) + " WHERE _ROWID_ = ANY(?)";
        return new GatherPlan.Source(
                fragment, columns.stream().map(Column::getColumnId).toList(), isTarget ? byKey + locking : null);
    }
}
