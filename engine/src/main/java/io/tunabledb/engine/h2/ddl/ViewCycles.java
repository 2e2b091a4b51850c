package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.ReservedNames;
import io.tunabledb.engine.h2.internals.SqlErrors;
import io.tunabledb.engine.h2.internals.SqlTokens;
import io.tunabledb.engine.h2.row.Tables;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;
import org.h2.table.Table;
import org.h2.table.TableSynonym;
import org.h2.table.TableView;

/**
 * Views that read themselves. H2 makes them where the way back goes through a subquery, another view, a synonym or a
 * recursive query of the same name; then no stack is deep enough for whoever reads one, and a read of INFORMATION_SCHEMA
 * may be among those.
 */
public final class ViewCycles {
    private final JdbcConnection connection;
    /** By view, which names its text has. */
    private final Map<TableView, Set<String>> words = new HashMap<>();
    /** By synonym, what it stands for. */
    private final Map<String, Set<String>> synonyms = new HashMap<>();

    private ViewCycles(JdbcConnection connection) {
        this.connection = connection;
    }

    /** What is wrong with a view; empty when all can be read. To be asked on a small stack, of which it may need the rest. */
    public static Optional<String> refusal(JdbcConnection connection) {
        ViewCycles cycles = new ViewCycles(connection);
        cycles.readTexts(H2Instance.session(connection).getDatabase());
        cycles.forgetWhatEnds();
        for (TableView view : cycles.words.keySet()) {
            if (cycles.isEndless(view)) {
                return Optional.of(
                        "view " + Tables.nameOf(view) + " would read itself, so that nobody could read it; take another"
                                + " name in its query, or drop it first. Nothing was changed");
            }
        }
        return Optional.empty();
    }

    private void readTexts(Database database) {
        for (Schema schema : database.getAllSchemasNoMeta()) {
            if (ReservedNames.isOwn(schema.getName())) {
                continue;
            }
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (table instanceof TableView view && !view.isInvalid()) {
                    Set<String> names = new HashSet<>();
                    SqlTokens.of(view.getQuerySQL()).forEach(token -> names.add(token.text()));
                    words.put(view, names);
                }
            }
            for (TableSynonym synonym : schema.getAllSynonyms()) {
                Table target = synonym.getSynonymFor();
                if (target != null) {
                    synonyms.computeIfAbsent(synonym.getName(), any -> new HashSet<>())
                            .add(target.getName());
                }
            }
        }
    }

    /** What names no view, or only such as end, ends. */
    private void forgetWhatEnds() {
        int before;
        do {
            before = words.size();
            Set<String> open = new HashSet<>();
            words.keySet().forEach(view -> open.add(view.getName()));
            synonyms.forEach((name, targets) -> {
                if (!Collections.disjoint(targets, open)) {
                    open.add(name);
                }
            });
            words.values().removeIf(names -> Collections.disjoint(names, open));
        } while (words.size() < before);
    }

    /** A name alone proves nothing: it may be a column's. */
    private boolean isEndless(TableView view) {
        try {
            connection.prepareStatement("SELECT * FROM " + view.getSQL(0)).close();
            return false;
        } catch (StackOverflowError e) {
            return true;
        } catch (SQLException e) {
            return SqlErrors.isOverflow(e);
        }
    }
}
