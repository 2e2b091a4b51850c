package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.sharding.ShardOf;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The shards of one database: each a leader and a follower, all with the same definitions. */
public final class ShardedReplicas implements AutoCloseable {
    static final String SETTING = "table.shard.PUBLIC.";

    public final List<Replicas> all;

    public ShardedReplicas(int count) {
        all = IntStream.range(0, count)
                .mapToObj(shard ->
                        new Replicas(new ShardOf(shard, count, (type, buckets) -> key -> shardOf(key, count))))
                .toList();
    }

    /** Keys fall anywhere, but equal ones together. */
    public static int shardOf(Object key, int shards) {
        return Math.floorMod((key.toString().hashCode() * 0x9E3779B9) >>> 7, shards);
    }

    /** In every shard, which must agree. */
    public SchemaChangeResult define(String sql, Map<String, String> settings) {
        List<SchemaChangeResult> results = new ArrayList<>();
        for (Replicas shard : all) {
            results.add(shard.define(new SchemaChange("PUBLIC", sql, settings)));
        }
        // a TRUNCATE counts its rows
        assertThat(results)
                .extracting(SchemaChangeResult::message)
                .containsOnly(results.get(0).message());
        return results.get(0);
    }

    public void defined(String... statements) {
        for (String sql : statements) {
            assertThat(define(sql, Map.of())).as(sql).matches(SchemaChangeResult::ok);
        }
    }

    /** With a PUBLIC table's sharding. */
    public void sharded(String sql, String table, String sharding) {
        assertThat(define(sql, Map.of(SETTING + table, sharding))).as(sql).matches(SchemaChangeResult::ok);
    }

    public String refused(String sql) {
        return refused(sql, Map.of());
    }

    public String shardedInVain(String sql, String table, String sharding) {
        return refused(sql, Map.of(SETTING + table, sharding));
    }

    private String refused(String sql, Map<String, String> settings) {
        SchemaChangeResult result = define(sql, settings);
        assertThat(result.sqlState()).as(sql + ": " + result.message()).isEqualTo("TC005");
        return result.message();
    }

    /** The keys an INSERT gives back, from a transaction of its own in one shard. */
    public List<Object> insert(int shard, String sql) throws SQLException {
        List<Object> keys = new ArrayList<>();
        try (Writer writer = all.get(shard).leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            statement.execute(sql, Statement.RETURN_GENERATED_KEYS);
            try (ResultSet generated = statement.getGeneratedKeys()) {
                while (generated.next()) {
                    keys.add(generated.getObject(1));
                }
            }
            all.get(shard).commit(writer);
        }
        return keys;
    }

    /** The next values of a sequence in one shard. */
    public List<Long> take(int shard, String sequence, int count) throws SQLException {
        List<Long> values = new ArrayList<>();
        try (Writer writer = all.get(shard).leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            for (int i = 0; i < count; i++) {
                try (ResultSet result = statement.executeQuery("SELECT NEXT VALUE FOR " + sequence)) {
                    result.next();
                    values.add(result.getLong(1));
                }
            }
            all.get(shard).commit(writer);
        }
        return values;
    }

    public void failOver() {
        all.forEach(Replicas::failOver);
    }

    public void reloadFollowers() throws Exception {
        for (Replicas shard : all) {
            shard.reloadFollower();
        }
    }

    public void assertSame() throws SQLException {
        for (Replicas shard : all) {
            shard.assertSame();
        }
    }

    @Override
    public void close() {
        all.forEach(Replicas::close);
    }
}
