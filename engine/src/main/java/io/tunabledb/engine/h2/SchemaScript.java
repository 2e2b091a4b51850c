package io.tunabledb.engine.h2;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.h2.constraint.Constraint;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.index.Index;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.result.SearchRow;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.util.HasSQL;
import org.jspecify.annotations.Nullable;

/**
 * A replica's schema as SQL, in two parts: what has to be there before rows are loaded, and what is better made after
 * (or needs everything else). Index and constraint names come out as they are, so later definitions mean the same.
 *
 * <p>A primary key that is the row key itself belongs to the first part: H2 decides that only for an empty table.
 */
record SchemaScript(List<String> before, List<String> after) {

    private static final String FORCED = "CREATE FORCE VIEW ";

    /** Writes down the users' schema. On the apply thread. */
    static SchemaScript of(Database database) {
        SchemaScript script = new SchemaScript(new ArrayList<>(), new ArrayList<>());
        List<Schema> schemas = new ArrayList<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            if (!SystemSchema.isOwn(schema.getName())) {
                schemas.add(schema);
            }
        }
        schemas.sort(BY_ID);
        add(script.before, schemas);
        List<Constraint> constraints = new ArrayList<>();
        List<Table> tables = new ArrayList<>();
        for (Schema schema : schemas) {
            constraints.addAll(schema.getAllConstraints());
            tables.addAll(schema.getAllTablesAndViews(null));
        }
        script.addSmallThings(schemas, constraints);
        tables.removeIf(table -> table.getId() == 0); // H2's own catalog
        tables.sort(BY_ID);
        script.addTables(tables);
        for (Table table : tables) {
            if (!(table instanceof MVTable)) {
                script.before.add(table.getCreateSQL()); // defaults and checks may read it
            }
        }
        for (Schema schema : schemas) {
            add(script.before, schema.getAllSynonyms());
        }
        constraints.sort(null);
        for (Constraint constraint : constraints) {
            if (constraint.getConstraintType() != Constraint.Type.DOMAIN) {
                script.after.add(constraint.getCreateSQL());
            }
        }
        add(script.after, database.getAllComments());
        return script;
    }

    private static final Comparator<DbObject> BY_ID = Comparator.comparingInt(DbObject::getId);

    private void addSmallThings(List<Schema> schemas, List<Constraint> constraints) {
        for (Schema schema : schemas) {
            // a domain can only be built on an older one
            add(before, schema.getAllDomains());
        }
        for (Constraint constraint : constraints) {
            if (constraint.getConstraintType() == Constraint.Type.DOMAIN) {
                before.add(constraint.getCreateSQL());
            }
        }
        for (Schema schema : schemas) {
            add(before, schema.getAllConstants());
            List<Sequence> named = new ArrayList<>(schema.getAllSequences());
            named.removeIf(Sequence::getBelongsToTable);
            add(before, named);
        }
    }

    private void addTables(List<Table> tables) {
        List<String> defaults = new ArrayList<>();
        tables.forEach(table -> addTable(table, defaults));
        before.addAll(defaults);
    }

    private void addTable(Table table, List<String> defaults) {
        if (!(table instanceof MVTable rows)) {
            return;
        }
        before.add(withoutQueries(table, defaults));
        boolean keyed = isKeyed(rows);
        List<Index> indexes = new ArrayList<>(table.getIndexes());
        indexes.removeIf(index -> index.getCreateSQL() == null); // the rows themselves
        for (Index index : indexes) {
            boolean isRowKey = keyed && index.getIndexType().isPrimaryKey();
            (isRowKey ? before : after).add(index.getCreateSQL());
        }
    }

    /** A table without the defaults that query, since two tables' defaults may read each other. */
    private static String withoutQueries(Table table, List<String> defaults) {
        String sql = table.getCreateSQL();
        for (Column column : table.getColumns()) {
            Expression value = column.getDefaultExpression();
            if (value == null || column.isGenerated() || column.isIdentity()) {
                continue;
            }
            String text = value.getUnenclosedSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS)
                    .toString();
            String whole = column.getCreateSQL();
            String clause = " DEFAULT " + text;
            int at = whole.indexOf(clause);
            int place = sql.indexOf(whole);
            if (!text.contains("SELECT") || at < 0 || place < 0) {
                continue;
            }
            String bare = whole.substring(0, at) + whole.substring(at + clause.length());
            sql = sql.substring(0, place) + bare + sql.substring(place + whole.length());
            defaults.add("ALTER TABLE " + table.getSQL(HasSQL.DEFAULT_SQL_FLAGS) + " ALTER COLUMN "
                    + column.getSQL(HasSQL.DEFAULT_SQL_FLAGS) + " SET DEFAULT " + text);
        }
        return sql;
    }

    /** Whether the table's primary key is its row key. */
    static boolean isKeyed(MVTable table) {
        return table.getMainIndexColumn() != SearchRow.ROWID_INDEX;
    }

    private static void add(List<String> script, Collection<? extends DbObject> objects) {
        List<DbObject> sorted = new ArrayList<>(objects);
        sorted.sort(BY_ID);
        for (DbObject object : sorted) {
            String sql = object.getCreateSQL();
            if (sql != null) {
                script.add(sql);
            }
        }
    }

    /** Whether a statement of a script makes a primary key. */
    static boolean isPrimaryKey(String sql) {
        return sql.startsWith("CREATE PRIMARY KEY");
    }

    /**
     * Executes a script, whatever order its objects need: what fails is tried again after the others, until all is
     * there or nothing more succeeds. Then a view may stay invalid, as it was; everything else is an error.
     */
    static void execute(List<String> script, JdbcConnection connection) throws SQLException {
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
                // H2 writes CREATE PRIMARY KEY, but reads it only so
                session.setQuirksMode(isPrimaryKey(sql));
                try {
                    // a forced view succeeds before what it reads is there, and stays broken
                    statement.execute(sql.startsWith(FORCED) ? "CREATE VIEW " + sql.substring(FORCED.length()) : sql);
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
