package io.tunabledb.engine.h2.ddl.view;

import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.h2.command.query.Query;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.schema.Schema;
import org.h2.table.Table;
import org.h2.table.TableSynonym;
import org.h2.table.TableView;
import org.jspecify.annotations.Nullable;

/**
 * Views that H2 makes and nobody can read: such as read themselves, where the way back goes through a subquery, another view,
 * a synonym or a recursive query of the same name, so that no stack is deep enough; and such as H2 fails in, as with a
 * constant in the ON of an outer join inside a derived table. With one of them INFORMATION_SCHEMA may not be readable
 * either, and then no snapshot counts.
 */
public final class UnreadableViews {
    private final JdbcConnection connection;
    /** By view, which names its text has. */
    private final Map<TableView, Set<String>> words = new HashMap<>();
    /** By synonym, what it stands for. */
    private final Map<String, Set<String>> synonyms = new HashMap<>();

    private UnreadableViews(JdbcConnection connection) {
        this.connection = connection;
    }

    /**
     * What is wrong with a view; empty when all can be read. To be asked on a small stack, of which it may need the rest.
     *
     * @param anew whether to compile them as a restored database would: H2 looks no name up in the ON of an outer join inside a
     *     derived table, and so keeps a view that has lost a column there as it was
     */
    public static Optional<String> refusal(JdbcConnection connection, boolean anew) {
        UnreadableViews views = new UnreadableViews(connection);
        views.readTexts(H2Instance.session(connection).getDatabase());
        for (TableView view : views.words.keySet()) {
            String failure = anew ? views.failureAnew(view) : failure(view);
            if (failure != null) {
                return Optional.of("view " + Tables.nameOf(view) + " could not be read: storage fails in it (" + failure
                        + "); write it another way, with nothing but columns that are there in the ON of an outer join, or drop it first."
                        + " Nothing was changed");
            }
        }
        views.forgetWhatEnds();
        for (TableView view : views.words.keySet()) {
            if (views.isEndless(view)) {
                return Optional.of("view " + Tables.nameOf(view) + " would read itself, so that nobody could read it;"
                        + " take another name in its query, or drop it first. Nothing was changed");
            }
        }
        return Optional.empty();
    }

    /** What H2 gets when it looks through the view, as it does for INFORMATION_SCHEMA and before each read of it. */
    private static @Nullable String failure(TableView view) {
        try {
            view.getMaxDataModificationId();
            return null;
        } catch (DbException e) {
            // an SQL error is the reader's
            return null;
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private @Nullable String failureAnew(TableView view) {
        SessionLocal session = H2Instance.session(connection);
        session.setParsingCreateView(true);
        try {
            if (session.prepare(view.getQuerySQL()) instanceof Query query) {
                query.getMaxDataModificationId();
            }
            return failure(view);
        } catch (DbException e) {
            return failure(view); // an invalid one can be restored
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        } finally {
            session.setParsingCreateView(false);
        }
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
