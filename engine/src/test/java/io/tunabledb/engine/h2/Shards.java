package io.tunabledb.engine.h2;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.gather.Gathered;
import io.tunabledb.engine.h2.gather.Gathering;
import io.tunabledb.engine.h2.gather.change.GatheredChanges;
import io.tunabledb.engine.h2.gather.plan.Fragment;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.row.SequenceSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Several storages with one schema and the rows of each table spread over them, beside one storage that has all rows. */
public final class Shards implements AutoCloseable {
    final Storage whole = Storage.create("db");
    public final List<Storage> parts = new ArrayList<>();
    public final Gathering gathering = new Gathering(2);
    private final Random random;
    private long index;

    public Shards(int count, Random random) {
        this.random = random;
        for (int i = 0; i < count; i++) {
            parts.add(Storage.create("db"));
        }
    }

    /** Makes something in every storage; {@code %d} is the part's number. */
    public void define(String... definitions) {
        for (String sql : definitions) {
            index++;
            define(whole, sql.replace("%d", "9"));
            for (int i = 0; i < parts.size(); i++) {
                define(parts.get(i), sql.replace("%d", String.valueOf(i)));
            }
        }
    }

    private void define(Storage storage, String sql) {
        SchemaChangeResult result = storage.define(LedgerRow.unasked(1, index), new SchemaChange("PUBLIC", sql));
        if (!result.ok()) {
            throw new AssertionError(sql + ": " + result);
        }
    }

    /** Runs a change in the storage that has everything, and in one part, any. */
    public void insert(String sql) throws SQLException {
        index++;
        write(whole, sql);
        write(parts.get(random.nextInt(parts.size())), sql);
    }

    private void write(Storage storage, String sql) throws SQLException {
        try (Writer writer = storage.openWriter();
                Statement statement = writer.connection().createStatement()) {
            statement.execute(sql);
            commit(writer);
        }
    }

    private void commit(Writer writer) {
        if (writer.changes() == null) {
            writer.endUnchanged();
        } else {
            writer.commit(LedgerRow.unasked(1, index));
        }
    }

    /** The answer of the storage that has everything. */
    public List<List<Object>> expected(String sql, Object... parameters) throws SQLException {
        try (Connection connection = whole.openReader();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            values(parameters).bind(statement);
            statement.setQueryTimeout(1);
            try (ResultSet result = statement.executeQuery()) {
                return rows(result);
            }
        }
    }

    /** What gathers a statement. */
    public Gathered open() throws SQLException {
        return gathering.acquire(parts.get(0), this, List.of(), connection -> {});
    }

    /** The answer gathered from the parts. */
    public List<List<Object>> gathered(String sql, Object... parameters) throws SQLException {
        try (Connection reader = parts.get(0).openReader()) {
            ResultSet result;
            try (Gathered gathered = open()) {
                GatherPlan plan = gathered.plan(sql, Set.of());
                gathered.bind(plan, values(parameters));
                for (Fragment fragment : plan.fragments()) {
                    for (int shard = 0; shard < parts.size(); shard++) {
                        load(gathered, fragment, shard, Long.MAX_VALUE);
                    }
                }
                result = gathered.query(reader, 0, 1, SequenceSource.NONE);
            }
            return rows(result);
        }
    }

    /** Runs a change everywhere: in one piece, and gathered. Gives the keys that were generated for the gathered one. */
    public List<List<Object>> change(GatheredChanges.Target shardOf, String sql, Object... parameters)
            throws SQLException {
        index++;
        long expected;
        try (Writer writer = whole.openWriter();
                PreparedStatement statement = writer.connection().prepareStatement(sql)) {
            values(parameters).bind(statement);
            expected = statement.executeUpdate();
            commit(writer);
        }
        List<Writer> writers = new ArrayList<>();
        List<List<Object>> keys = new ArrayList<>();
        try (Gathered gathered = open()) {
            for (Storage part : parts) {
                writers.add(part.openWriter());
            }
            GatherPlan plan = gathered.plan(sql, Set.of());
            gathered.bind(plan, values(parameters));
            for (Fragment fragment : plan.fragments()) {
                for (int shard = 0; shard < parts.size(); shard++) {
                    load(gathered, fragment, shard, writers.get(shard).connection(), Long.MAX_VALUE);
                }
            }
            GatheredChanges changes = gathered.change(0, writers.get(0)::takeValues);
            if (changes.count() != expected) {
                throw new AssertionError(sql + " counts " + changes.count() + " instead of " + expected);
            }
            for (GatheredChanges.Step step : changes.steps(shardOf)) {
                try (PreparedStatement statement = writers.get(step.shard())
                        .connection()
                        .prepareStatement(step.sql(), Statement.RETURN_GENERATED_KEYS)) {
                    step.parameters().bind(statement);
                    statement.executeUpdate();
                    keys.addAll(
                            rows(statement.getGeneratedKeys()).stream().skip(1).toList());
                }
            }
            writers.forEach(this::commit);
        } finally {
            writers.forEach(Writer::close);
        }
        return keys;
    }

    public void load(Gathered gathered, Fragment fragment, int shard, long maxRows) throws SQLException {
        try (Connection connection = parts.get(shard).openReader()) {
            load(gathered, fragment, shard, connection, maxRows);
        }
    }

    void load(Gathered gathered, Fragment fragment, int shard, Connection connection, long maxRows)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(fragment.sql())) {
            gathered.parameters(fragment).bind(statement);
            try (ResultSet rows = statement.executeQuery()) {
                gathered.load(fragment, shard, rows, maxRows);
            }
        }
    }

    public static Parameters values(Object... values) {
        return target -> {
            for (int i = 0; i < values.length; i++) {
                target.setObject(i + 1, values[i]);
            }
        };
    }

    /** Labels, types and values. */
    public static List<List<Object>> rows(ResultSet result) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        List<Object> head = new ArrayList<>();
        int columns = result.getMetaData().getColumnCount();
        for (int i = 1; i <= columns; i++) {
            head.add(result.getMetaData().getColumnLabel(i) + " "
                    + result.getMetaData().getColumnTypeName(i) + "("
                    + result.getMetaData().getPrecision(i) + ","
                    + result.getMetaData().getScale(i) + ")");
        }
        rows.add(head);
        while (result.next()) {
            List<Object> row = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
                row.add(Replicas.text(result, i));
            }
            rows.add(row);
        }
        return rows;
    }

    @Override
    public void close() {
        gathering.close();
        whole.close();
        parts.forEach(Storage::close);
    }
}
