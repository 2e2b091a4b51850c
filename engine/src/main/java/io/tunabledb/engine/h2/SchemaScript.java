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
import org.h2.index.Index;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.result.SearchRow;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Table;

/**
 * A replica's schema as SQL, in two parts: what has to be there before rows are loaded, and what is better made after
 * (or needs everything else). Index and constraint names come out as they are, so later definitions mean the same.
 *
 * <p>A primary key that is the row key itself belongs to the first part: H2 decides that only for an empty table.
 */
record SchemaScript(List<String> before, List<String> after) {

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
        tables.forEach(script::addTable);
        constraints.sort(null);
        for (Constraint constraint : constraints) {
            if (constraint.getConstraintType() != Constraint.Type.DOMAIN) {
                script.after.add(constraint.getCreateSQL());
            }
        }
        for (Table table : tables) {
            if (!(table instanceof MVTable)) {
                script.after.add(table.getCreateSQL());
            }
        }
        for (Schema schema : schemas) {
            add(script.after, schema.getAllSynonyms());
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

    private void addTable(Table table) {
        if (!(table instanceof MVTable rows)) {
            return;
        }
        before.add(table.getCreateSQL());
        boolean keyed = isKeyed(rows);
        List<Index> indexes = new ArrayList<>(table.getIndexes());
        indexes.removeIf(index -> index.getCreateSQL() == null); // the rows themselves
        for (Index index : indexes) {
            boolean isRowKey = keyed && index.getIndexType().isPrimaryKey();
            (isRowKey ? before : after).add(index.getCreateSQL());
        }
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

    static void execute(List<String> script, JdbcConnection connection) throws SQLException {
        SessionLocal session = H2Instance.session(connection);
        try (Statement statement = connection.createStatement()) {
            for (String sql : script) {
                // H2 writes CREATE PRIMARY KEY, but reads it only so
                session.setQuirksMode(isPrimaryKey(sql));
                statement.execute(sql);
            }
        } finally {
            session.setQuirksMode(false);
        }
    }
}
