package io.tunabledb.engine.h2.readset;

import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.internals.H2Tree;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Update;
import org.h2.command.query.Select;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.Parameter;
import org.h2.expression.ValueExpression;
import org.h2.expression.condition.Comparison;
import org.h2.index.Index;
import org.h2.index.IndexCondition;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a statement has read from the plan H2 executed. A table it went through by equality on all columns of
 * one unique index, with constants and parameters, was read by that key; every other one counts as read entirely. The
 * tables come from two sources, H2's plan and the names in the text, because neither is complete: H2's dependencies pass
 * over some subqueries, and an unqualified name may mean a schema of the search path.
 */
public final class ReadAnalysis {
    private final SessionLocal session;
    private final KeyCatalog catalog;
    private final Prepared prepared;
    private final Map<String, Integer> named = new HashMap<>();
    private final Set<String> depends = new HashSet<>();
    private final StatementReads reads = new StatementReads();

    /**
     * @param statement has been executed
     * @param names the tables its text names, once for each time, and the tables behind views
     */
    public ReadAnalysis(SessionLocal session, KeyCatalog catalog, PreparedStatement statement, List<String> names)
            throws SQLException {
        this.session = session;
        this.catalog = catalog;
        this.prepared = Objects.requireNonNull(H2Tree.PREPARED.of(BoundValues.command(statement), Prepared.class));
        names.forEach(name -> named.merge(name, 1, Integer::sum));
        Set<DbObject> objects = new HashSet<>();
        prepared.collectDependencies((HashSet<DbObject>) objects);
        for (DbObject object : objects) {
            if (object instanceof MVTable table) {
                depends.add(catalog.of(table).table());
            }
        }
    }

    /**
     * What it has read.
     *
     * @param found whether it changed rows, or gave rows it locked
     */
    public StatementReads succeeded(boolean found) {
        List<TableFilter> filters = filters();
        boolean locks = prepared instanceof Update
                || prepared instanceof Delete
                || (prepared instanceof Select select && select.getForUpdate() != null);
        if (prepared instanceof DataChangeStatement change && change.getTable() instanceof MVTable target) {
            addWritten(target);
            if (change instanceof Insert) {
                // a duplicate would have failed, and the new index entry keeps others out
                named.computeIfPresent(catalog.of(target).table(), (name, uses) -> uses == 1 ? null : uses - 1);
            }
        }
        Map<String, List<TableFilter>> byTable = new HashMap<>();
        for (TableFilter filter : filters) {
            if (filter.getTable() instanceof MVTable table) {
                byTable.computeIfAbsent(catalog.of(table).table(), any -> new ArrayList<>(1))
                        .add(filter);
            }
        }
        byTable.forEach((table, uses) -> {
            if (named.getOrDefault(table, 0) != uses.size()) {
                reads.addTable(table);
            } else {
                uses.forEach(filter -> read(table, filter, locks && found && filters.size() == 1));
            }
        });
        named.keySet().stream().filter(name -> !byTable.containsKey(name)).forEach(reads::addTable);
        depends.stream().filter(name -> !byTable.containsKey(name)).forEach(reads::addTable);
        return reads;
    }

    /** What a statement that failed may have learned: all of its tables, and of those whose foreign keys it checked. */
    public StatementReads failed() {
        named.keySet().forEach(reads::addTable);
        depends.forEach(reads::addTable);
        if (prepared instanceof DataChangeStatement change && change.getTable() instanceof MVTable target) {
            addWritten(target);
            reads.written().forEach(reads::addTable);
        }
        return reads;
    }

    /** With all that its foreign keys can make a statement look at. */
    private void addWritten(MVTable target) {
        TableKeys keys = catalog.of(target);
        reads.addWritten(keys.table());
        keys.neighbours().forEach(reads::addWritten);
    }

    private List<TableFilter> filters() {
        List<TableFilter> filters = new ArrayList<>(2);
        if (prepared instanceof Select select) {
            select.getTopTableFilter().visit(filters::add);
        } else if (prepared instanceof Update update) {
            filters.add(update.getTableFilter());
        } else if (prepared instanceof Delete delete) {
            filters.add(delete.getTableFilter());
        }
        return filters;
    }

    private void read(String table, TableFilter filter, boolean isLocked) {
        Table read = filter.getTable();
        Index index = filter.getIndex();
        TableKeys keys = catalog.of((MVTable) read);
        for (Index candidate : read.getIndexes()) {
            TableKeys.Key key = candidate.getIndexType().isUnique() ? keys.of(candidate) : null;
            Value[][] values = key == null || index == null ? null : values(key, conditions(filter));
            if (key != null && values != null) {
                if (!isLocked) {
                    add(table, key, values);
                }
                return;
            }
        }
        reads.addTable(table);
    }

    private void add(String table, TableKeys.Key key, Value[][] rows) {
        for (Value[] row : rows) {
            long fingerprint = TableKeys.fingerprint(key, row);
            if (fingerprint == -1) {
                reads.addTable(table);
            } else if (fingerprint != 0) {
                reads.addKey(table, fingerprint);
            }
        }
    }

    /** H2 drops the conditions its index does not use, so these are the ones the rows were found by. */
    @SuppressWarnings("unchecked")
    private static List<IndexCondition> conditions(TableFilter filter) {
        return Objects.requireNonNull(H2Tree.INDEX_CONDITIONS.of(filter, List.class));
    }

    /** The values of the key's columns, once for each element of an IN; null when they are not all fixed. */
    private Value @Nullable [][] values(TableKeys.Key key, List<IndexCondition> conditions) {
        Column[] columns = key.columns();
        Value[] row = new Value[columns.length];
        for (int i = 0; i < columns.length; i++) {
            Value[] fixed = fixed(columns[i], conditions);
            if (fixed == null) {
                return null;
            }
            if (fixed.length != 1) {
                return columns.length == 1 ? rows(fixed) : null;
            }
            row[i] = fixed[0];
        }
        return new Value[][] {row};
    }

    private static Value[][] rows(Value[] values) {
        Value[][] rows = new Value[values.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new Value[] {values[i]};
        }
        return rows;
    }

    private Value @Nullable [] fixed(Column column, List<IndexCondition> conditions) {
        for (IndexCondition condition : conditions) {
            if (!condition.isCompoundColumns() && column.equals(condition.getColumn())) {
                List<Expression> values = condition.getCompareType() == Comparison.EQUAL
                        ? List.of(condition.getExpression())
                        : condition.getCompareType() == Comparison.IN_LIST ? condition.getExpressionList() : List.of();
                if (!values.isEmpty() && values.stream().allMatch(ReadAnalysis::isConstant)) {
                    return values(values);
                }
            }
        }
        return null;
    }

    private Value @Nullable [] values(List<Expression> expressions) {
        Value[] values = new Value[expressions.size()];
        try {
            for (int i = 0; i < values.length; i++) {
                values[i] = expressions.get(i).getValue(session);
            }
            return values;
        } catch (DbException e) {
            return null;
        }
    }

    private static boolean isConstant(Expression expression) {
        return expression instanceof Parameter || expression instanceof ValueExpression;
    }
}
