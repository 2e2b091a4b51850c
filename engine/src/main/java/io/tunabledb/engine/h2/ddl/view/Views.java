package io.tunabledb.engine.h2.ddl.view;

import io.tunabledb.engine.access.Accounts;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.h2.engine.Database;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.table.Table;
import org.h2.table.TableSynonym;
import org.h2.table.TableView;
import org.jspecify.annotations.Nullable;

/** Which tables stand behind views and synonyms, so that what guards a table can't be walked around. */
public final class Views {
    private static final String PREFIX = "view.";
    private static final String DRAWING = "drawing.";

    private Views() {}

    /**
     * {@code view.SCHEMA.NAME} of every view and synonym, with the tables behind it: a line each, schema and name with a
     * tab between, as {@link Tables#listed} writes them.
     *
     * @param known views that were looked into since the last definition, and after this all
     */
    public static Map<String, String> settings(Database database, IdentityHashMap<TableView, TableUses> known) {
        Map<TableName, Set<TableName>> behind = new TreeMap<>();
        for (MVTable table : Tables.replicated(database)) {
            if (ReservedNames.isOwn(table.getSchema().getName())) {
                // what schema TUNABLE shows of it stands for itself: where its rows are is no setting
                table.getDependentViews().forEach(shown -> addAbove(behind, shown));
            } else {
                addAbove(behind, table);
            }
        }
        for (Schema schema : database.getAllSchemasNoMeta()) {
            if (!ReservedNames.isOwn(schema.getName())) {
                schema.getAllTablesAndViews(null).forEach(table -> addInside(behind, table, known));
            }
        }
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (TableSynonym synonym : schema.getAllSynonyms()) {
                addSynonym(behind, synonym);
            }
        }
        Map<String, String> settings = new TreeMap<>();
        behind.forEach((view, tables) -> settings.put(
                PREFIX + view,
                tables.stream()
                        .map(table -> Tables.listed(table.schema()) + "\t" + Tables.listed(table.name()))
                        .collect(Collectors.joining("\n"))));
        return settings;
    }

    /** A setting {@link Accounts#SYNONYM} of every synonym, with what it stands for, schema and name. */
    public static Map<String, String> synonyms(Database database) {
        Map<String, String> settings = new TreeMap<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (TableSynonym synonym : schema.getAllSynonyms()) {
                settings.put(
                        Accounts.SYNONYM + Accounts.key(schema.getName(), synonym.getName()),
                        Tables.listed(synonym.getSynonymForSchema().getName()) + "\t"
                                + Tables.listed(synonym.getSynonymForName()));
            }
        }
        return settings;
    }

    /** {@code drawing.SCHEMA.NAME} of every view, and synonym of one, that takes values of sequences. */
    public static Map<String, String> drawing(Database database, IdentityHashMap<TableView, TableUses> known) {
        Map<String, String> settings = new TreeMap<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            if (ReservedNames.isOwn(schema.getName())) {
                continue;
            }
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (draws(table, known)) {
                    settings.put(DRAWING + Tables.nameOf(table), "");
                }
            }
            for (TableSynonym synonym : schema.getAllSynonyms()) {
                if (draws(synonym.getSynonymFor(), known)) {
                    settings.put(DRAWING + new TableName(schema.getName(), synonym.getName()), "");
                }
            }
        }
        return settings;
    }

    private static boolean draws(@Nullable Table table, IdentityHashMap<TableView, TableUses> known) {
        return table instanceof TableView view
                && !view.isInvalid()
                && !TableUses.of(view, known).sequences().isEmpty();
    }

    private static void addSynonym(Map<TableName, Set<TableName>> behind, TableSynonym synonym) {
        Table table = synonym.getSynonymFor();
        if (table instanceof MVTable known) {
            add(behind, synonym.getSchema().getName(), synonym.getName(), known);
        } else if (table != null) {
            Set<TableName> ofView = behind.get(new TableName(table.getSchema().getName(), table.getName()));
            if (ofView != null) {
                behind.put(new TableName(synonym.getSchema().getName(), synonym.getName()), ofView);
            }
        }
    }

    /** What H2 counts as dependent are the views with a table in their own FROM; it may stand anywhere in them. */
    private static void addInside(
            Map<TableName, Set<TableName>> behind, Table table, IdentityHashMap<TableView, TableUses> known) {
        if (!(table instanceof TableView view) || view.isInvalid()) {
            return;
        }
        for (MVTable inside : TableUses.of(view, known).tables()) {
            if (!ReservedNames.isOwn(inside.getSchema().getName())) {
                add(behind, view.getSchema().getName(), view.getName(), inside);
            }
        }
    }

    private static void addAbove(Map<TableName, Set<TableName>> behind, Table table) {
        for (Table view : above(table)) {
            add(behind, view.getSchema().getName(), view.getName(), table);
        }
    }

    private static void add(Map<TableName, Set<TableName>> behind, String schema, String name, Table table) {
        behind.computeIfAbsent(new TableName(schema, name), any -> new TreeSet<>())
                .add(new TableName(table.getSchema().getName(), table.getName()));
    }

    /** The views over a table, and those over them. */
    private static Set<Table> above(Table table) {
        Set<Table> found = new HashSet<>();
        Deque<Table> open = new ArrayDeque<>(table.getDependentViews());
        while (!open.isEmpty()) {
            Table view = open.pop();
            if (view instanceof TableView && found.add(view)) {
                open.addAll(view.getDependentViews());
            }
        }
        return found;
    }
}
