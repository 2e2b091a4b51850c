package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.h2.internals.H2Instance;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.SearchRow;
import org.jspecify.annotations.Nullable;

/**
 * A replica's schema as SQL, in two parts: what has to be there before rows are loaded, and what is better made after
 * (or needs everything else). Index and constraint names come out as they are, so later definitions mean the same.
 *
 * <p>A primary key that is the row key itself belongs to the first part: H2 decides that only for an empty table.
 */
public record SchemaScript(List<String> before, List<String> after) {

    private static final String FORCED = "CREATE FORCE VIEW ";
    /** Where sequences stand has a comparison of its own. */
    private static final Pattern MOVING = Pattern.compile(" (RESTART WITH -?\\d+|EXHAUSTED|NO CYCLE|SELECTIVITY \\d+)");

    /** Writes down the users' schema. On the apply thread. */
    public static SchemaScript of(Database database) {
        return SchemaDump.of(database);
    }

    /** A statement of one that the other lacks; null when there is none. */
    @Nullable
    public String difference(SchemaScript other) {
        Set<String> own = statements();
        Set<String> others = other.statements();
        for (String statement : own) {
            if (!others.contains(statement)) {
                return "missing is " + statement;
            }
        }
        others.removeAll(own);
        return others.isEmpty() ? null : "not there was " + others.iterator().next();
    }

    /** Without what moves when there is no definition, or is another on each replica. */
    private Set<String> statements() {
        return Stream.concat(before.stream(), after.stream())
                .map(statement -> MOVING.matcher(statement).replaceAll(""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether the table's primary key is its row key. */
    public static boolean isKeyed(MVTable table) {
        return table.getMainIndexColumn() != SearchRow.ROWID_INDEX;
    }

    /** Whether a statement of a script makes a primary key. */
    public static boolean isPrimaryKey(String sql) {
        return sql.startsWith("CREATE PRIMARY KEY");
    }

    /** Whether a line of a script says what SQL can't: which of equal indexes is used for what. */
    public static boolean isNoSql(String line) {
        return ConstraintIndexes.isOne(line);
    }

    /**
     * Executes a script, whatever order its objects need: what fails is tried again after the others, until all is
     * there or nothing more succeeds. Then a view may stay invalid, as it was; everything else is an error.
     */
    public static void execute(List<String> script, JdbcConnection connection) throws SQLException {
        List<String> pending = script;
        while (!pending.isEmpty()) {
            List<String> failed = new ArrayList<>();
            SQLException error = tryAll(pending, failed, connection);
            if (error != null && failed.size() == pending.size() && !forceView(failed, connection)) {
                throw error;
            }
            pending = failed;
        }
    }

    /** Executes what can be executed; returns the first error. */
    private static @Nullable SQLException tryAll(List<String> script, List<String> failed, JdbcConnection connection)
            throws SQLException {
        SessionLocal session = H2Instance.session(connection);
        SQLException first = null;
        try (Statement statement = connection.createStatement()) {
            for (String sql : script) {
                // H2 copies no table that has its row key
                if (isPrimaryKey(sql) && failed.stream().anyMatch(other -> other.startsWith("ALTER TABLE"))) {
                    failed.add(sql);
                    continue;
                }
                // H2 writes CREATE PRIMARY KEY, but reads it only so
                session.setQuirksMode(isPrimaryKey(sql));
                try {
                    execute(sql, statement, session);
                } catch (SQLException e) {
                    failed.add(sql);
                    first = first == null ? e : first;
                }
            }
        } finally {
            session.setQuirksMode(false);
        }
        return first;
    }

    private static void execute(String sql, Statement statement, SessionLocal session) throws SQLException {
        if (isNoSql(sql)) {
            try {
                ConstraintIndexes.execute(sql, session);
            } catch (DbException e) {
                throw e.getSQLException();
            }
            return;
        }
        // a forced view succeeds before what it reads is there, and stays broken
        statement.execute(sql.startsWith(FORCED) ? "CREATE VIEW " + sql.substring(FORCED.length()) : sql);
    }

    private static boolean forceView(List<String> failed, JdbcConnection connection) throws SQLException {
        for (String sql : failed) {
            if (sql.startsWith(FORCED)) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(sql);
                }
                failed.remove(sql);
                return true;
            }
        }
        return false;
    }
}
