package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How tables are sharded goes with them through later definitions; and definitions can be tried first. */
final class ShardDefinitionsTest {
    private final ShardedReplicas shards = new ShardedReplicas(2);

    @AfterEach
    void close() {
        shards.close();
    }

    private void parents() {
        shards.defined("CREATE TABLE SINGLE(ID INT PRIMARY KEY)");
        shards.sharded("CREATE TABLE REF(ID INT PRIMARY KEY)", "REF", "REFERENCE");
        shards.sharded("CREATE TABLE BY_ID(ID INT PRIMARY KEY, V INT)", "BY_ID", "BY ID");
        shards.sharded("CREATE TABLE PAIR(A INT, B INT, PRIMARY KEY(A, B))", "PAIR", "BY A");
    }

    @Test
    void harmlessDefinitionsGoThrough() throws Exception {
        parents();
        shards.defined(
                "ALTER TABLE BY_ID ADD COLUMN W VARCHAR",
                "ALTER TABLE BY_ID ADD CONSTRAINT U UNIQUE(ID, W)",
                "CREATE UNIQUE INDEX IX ON BY_ID(V, ID)",
                "CREATE INDEX IX2 ON BY_ID(V)",
                "ALTER TABLE BY_ID ADD CHECK (V > 0)",
                "CREATE VIEW VW AS SELECT * FROM BY_ID",
                "ALTER TABLE BY_ID ALTER COLUMN V SET DATA TYPE BIGINT",
                "ALTER TABLE REF ADD COLUMN V INT UNIQUE",
                "ALTER TABLE SINGLE ADD COLUMN V INT UNIQUE",
                "TRUNCATE TABLE PAIR",
                "DROP TABLE BY_ID CASCADE");
        assertThat(shards.all.get(1).leader.own().settings().keySet())
                .containsExactly("table.shard.PUBLIC.PAIR", "table.shard.PUBLIC.REF");
        shards.defined("CREATE TABLE BY_ID(ID INT PRIMARY KEY, V INT UNIQUE)");
        shards.assertSame();
    }

    @Test
    void theSettingFollowsItsTableAndItsKey() throws Exception {
        shards.defined("CREATE SCHEMA S");
        parents();
        shards.defined(
                "ALTER TABLE BY_ID RENAME TO \"by key\"",
                "ALTER TABLE \"by key\" ALTER COLUMN ID RENAME TO \"the KEY\"",
                "ALTER TABLE \"by key\" ADD COLUMN N INT BEFORE V",
                "ALTER TABLE \"by key\" ALTER COLUMN \"the KEY\" SET DATA TYPE NUMERIC(10, 2)");
        for (Replicas shard : shards.all) {
            assertThat(shard.follower.own().settings())
                    .containsEntry("table.shard.PUBLIC.by key", "BY the KEY NUMERIC(2)")
                    .doesNotContainKey("table.shard.PUBLIC.BY_ID");
        }
        assertThat(shards.refused("ALTER TABLE \"by key\" ADD UNIQUE(V)")).contains("the shard key the KEY");
        assertThat(shards.refused("ALTER TABLE \"by key\" ALTER COLUMN \"the KEY\" SET DATA TYPE NUMERIC(10, 1)"))
                .contains("can't change from NUMERIC(2)");
        shards.reloadFollowers();
        shards.assertSame();
    }

    @Test
    void aTableIsShardedLaterAndNoMore() throws Exception {
        shards.defined("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        shards.insert(0, "INSERT INTO T VALUES(1, NULL), (2, 2)");
        SchemaChange byId = new SchemaChange("PUBLIC", "", Map.of("table.shard.PUBLIC.T", "BY ID"));
        assertThat(shards.all.get(0).define(byId).message())
                .contains("PUBLIC.T has 2 rows in shard 0, which would have");
        shards.insert(0, "DELETE FROM T");
        assertThat(shards.shardedInVain("", "T", "BY V")).contains("PRIMARY KEY(ID) of PUBLIC.T does not contain");
        shards.sharded("", "T", "BY ID");
        assertThat(shards.refused("CREATE TABLE C(T INT REFERENCES T)")).contains("is sharded");
        shards.sharded("", "T", "REFERENCE");
        shards.defined("CREATE TABLE C(T INT REFERENCES T)");
        assertThat(shards.shardedInVain("", "T", "BY ID")).contains("FOREIGN KEY(T) of PUBLIC.C");
        shards.defined("DROP TABLE C");
        shards.sharded("", "T", "SINGLE");
        assertThat(shards.all.get(0).leader.own().settings()).isEmpty();
        shards.defined("CREATE UNIQUE INDEX IX ON T(V)");
        shards.assertSame();
    }

    @Test
    void ifNotExistsChangesNothing() throws Exception {
        shards.sharded("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "T", "BY ID");
        shards.sharded("CREATE TABLE IF NOT EXISTS T(ID INT, V INT)", "T", "BY V");
        assertThat(shards.all.get(0).leader.own().settings())
                .isEqualTo(Map.of("table.shard.PUBLIC.T", "BY ID INTEGER"));
    }

    @Test
    void aDefinitionIsTriedOnTheRowsOfOneShard() throws Exception {
        shards.defined("CREATE DOMAIN D AS INT");
        shards.sharded("CREATE TABLE T(ID INT PRIMARY KEY, V INT, W VARCHAR, X D)", "T", "BY ID");
        int other = ShardedReplicas.shardOf(1L, 2);
        int full = 1 - other;
        StringBuilder values = new StringBuilder();
        for (int id = 1; id < 50; id++) {
            if (ShardedReplicas.shardOf((long) id, 2) == full) {
                values.append(values.length() == 0 ? "" : ",")
                        .append("(")
                        .append(id)
                        .append(", 7, 'a', -1)");
            }
        }
        shards.insert(full, "INSERT INTO T VALUES" + values);
        shards.insert(other, "INSERT INTO T VALUES(1, 7, '5', 1)");
        Map<String, String> before = Replicas.hashes(shards.all.get(full).leader);
        String[] failing = {
            "ALTER TABLE T ADD CHECK (X > 0)", "23513",
            "ALTER TABLE T ALTER COLUMN W SET DATA TYPE INT", "22018",
            "ALTER DOMAIN D ADD CHECK (VALUE > 0)", "23513",
            "ALTER TABLE T ADD COLUMN N INT NOT NULL", "23502",
            "ALTER TABLE T ADD COLUMN C UUID DEFAULT RANDOM_UUID()", "TC005",
            "ALTER TABLE T ADD UNIQUE(V)", "TC005",
            "DROP TABLE NOTHING", "42S02",
        };
        for (int i = 0; i < failing.length; i += 2) {
            SchemaChange definition = new SchemaChange("PUBLIC", failing[i]);
            SchemaChangeResult result = shards.all.get(full).leader.trying().tryDefinition(definition, 100);
            assertThat(result.sqlState()).as(failing[i] + result).isEqualTo(failing[i + 1]);
        }
        SchemaChange check = new SchemaChange("PUBLIC", failing[0]);
        assertThat(shards.all
                        .get(other)
                        .leader
                        .trying()
                        .tryDefinition(check, 100)
                        .ok())
                .isTrue();
        assertThat(shards.all.get(full).leader.trying().tryDefinition(check, 3))
                .as("too many rows")
                .isNull();
        assertThat(Replicas.hashes(shards.all.get(full).leader)).isEqualTo(before);
        shards.assertSame();
    }

    @Test
    void aTrialSeesTheRowsThatWouldHaveToMove() throws SQLException {
        shards.defined("CREATE TABLE T(A INT, B INT)");
        shards.insert(0, "INSERT INTO T VALUES(1, NULL)");
        Storage leader = shards.all.get(0).leader;
        assertThat(leader.trying().tryDefinition(byKey("A"), 10).message()).contains("has 1 rows in shard 0");
        assertThat(shards.all
                        .get(1)
                        .leader
                        .trying()
                        .tryDefinition(byKey("A"), 10)
                        .ok())
                .isTrue();
        assertThat(leader.trying().tryDefinition(byKey("C"), 10).message()).contains("has no column C");
        assertThat(leader.own().settings()).isEmpty();
    }

    private static SchemaChange byKey(String column) {
        return new SchemaChange("PUBLIC", "", Map.of("table.shard.PUBLIC.T", "BY " + column));
    }
}
