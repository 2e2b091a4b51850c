package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.snapshot.Pin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A leader and a follower with the log between them reduced to a counter. */
public final class Replicas implements AutoCloseable {
    private final ShardOf shard;
    public Storage leader;
    public Storage follower;
    long term = 1;
    long index;

    public Replicas() {
        this(ShardOf.ONLY);
    }

    Replicas(ShardOf shard) {
        this.shard = shard;
        leader = Storage.create("leader", SystemSchema.EMPTY, shard);
        follower = Storage.create("follower", SystemSchema.EMPTY, shard);
    }

    public LedgerRow nextRow() {
        return LedgerRow.unasked(term, ++index);
    }

    public SchemaChangeResult define(String sql) {
        return define(new SchemaChange("PUBLIC", sql));
    }

    public SchemaChangeResult define(SchemaChange asked) {
        LedgerRow row = nextRow();
        SchemaChange definition = SchemaChange.decode(asked.encode());
        String sql = definition.sql();
        SchemaChangeResult here;
        try (Definer definer = leader.openDefiner()) {
            here = definer.define(row, definition);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        SchemaChangeResult there = follower.define(row, definition);
        // the message may name H2's temporary copy of a table, which has another name on each replica
        assertThat(there.sqlState()).as(sql + ": " + here + there).isEqualTo(here.sqlState());
        assertThat(there.updateCount()).as(sql).isEqualTo(here.updateCount());
        return SchemaChangeResult.decode(here.encode());
    }

    public void defined(String... statements) {
        for (String sql : statements) {
            assertThat(define(sql)).as(sql).matches(SchemaChangeResult::ok);
        }
    }

    /** Runs statements in one transaction and replicates it. */
    public void write(String... statements) throws SQLException {
        try (Writer writer = leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
            commit(writer);
        }
    }

    /** Replicates a writer's transaction. */
    public void commit(Writer writer) {
        byte[] changes = writer.changes();
        if (changes == null) {
            writer.endUnchanged();
            return;
        }
        LedgerRow row = nextRow();
        writer.commit(row);
        follower.committed().apply(row, changes);
    }

    /** Leader and follower change places. */
    public void failOver() {
        Storage old = leader;
        leader = follower;
        follower = old;
        term++;
    }

    public void assertSame() throws SQLException {
        assertThat(hashes(follower)).isEqualTo(hashes(leader));
    }

    /** The follower becomes what a snapshot of it restores. */
    public byte[] reloadFollower() throws Exception {
        byte[] snapshot = snapshot(follower);
        Storage restored = Storage.load("restored", SystemSchema.EMPTY, shard, new ByteArrayInputStream(snapshot));
        assertThat(hashes(restored)).isEqualTo(hashes(follower));
        assertThat(restored.appliedIndex()).isEqualTo(follower.appliedIndex());
        follower.close();
        follower = restored;
        return snapshot;
    }

    static String text(ResultSet result, int column) throws SQLException {
        if (result.getMetaData().getColumnTypeName(column).equals("JAVA_OBJECT")) {
            byte[] bytes = result.getBytes(column);
            return bytes == null ? null : HexFormat.of().formatHex(bytes);
        }
        return result.getString(column);
    }

    static byte[] snapshot(Storage storage) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Pin pin = storage.pin()) {
            pin.writeTo(out);
        }
        return out.toByteArray();
    }

    /** Of all rows, with the schema as it is. */
    static Map<String, String> hashes(Storage storage) throws SQLException {
        Map<String, String> state = new TreeMap<>(storage.schemaObjects(null, null));
        state.putAll(rowHashes(storage));
        return state;
    }

    static Map<String, String> rowHashes(Storage storage) throws SQLException {
        try (Pin pin = storage.pin()) {
            return pin.hashes(null, null);
        }
    }

    public static List<List<Object>> rows(Storage storage, String sql) throws SQLException {
        try (Connection connection = storage.openReader();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<List<Object>> rows = new ArrayList<>();
            while (result.next()) {
                List<Object> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(text(result, i));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    @Override
    public void close() {
        leader.close();
        follower.close();
    }
}
