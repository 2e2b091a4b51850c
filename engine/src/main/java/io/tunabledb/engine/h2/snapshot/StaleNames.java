package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.h2.internals.CompiledParts;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.h2.command.Prepared;
import org.h2.command.ddl.CreateSynonymData;
import org.h2.command.query.Query;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.table.TableSynonym;
import org.h2.table.TableView;
import org.h2.value.TypeInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings views and synonyms up to date after a definition that took away or gave names. H2 keeps them as they were until
 * it opens the database again, or until a session forgets what it compiled: a view by the old text, or marked as invalid
 * when what it lacked has come. So a replica that was restarted would differ from one that was not. Here a view always
 * means what its text means now, and is invalid exactly if that is nothing; a synonym keeps its table.
 */
public final class StaleNames {
    private static final Logger LOG = LoggerFactory.getLogger(StaleNames.class);

    private final Database database;

    public StaleNames(Database database) {
        this.database = database;
    }

    /** What a definition made of others' names is made good. In the definition's session. */
    public void settle(SessionLocal session, String definition) {
        List<TableView> views = new ArrayList<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            if (ReservedNames.isOwn(schema.getName())) {
                continue;
            }
            for (TableSynonym synonym : schema.getAllSynonyms()) {
                follow(session, synonym);
            }
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (table instanceof TableView view) {
                    views.add(view);
                }
            }
        }
        if (SqlTokens.of(definition).stream().anyMatch(token -> token.is("VIEW"))) {
            views.stream().filter(StaleNames::takesNamesFromTable).forEach(view -> recompile(session, view));
        }
        if (views.stream().anyMatch(TableView::isInvalid) || takesNames(definition)) {
            settle(session, views);
        }
    }

    /**
     * What only adds something can't change what a view that has been compiled means: its text has all names whole. One that
     * failed may have let go of the views of the table it was about to replace.
     */
    private static boolean takesNames(String definition) {
        return SqlTokens.startsWith(definition, "DROP")
                || SqlTokens.startsWith(definition, "ALTER")
                || SqlTokens.startsWith(definition, "CREATE", "OR", "REPLACE")
                || SqlTokens.of(definition).stream().anyMatch(token -> token.is("RENAME"));
    }

    /** {@code TABLE name}: a snapshot has the names of its columns, so they may not come from the table any more. */
    private static boolean takesNamesFromTable(TableView view) {
        return !view.isInvalid() && view.getQuerySQL().contains("TABLE ");
    }

    private static void follow(SessionLocal session, TableSynonym synonym) {
        Table table = synonym.getSynonymFor();
        if (table == null || table.getName().equals(synonym.getSynonymForName())) {
            return;
        }
        CreateSynonymData data = new CreateSynonymData();
        data.schema = synonym.getSchema();
        data.id = synonym.getId();
        data.synonymName = synonym.getName();
        data.synonymForSchema = table.getSchema();
        data.synonymFor = table.getName();
        data.session = session;
        synonym.updateData(data);
        synonym.updateSynonymFor();
    }

    /** Until nothing changes: a view that has become valid may be all that another lacked. */
    private static void settle(SessionLocal session, List<TableView> views) {
        views.sort((one, other) -> Integer.compare(one.getId(), other.getId()));
        for (int round = 0; round <= views.size(); round++) {
            Map<TableView, Boolean> before = validity(views);
            for (TableView view : views) {
                if (isStale(session, view)) {
                    recompile(session, view);
                }
            }
            if (validity(views).equals(before)) {
                return;
            }
        }
    }

    private static void recompile(SessionLocal session, TableView view) {
        try {
            Column[] columns = view.getColumns();
            if (columns.length == 0) {
                view.recompile(session, true, true);
            } else {
                Column[] names = Stream.of(columns)
                        .map(column -> new Column(column.getName(), TypeInfo.TYPE_UNKNOWN))
                        .toArray(Column[]::new);
                view.replace(view.getQuerySQL(), names, session, true);
            }
        } catch (DbException e) {
            // H2 keeps a view that has got two columns of one name, but not what it reads: a trial refuses what leads
            // there
            LOG.debug("view {} is left as it is", view.getName(), e);
        }
    }

    private static List<TypeInfo> types(TableView view) {
        return Stream.of(view.getColumns()).map(Column::getType).toList();
    }

    private static List<TypeInfo> types(Query query) {
        return query.getExpressions().subList(0, query.getColumnCount()).stream()
                .map(Expression::getType)
                .toList();
    }

    private static Map<TableView, Boolean> validity(List<TableView> views) {
        Map<TableView, Boolean> validity = new LinkedHashMap<>();
        views.forEach(view -> validity.put(view, view.isInvalid()));
        return validity;
    }

    /**
     * Whether a table that the view reads, in whatever subquery, has been replaced by one of its name: ALTER TABLE copies, and H2
     * brings only those views up to date that have the table in their FROM. Others go on with the rows of the old one.
     */
    private static boolean readsReplaced(SessionLocal session, TableView view) {
        return CompiledParts.of(view.getQuery()).stream()
                .map(CompiledParts.Part::what)
                .anyMatch(part -> part instanceof MVTable table
                        && !table.isTemporary()
                        && (isGone(table)
                                || !table.equals(table.getSchema().findTableOrView(session, table.getName()))));
    }

    /** One that H2 has dropped has lost its name. */
    private static boolean isGone(Table table) {
        return table.getName() == null;
    }

    private static boolean isStale(SessionLocal session, TableView view) {
        session.setParsingCreateView(true);
        try {
            Prepared compiled = session.prepare(view.getQuerySQL());
            return view.isInvalid()
                    || readsReplaced(session, view)
                    || !(compiled instanceof Query query)
                    || !new HashSet<>(view.getTables()).equals(new HashSet<>(query.getTables()))
                    || !types(view).equals(types(query))
                    || !view.getTables().stream()
                            .allMatch(table -> table.getDependentViews().contains(view));
        } catch (DbException e) {
            return !view.isInvalid();
        } finally {
            session.setParsingCreateView(false);
        }
    }
}
