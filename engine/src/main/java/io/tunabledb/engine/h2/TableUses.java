package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.MergeUsing;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.expression.ExpressionVisitor;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.DataChangeDeltaTable;
import org.h2.table.DualTable;
import org.h2.table.MetaTable;
import org.h2.table.QueryExpressionTable;
import org.h2.table.RangeTable;
import org.h2.table.ShadowTable;
import org.h2.table.Table;
import org.h2.table.TableView;

/** Every use of a table in a statement that H2 has parsed, at any depth and behind views. */
final class TableUses {
    private final List<MVTable> uses = new ArrayList<>();
    private final Set<Table> opened = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean complete = true;
    private boolean takesFromSequence;
    private boolean changesInside;

    private TableUses() {}

    /** Reads a statement; {@code sql} is what it was parsed from. */
    static TableUses of(Prepared statement, String sql, Database database) {
        TableUses found = new TableUses();
        found.add(statement);
        if (!found.complete) {
            found.addByName(sql, database);
        }
        return found;
    }

    /** The tables, once for each place where they stand. */
    List<MVTable> uses() {
        return uses;
    }

    /** Whether nothing is used in a place that can't be looked into; if not, some tables may be there that aren't used. */
    boolean isComplete() {
        return complete;
    }

    boolean takesFromSequence() {
        return takesFromSequence;
    }

    /** Whether it is a query over the rows that a change in it changes. */
    boolean changesInside() {
        return changesInside;
    }

    private void add(Prepared statement) {
        Noted noted = new Noted();
        statement.collectDependencies(noted);
        if (statement instanceof DataChangeStatement change && change instanceof MergeUsing == false) {
            noted.objects.add(change.getTable());
        }
        noted.objects.forEach(this::add);
    }

    private void add(DbObject object) {
        if (object instanceof MVTable table) {
            uses.add(table);
        } else if (object instanceof QueryExpressionTable query) {
            if (opened.add(query)) {
                if (query instanceof TableView view && view.isInvalid()) {
                    return; // H2 will say so
                }
                add(query.getQuery());
            }
        } else if (object instanceof Sequence) {
            takesFromSequence = true;
        } else if (object instanceof DataChangeDeltaTable) {
            changesInside = true;
        } else if (object instanceof Table && !answersItself(object)) {
            complete = false;
        }
    }

    private static boolean answersItself(DbObject table) {
        return table instanceof GeneratedTable
                || table instanceof MetaTable
                || table instanceof RangeTable
                || table instanceof DualTable
                || table instanceof ShadowTable; // of a recursive query, by its own name
    }

    /** A table of values or of a function may have queries inside, which H2 shows nobody: every table that is named. */
    private void addByName(String sql, Database database) {
        Set<String> names = new HashSet<>();
        SqlTokens.of(sql).forEach(token -> names.add(token.text().toUpperCase(Locale.ROOT)));
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (names.contains(table.getName().toUpperCase(Locale.ROOT))) {
                    add(table);
                }
            }
        }
    }

    /**
     * H2 asks the set whether it has a table before it adds what that table depends on, which is of no interest here, and
     * adds a table for each of its uses.
     */
    private static final class Noted extends HashSet<DbObject> {
        private static final long serialVersionUID = 1L;

        private final transient List<DbObject> objects = new ArrayList<>();

        @Override
        public boolean add(DbObject object) {
            objects.add(object);
            return super.add(object);
        }

        @Override
        public boolean contains(Object object) {
            return object instanceof Table || super.contains(object);
        }
    }

    /** How often an expression uses a table, a sequence or anything else of the schema. */
    static boolean dependsOnNothing(org.h2.expression.Expression expression) {
        HashSet<DbObject> used = new HashSet<>();
        expression.isEverything(ExpressionVisitor.getDependenciesVisitor(used));
        return used.isEmpty();
    }
}
