package io.tunabledb.engine.h2.gather;

import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.SchemaExpressions;
import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.row.TemporaryTable;
import io.tunabledb.engine.h2.snapshot.SchemaScript;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.h2.statement.BoundedCommand;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * An H2 database with a shard's schema and no rows, for one statement at a time. Foreign keys are there to be seen but not
 * checked, since the rows they ask for may be elsewhere.
 */
final class PrivateDatabase implements AutoCloseable {
    private static final int KEPT_STATEMENTS = 64;

    private final GatherSchema schema;
    private final H2Instance h2;
    private final Map<String, Kept> statements = new LinkedHashMap<>(16, 0.75f, true);
    private final List<MVTable> temporaryTables = new ArrayList<>();
    private @Nullable Owner owner;
    private @Nullable JdbcConnection connection;
    /** Open as long as its tables are there: H2 asks the session that compiled a check or default to compute it. */
    private final JdbcConnection admin;

    /** A statement, and how many rows there were when H2 planned it. */
    private record Kept(PreparedStatement statement, int magnitude) {}

    /**
     * Whose it is for a while.
     *
     * @param session equal for the same session with the same settings
     * @param temporary its local temporary tables
     */
    record Owner(Object session, List<TemporaryTable> temporary) {
        Owner {
            temporary = List.copyOf(temporary);
        }
    }

    PrivateDatabase(GatherSchema schema) throws SQLException {
        this.schema = schema;
        h2 = new H2Instance(schema.catalog(), schema.system().compatibility());
        boolean complete = false;
        try {
            admin = h2.open(H2Instance.Role.ADMIN);
            schema.system().create(h2.database(), admin);
            makeTables(admin);
            try (Statement statement = admin.createStatement()) {
                statement.execute("SET REFERENTIAL_INTEGRITY FALSE");
            }
            h2.grant();
            complete = true;
        } finally {
            if (!complete) {
                h2.close();
            }
        }
    }

    /**
     * Rows must keep their row key whatever is done to their columns, so no primary key may become the row key, as one of a
     * table that is empty would.
     */
    private void makeTables(JdbcConnection admin) throws SQLException {
        List<String> tables = new ArrayList<>(schema.script().before());
        List<String> keys = new ArrayList<>(tables);
        tables.removeIf(SchemaScript::isPrimaryKey);
        keys.removeIf(sql -> !SchemaScript.isPrimaryKey(sql));
        SchemaScript.execute(tables, admin);
        SessionLocal session = H2Instance.session(admin);
        List<MVTable> all = Tables.replicated(database());
        all.forEach(table -> addOneRow(table, session));
        session.commit(false);
        SchemaScript.execute(keys, admin);
        // other primary keys come later
        SchemaScript.execute(
                schema.script().after().stream()
                        .filter(SchemaScript::isPrimaryKey)
                        .toList(),
                admin);
        all.forEach(table -> table.truncate(session));
        session.commit(false);
        SchemaScript.execute(
                schema.script().after().stream()
                        .filter(sql -> !SchemaScript.isPrimaryKey(sql))
                        .toList(),
                admin);
        SchemaExpressions.separate(database());
    }

    private static void addOneRow(MVTable table, SessionLocal session) {
        Value[] nulls = new Value[table.getColumns().length];
        Arrays.fill(nulls, ValueNull.INSTANCE);
        table.addRow(session, Rows.create(table, nulls, 1));
    }

    /** Here they are tables like others, for as long as their session has the database. */
    private void makeTemporary(List<TemporaryTable> tables) throws SQLException {
        SessionLocal session = H2Instance.session(admin);
        for (TemporaryTable each : tables) {
            Schema in = database().findSchema(each.name().schema());
            if (in == null || in.findTableOrView(null, each.name().name()) != null) {
                continue;
            }
            SchemaScript.execute(List.of(each.create()), admin);
            MVTable table = Objects.requireNonNull(Tables.lookUp(database(), each.name()));
            temporaryTables.add(table);
            addOneRow(table, session);
            session.commit(false);
            if (each.primaryKey() != null) {
                SchemaScript.execute(List.of(each.primaryKey()), admin);
            }
            table.truncate(session);
            session.commit(false);
        }
        if (!tables.isEmpty()) {
            SchemaExpressions.separate(database());
        }
    }

    private void dropTemporary() throws SQLException {
        if (temporaryTables.isEmpty()) {
            return;
        }
        try (Statement statement = admin.createStatement()) {
            for (MVTable table : temporaryTables) {
                statement.execute("DROP TABLE " + table.getSQL(0));
            }
        }
        temporaryTables.clear();
    }

    /** The owner's temporary tables. */
    List<TemporaryTable> temporary() {
        Owner current = owner;
        return current == null ? List.of() : current.temporary();
    }

    /** Whether it is one of those; a shard's own table of that name comes before. */
    boolean isTemporary(TableName name) {
        return temporaryTables.stream().anyMatch(table -> Tables.nameOf(table).equals(name));
    }

    GatherSchema schema() {
        return schema;
    }

    Database database() {
        return h2.database();
    }

    boolean isOf(Owner other) {
        return other.equals(owner);
    }

    /** Gives it to another session, whose settings {@code setup} makes. */
    void giveTo(Owner newOwner, Gathering.Setup setup) throws SQLException {
        if (isOf(newOwner)) {
            return;
        }
        disown();
        dropTemporary();
        makeTemporary(newOwner.temporary());
        JdbcConnection fresh = h2.open(H2Instance.Role.WRITER);
        boolean complete = false;
        try {
            setup.apply(fresh);
            fresh.setAutoCommit(false);
            connection = fresh;
            owner = newOwner;
            complete = true;
        } finally {
            if (!complete) {
                H2Instance.close(fresh);
            }
        }
    }

    private void disown() {
        statements.clear(); // they close with their connection
        JdbcConnection last = connection;
        if (last != null) {
            H2Instance.close(last);
        }
        connection = null;
        owner = null;
    }

    JdbcConnection connection() {
        JdbcConnection current = connection;
        if (current == null) {
            throw new IllegalStateException("a private database of nobody");
        }
        return current;
    }

    SessionLocal session() {
        return H2Instance.session(connection());
    }

    /**
     * The statement, prepared. H2 chooses joins and indexes by the number of rows when it prepares, so that is done again
     * when there are many more or fewer.
     *
     * @param rows how many are loaded
     */
    PreparedStatement prepare(String sql, long rows) throws SQLException {
        int magnitude = (Long.SIZE - Long.numberOfLeadingZeros(rows)) / 2;
        Kept kept = statements.get(sql);
        if (kept != null && kept.magnitude == magnitude) {
            return kept.statement;
        }
        if (kept != null) {
            statements.remove(sql);
            kept.statement.close();
        }
        PreparedStatement statement = BoundedCommand.bound(connection().prepareStatement(sql), connection(), sql);
        statements.put(sql, new Kept(statement, magnitude));
        if (statements.size() > KEPT_STATEMENTS) {
            var eldest = statements.entrySet().iterator();
            eldest.next().getValue().statement.close();
            eldest.remove();
        }
        return statement;
    }

    /** The statement, prepared for however many rows: what it does is not asked, only its parameters. */
    PreparedStatement carrier(String sql) throws SQLException {
        Kept kept = statements.get(sql);
        return kept == null ? prepare(sql, 0) : kept.statement;
    }

    /** Nothing is left of what the statements have found so far. */
    void forgetResults() throws SQLException {
        for (Kept kept : statements.values()) {
            kept.statement.close();
        }
        statements.clear();
    }

    /** Takes all rows out of the tables. */
    void empty(Iterable<MVTable> tables) {
        SessionLocal session = session();
        session.lock();
        try {
            session.rollback();
            for (MVTable table : tables) {
                table.truncate(session);
            }
            session.commit(false);
        } finally {
            session.unlock();
        }
    }

    @Override
    public void close() {
        disown();
        h2.close();
    }
}
