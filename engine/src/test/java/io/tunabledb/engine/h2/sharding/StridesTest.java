package io.tunabledb.engine.h2.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.ShardedReplicas;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No two shards give one value. */
final class StridesTest {
    private static final int SHARDS = 3;

    private final ShardedReplicas shards = new ShardedReplicas(SHARDS);

    @AfterEach
    void close() {
        shards.close();
    }

    @Test
    void sequencesStepOverTheValuesOfOtherShards() throws Exception {
        shards.defined(
                "CREATE SEQUENCE UP START WITH 5 INCREMENT BY 10",
                "CREATE SEQUENCE DOWN START WITH -1 INCREMENT BY -1",
                "CREATE SEQUENCE \"round\" MINVALUE 1 MAXVALUE 7 CYCLE",
                "CREATE SEQUENCE ENDING MINVALUE 1 MAXVALUE 7");
        for (int round = 0; round < 2; round++) {
            for (int shard = 0; shard < SHARDS; shard++) {
                long first = 5 + 10 * shard + 30L * 2 * round;
                assertThat(shards.take(shard, "UP", 2)).containsExactly(first, first + 30);
                assertThat(shards.take(shard, "DOWN", 1)).containsExactly(-1L - shard - 3L * round);
            }
            shards.reloadFollowers();
            shards.failOver();
        }
        assertThat(shards.take(0, "\"round\"", 4)).containsExactly(1L, 4L, 7L, 1L);
        assertThat(shards.take(2, "\"round\"", 3)).containsExactly(3L, 6L, 3L);
        assertThat(shards.take(1, "ENDING", 2)).containsExactly(2L, 5L);
        assertThatThrownBy(() -> shards.take(1, "ENDING", 1)).hasMessageContaining("run out of numbers");
        shards.reloadFollowers();
        shards.failOver();
        assertThatThrownBy(() -> shards.take(1, "ENDING", 1)).hasMessageContaining("run out of numbers");
        shards.assertSame();
    }

    @Test
    void alterSequenceMeansTheSequenceAsDeclared() throws Exception {
        shards.defined("CREATE SEQUENCE S", "CREATE SEQUENCE OTHER");
        shards.take(1, "S", 4);
        shards.take(1, "OTHER", 2);
        shards.defined("ALTER SEQUENCE S RESTART WITH 100");
        assertThat(shards.take(0, "S", 2)).containsExactly(100L, 103L);
        assertThat(shards.take(2, "S", 2)).containsExactly(102L, 105L);
        shards.defined("ALTER SEQUENCE S INCREMENT BY 2");
        shards.defined("ALTER SEQUENCE S RESTART");
        assertThat(shards.take(0, "S", 2)).containsExactly(1L, 7L);
        assertThat(shards.take(1, "S", 2)).containsExactly(3L, 9L);
        shards.defined("ALTER SEQUENCE S INCREMENT BY -2 MINVALUE -1000 RESTART WITH 0");
        assertThat(shards.take(1, "S", 2)).containsExactly(-2L, -8L);
        assertThat(shards.take(1, "OTHER", 1)).as("not named, not moved").containsExactly(8L);
        assertThat(shards.refused("ALTER SEQUENCE S MINVALUE -20 MAXVALUE 100000 INCREMENT BY -10000"))
                .contains("too few values to give 3 shards each their own");
        assertThat(shards.take(1, "S", 1)).containsExactly(-14L);
        assertThat(shards.refused("CREATE SEQUENCE TIGHT MINVALUE 1 MAXVALUE 3 CYCLE"))
                .contains("too few values");
        assertThat(shards.define("CREATE SEQUENCE S", Map.of()).sqlState()).isEqualTo("90035");
        shards.reloadFollowers();
        shards.failOver();
        assertThat(shards.take(1, "S", 1)).containsExactly(-20L);
        shards.assertSame();
    }

    @Test
    void aSequenceNearItsEndEndsInEachShardForItself() throws Exception {
        shards.defined(
                "CREATE SEQUENCE S MAXVALUE 100", "CREATE SEQUENCE LAST", "CREATE SEQUENCE ROUND MAXVALUE 100 CYCLE");
        shards.defined(
                "ALTER SEQUENCE S RESTART WITH 99",
                "ALTER SEQUENCE LAST RESTART WITH " + Long.MAX_VALUE,
                "ALTER SEQUENCE ROUND RESTART WITH 100");
        assertThat(shards.take(0, "S", 1)).containsExactly(99L);
        assertThat(shards.take(1, "S", 1)).containsExactly(100L);
        assertThatThrownBy(() -> shards.take(2, "S", 1)).hasMessageContaining("run out of numbers");
        assertThat(shards.take(0, "LAST", 1)).containsExactly(Long.MAX_VALUE);
        assertThatThrownBy(() -> shards.take(1, "LAST", 1)).hasMessageContaining("run out of numbers");
        assertThat(shards.take(1, "ROUND", 1)).containsExactly(2L);
        shards.reloadFollowers();
        shards.assertSame();
    }

    @Test
    void aSequenceThatIsFurtherInOneShardChangesInAllShardsOrInNone() throws Exception {
        shards.defined("CREATE SEQUENCE S", "CREATE SEQUENCE DOWN INCREMENT BY -1 MAXVALUE 1000 START WITH 1000");
        shards.take(2, "S", 50);
        shards.take(1, "DOWN", 50);
        // the first to have it refuses it for all, though it could have it itself
        for (String sql : List.of("ALTER SEQUENCE S MAXVALUE 100", "ALTER SEQUENCE DOWN MINVALUE 900")) {
            assertThat(shards.all
                            .get(0)
                            .define(new SchemaChange("PUBLIC", sql, Map.of()))
                            .message())
                    .as(sql)
                    .contains("add RESTART WITH");
        }
        assertThat(shards.take(2, "S", 1)).as("unchanged").containsExactly(153L);
        shards.defined(
                "ALTER SEQUENCE S MAXVALUE 1000 RESTART WITH 200",
                "ALTER SEQUENCE S MAXVALUE 2000",
                "ALTER SEQUENCE S CYCLE",
                "ALTER SEQUENCE S INCREMENT BY 2",
                "ALTER SEQUENCE DOWN MINVALUE 900 RESTART");
        assertThat(shards.take(1, "S", 2)).containsExactly(201L, 207L);
        assertThat(shards.take(1, "DOWN", 1)).containsExactly(999L);
        shards.reloadFollowers();
        shards.assertSame();
    }

    /** Shards have the change one after the other, each wherever it stands, and give values all the while. */
    @Test
    void noValueIsGivenTwiceWhenTheIncrementChanges() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (long first : new long[] {1, 3, -2}) {
            String name = "S" + Math.abs(first);
            shards.defined("CREATE SEQUENCE " + name + " START WITH 7 INCREMENT BY " + first
                    + " MINVALUE -100000000 MAXVALUE 100000000");
            List<Long> given = new ArrayList<>();
            long increment = first;
            for (int change = 0; change < 4; change++) {
                takeSome(name, given, random);
                increment *= 1 + random.nextInt(6);
                String sql = "ALTER SEQUENCE " + name + " INCREMENT BY " + increment;
                for (Replicas shard : shards.all) {
                    assertThat(shard.define(new SchemaChange("PUBLIC", sql, Map.of())))
                            .as(sql)
                            .matches(SchemaChangeResult::ok);
                    takeSome(name, given, random);
                }
            }
            shards.reloadFollowers();
            shards.failOver();
            takeSome(name, given, random);
            assertThat(given).as("seed " + seed).doesNotHaveDuplicates();
            assertThat(shards.refused("ALTER SEQUENCE " + name + " INCREMENT BY " + (increment + 1)))
                    .contains(" after " + increment, "add RESTART WITH");
        }
        shards.assertSame();
    }

    private void takeSome(String sequence, List<Long> given, Random random) throws SQLException {
        for (int shard = 0; shard < SHARDS; shard++) {
            given.addAll(shards.take(shard, sequence, random.nextInt(12)));
        }
    }

    @Test
    void identitiesOfShardedTablesAreShared() throws Exception {
        shards.sharded(
                "CREATE TABLE T(K INT NOT NULL, ID BIGINT GENERATED ALWAYS AS IDENTITY(START WITH 10 INCREMENT BY 2),"
                        + " UNIQUE(K, ID))",
                "T",
                "BY K");
        shards.defined("CREATE TABLE SINGLE(ID INT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V INT)");
        shards.sharded("CREATE TABLE REF(ID INT AUTO_INCREMENT PRIMARY KEY, V INT)", "REF", "REFERENCE");
        List<Object> all = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            long first = 10 + 2L * shard;
            List<Object> keys = shards.insert(shard, "INSERT INTO T(K) VALUES" + keysOf(shard, 3));
            assertThat(keys).containsExactly(first, first + 6, first + 12);
            all.addAll(keys);
        }
        assertThat(new HashSet<>(all)).hasSize(9);
        assertThat(shards.insert(0, "INSERT INTO SINGLE(V) VALUES(1), (2)")).containsExactly(1, 2);
        assertThat(shards.insert(0, "INSERT INTO REF(V) VALUES(1), (2)")).containsExactly(1, 2);
        // the table is copied, renamed, its sequence made anew
        shards.defined(
                "ALTER TABLE T ADD COLUMN V INT DEFAULT 4",
                "ALTER TABLE T RENAME TO U",
                "ALTER TABLE U ALTER COLUMN ID SET DATA TYPE INT");
        shards.reloadFollowers();
        shards.failOver();
        assertThat(shards.insert(1, "INSERT INTO U(K) VALUES" + keysOf(1, 1))).containsExactly(30);
        shards.defined("ALTER TABLE U ALTER COLUMN ID RESTART WITH 1000");
        assertThat(shards.insert(2, "INSERT INTO U(K) VALUES" + keysOf(2, 2))).containsExactly(1004, 1010);
        shards.defined("TRUNCATE TABLE U RESTART IDENTITY");
        assertThat(shards.insert(2, "INSERT INTO U(K) VALUES" + keysOf(2, 1))).containsExactly(14);
        assertThat(shards.refused("ALTER TABLE U ALTER COLUMN ID SET INCREMENT BY 3"))
                .startsWith("the identity column can't go on with INCREMENT BY 3 after 2");
        shards.defined("ALTER TABLE U ALTER COLUMN ID SET INCREMENT BY 4");
        assertThat(shards.insert(2, "INSERT INTO U(K) VALUES" + keysOf(2, 2))).containsExactly(20, 32);
        shards.reloadFollowers();
        shards.assertSame();
    }

    @Test
    void aTableThatIsShardedLaterSharesItsIdentity() throws Exception {
        shards.defined("CREATE TABLE T(K INT NOT NULL, ID INT AUTO_INCREMENT, PRIMARY KEY(K, ID))");
        shards.insert(0, "INSERT INTO T(K) VALUES(11), (12), (13), (14)");
        shards.insert(0, "DELETE FROM T");
        TableName name = new TableName("PUBLIC", "T");
        String restart = shards.all.get(0).leader.trying().identityRestart(name);
        assertThat(restart).isEqualTo("ALTER TABLE \"PUBLIC\".\"T\" ALTER COLUMN \"ID\" RESTART WITH 5");
        shards.sharded(restart, "T", "BY K");
        for (int shard = 0; shard < SHARDS; shard++) {
            shards.insert(shard, "INSERT INTO T(K) VALUES" + keysOf(shard, 2));
            assertThat(Replicas.rows(shards.all.get(shard).leader, "SELECT ID FROM T WHERE ID > 4 ORDER BY ID"))
                    .isEqualTo(List.of(List.of("" + (5 + shard)), List.of("" + (8 + shard))));
        }
        assertThat(shards.all.get(0).leader.trying().identityRestart(new TableName("PUBLIC", "NONE")))
                .isNull();
        shards.defined("TRUNCATE TABLE T CONTINUE IDENTITY");
        shards.sharded("", "T", "SINGLE");
        shards.reloadFollowers();
        shards.assertSame();
    }

    /** Rows with keys that belong to a shard. */
    private static String keysOf(int shard, int count) {
        List<String> keys = new ArrayList<>();
        for (long key = 1; keys.size() < count; key++) {
            if (ShardedReplicas.shardOf(key, SHARDS) == shard) {
                keys.add("(" + key + ")");
            }
        }
        return String.join(", ", keys);
    }
}
