package io.tunabledb.engine.h2.ddl.view;

import io.tunabledb.engine.h2.catalog.GeneratedTable;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.h2.command.Prepared;
import org.h2.command.dml.Call;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.Merge;
import org.h2.command.query.Query;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.DataChangeDeltaTable;
import org.h2.table.DualTable;
import org.h2.table.MetaTable;
import org.h2.table.QueryExpressionTable;
import org.h2.table.RangeTable;
import org.h2.table.ShadowTable;
import org.h2.table.Table;
import org.h2.table.TableView;
import org.jspecify.annotations.Nullable;

/** Every table whose rows a statement that H2 has parsed reads, at any depth and behind views. */
public final class TableUses {
    private final Set<MVTable> tables = new LinkedHashSet<>();
    private final Set<MVTable> whole = new HashSet<>();
    private final Set<DbObject> opened = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Query> queries = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private boolean complete = true;
    private boolean hasWindows;
    private final Set<SequenceName> sequences = new LinkedHashSet<>();
    private final List<DataChangeStatement> changesInside = new ArrayList<>();

    /** What views read that have been looked into; null when each is opened anew. */
    private final @Nullable IdentityHashMap<TableView, TableUses> known;

    private boolean finished;

    private TableUses() {
        this(null);
    }

    private TableUses(@Nullable IdentityHashMap<TableView, TableUses> known) {
        this.known = known;
    }

    /**
     * Reads a view.
     *
     * @param known views that were read before, and from now on this one and those inside it: views over views are read once
     *     each
     */
    static TableUses of(TableView view, IdentityHashMap<TableView, TableUses> known) {
        TableUses found = known.get(view);
        if (found == null) {
            found = new TableUses(known);
            known.put(view, found);
            found.open(view.getQuery());
            found.finish(view.getQuerySQL(), view.getDatabase());
        }
        return found;
    }

    /** Reads a query; {@code sql} is what it was parsed from. */
    public static TableUses of(Query query, String sql, Database database) {
        TableUses found = new TableUses();
        found.open(query);
        found.finish(sql, database);
        return found;
    }

    /** Reads a change of rows, without the table it changes if that is nowhere else in it. */
    public static TableUses of(DataChangeStatement change, String sql, Database database) {
        TableUses found = new TableUses();
        found.add(change);
        if (change instanceof Merge && H2Tree.MERGE_QUERY.of(change, Query.class) == null) {
            // H2 doesn't look into its rows itself
            for (Object row : Objects.requireNonNull(H2Tree.VALUES.of(change, List.class))) {
                for (Expression value : (Expression[]) row) {
                    found.add(value);
                }
            }
        }
        found.finish(sql, database);
        return found;
    }

    /** Reads the expression of a CALL, whose queries are not looked into. */
    public static TableUses of(Call call, String sql, Database database) {
        TableUses found = new TableUses();
        found.complete = false;
        Expression called = H2Tree.CALLED.of(call, Expression.class);
        if (called != null) {
            found.add(called);
        }
        found.finish(sql, database);
        return found;
    }

    private void finish(String sql, Database database) {
        texts.add(sql);
        for (int i = 0; i < texts.size(); i++) { // a view found by its name adds its text
            List<SqlTokens.Token> tokens = SqlTokens.of(texts.get(i));
            // H2 shows nobody what stands in a window
            hasWindows |= tokens.stream().anyMatch(token -> token.is("OVER") || token.is("WINDOW"));
            if (!complete || hasWindows) {
                addByName(tokens, database);
            }
        }
        finished = true;
    }

    /** The tables. */
    public Set<MVTable> tables() {
        return tables;
    }

    /** Whether nothing is used in a place that can't be looked into; if not, some tables may be there that aren't used. */
    public boolean isComplete() {
        return complete;
    }

    /** Some tables are read by what is computed for changed rows: no row of theirs may be missing. */
    public void needWhole(Set<MVTable> read) {
        tables.addAll(read);
        whole.addAll(read);
    }

    /** Whether it is one of those. */
    public boolean needsWhole(MVTable table) {
        return whole.contains(table);
    }

    /** The sequences it names. */
    public Set<SequenceName> sequences() {
        return sequences;
    }

    /** The changes of rows whose rows it is a query over. */
    public List<DataChangeStatement> changesInside() {
        return changesInside;
    }

    /** Whether the text names the table in one place and nothing else can lead to it. */
    public boolean namesOnce(MVTable table) {
        return texts.size() == 1
                && SqlTokens.of(texts.get(0)).stream()
                                .filter(token -> token.text().equalsIgnoreCase(table.getName()))
                                .count()
                        == 1;
    }

    /** The columns of a table that queries name. All of them if that can't be known. */
    public Set<Column> columns(MVTable table) {
        Set<Column> all = new HashSet<>(List.of(table.getColumns()));
        if (!complete || hasWindows || !changesInside.isEmpty() || needsWhole(table)) {
            return all;
        }
        HashSet<Column> named = new HashSet<>();
        for (Query query : queries) {
            query.isEverything(ExpressionVisitor.getColumnsVisitor(named, table));
        }
        named.retainAll(all);
        return named;
    }

    private void open(Query query) {
        queries.add(query);
        add(query);
    }

    private void add(Prepared statement) {
        Noted noted = new Noted();
        statement.collectDependencies(noted);
        noted.objects.forEach(this::add);
    }

    private void add(Expression expression) {
        Noted noted = new Noted();
        expression.isEverything(ExpressionVisitor.getDependenciesVisitor(noted));
        noted.objects.forEach(this::add);
    }

    private void add(DbObject object) {
        if (!opened.add(object)) {
            return;
        }
        if (!object.isValid()) {
            // dropped, or replaced, while a subquery of a view goes on naming it: who reads the view gets what has the
            // name
            complete = false;
        } else if (object instanceof MVTable table) {
            tables.add(table);
        } else if (object instanceof TableView view && view.isInvalid()) {
            complete = false; // H2 will say so
        } else if (object instanceof QueryExpressionTable query) {
            openInside(query);
        } else if (object instanceof Sequence sequence) {
            sequences.add(new SequenceName(sequence.getSchema().getName(), "", sequence.getName()));
        } else if (object instanceof DataChangeDeltaTable delta) {
            DataChangeStatement change =
                    Objects.requireNonNull(H2Tree.CHANGE_INSIDE.of(delta, DataChangeStatement.class));
            change.prepare();
            changesInside.add(change);
            add(change);
        } else if (object instanceof RangeTable range) {
            // its bounds may be queries, which H2 shows nobody
            for (H2Tree bound : List.of(H2Tree.RANGE_FIRST, H2Tree.RANGE_LAST, H2Tree.RANGE_STEP)) {
                Expression value = bound.of(range, Expression.class);
                if (value != null) {
                    add(value);
                }
            }
        } else if (object instanceof Table && !answersItself(object)) {
            complete = false;
        }
    }

    private void openInside(QueryExpressionTable query) {
        if (query instanceof TableView view) {
            if (known != null && inside(view, known)) {
                return;
            }
            texts.add(view.getQuerySQL());
        }
        open(query.getQuery());
    }

    /** Adds what a view reads; false when that is just being found out: then its text names something that reads it. */
    private boolean inside(TableView view, IdentityHashMap<TableView, TableUses> views) {
        TableUses uses = of(view, views);
        if (uses.finished) {
            tables.addAll(uses.tables);
            sequences.addAll(uses.sequences);
        }
        return uses.finished;
    }

    private static boolean answersItself(DbObject table) {
        return table instanceof GeneratedTable
                || table instanceof MetaTable
                || table instanceof DualTable
                || table instanceof ShadowTable; // of a recursive query, by its own name
    }

    /** A table of values or of a function, or a window, may have queries inside, which H2 shows nobody: every table named. */
    private void addByName(List<SqlTokens.Token> tokens, Database database) {
        Set<String> names = new HashSet<>();
        tokens.forEach(token -> names.add(token.text().toUpperCase(Locale.ROOT)));
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (names.contains(table.getName().toUpperCase(Locale.ROOT))) {
                    add(table);
                }
            }
        }
    }

    /**
     * H2 asks whether it has a table before it adds what that table depends on, which is of no interest here. To H2 all
     * derived tables of a statement are equal: they have no id.
     */
    private static final class Noted extends HashSet<DbObject> {
        private static final long serialVersionUID = 1L;

        private final transient Set<DbObject> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        /** In the order in which they were found. */
        private final transient List<DbObject> objects = new ArrayList<>();

        @Override
        public boolean add(DbObject object) {
            super.add(object);
            return seen.add(object) && objects.add(object);
        }

        @Override
        public boolean contains(Object object) {
            return object instanceof Table || super.contains(object);
        }
    }
}
