package io.tunabledb.engine.h2.ddl.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.ShardedReplicas;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What definitions of sharded tables are checked for, the same on every replica of every shard. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ShardRulesTest {
    private final ShardedReplicas shards = new ShardedReplicas(2);

    @BeforeAll
    void parents() {
        shards.defined("CREATE TABLE SINGLE(ID INT PRIMARY KEY)");
        shards.sharded("CREATE TABLE REF(ID INT PRIMARY KEY)", "REF", "REFERENCE");
        shards.sharded("CREATE TABLE BY_ID(ID INT PRIMARY KEY, V INT)", "BY_ID", "BY ID");
        shards.sharded("CREATE TABLE PAIR(A INT, B INT, PRIMARY KEY(A, B))", "PAIR", "BY A");
        shards.sharded("CREATE TABLE BARE(K INT, V INT NOT NULL)", "BARE", "BY K");
        shards.defined("CREATE VIEW UNDER AS SELECT ID N FROM SINGLE");
        shards.defined("CREATE VIEW UPON AS SELECT * FROM (SELECT N FROM UNDER) X");
        shards.defined("CREATE DOMAIN KNOWN AS INT CHECK (VALUE IN (SELECT N FROM UPON))");
    }

    @AfterEach
    void theShardsAreAlike() throws SQLException {
        shards.defined("DROP TABLE IF EXISTS T");
        shards.assertSame();
    }

    @AfterAll
    void close() {
        shards.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TINYINT | INTEGER",
                "SMALLINT | INTEGER",
                "INT | INTEGER",
                "BIGINT | INTEGER",
                "NUMERIC(9, 2) | NUMERIC(2)",
                "DECFLOAT(20) | DECFLOAT(20)",
                "CHAR(5) | CHARACTER",
                "VARCHAR(5) | CHARACTER_VARYING",
                "VARCHAR_IGNORECASE | VARCHAR_IGNORECASE",
                "BINARY(2) | BINARY",
                "VARBINARY(9) | VARBINARY",
                "BOOLEAN | BOOLEAN",
                "DATE | DATE",
                "UUID | UUID",
            })
    void theSettingSaysTheKeysType(String type, String stored) throws Exception {
        shards.sharded("CREATE TABLE T(V INT, \"my key\" " + type + ")", "T", "BY my key");
        for (Replicas shard : shards.all) {
            assertThat(shard.leader.own().settings()).containsEntry("table.shard.PUBLIC.T", "BY my key " + stored);
            assertThat(shard.leader.catalog()).containsEntry("columns.PUBLIC.T", "V\nmy key");
        }
        assertThatThrownBy(() -> shards.insert(0, "INSERT INTO T(V) VALUES(1)"))
                .as("a shard key is NOT NULL")
                .hasMessageContaining("NULL not allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TIMESTAMP",
                "TIME",
                "REAL",
                "DOUBLE PRECISION",
                "CLOB",
                "BLOB",
                "JSON",
                "INT ARRAY",
                "ENUM('a', 'b')",
                "INTERVAL DAY",
                "GEOMETRY"
            })
    void otherTypesAreNoShardKeys(String type) throws Exception {
        assertThat(shards.shardedInVain("CREATE TABLE T(K " + type + ")", "T", "BY K"))
                .contains("shard key K of PUBLIC.T can't be a", "VARCHAR");
        assertThat(shards.all.get(0).leader.hasTable("PUBLIC", "T")).isFalse();
        assertThat(shards.all.get(0).leader.own().settings()).doesNotContainKey("table.shard.PUBLIC.T");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TABLE T(K INT, V INT) | BY X | has no column X to be sharded by; it has K, V",
                "CREATE TABLE T(K INT, V INT PRIMARY KEY) | BY K | PRIMARY KEY(V) of PUBLIC.T does not contain",
                "CREATE TABLE T(K INT, V INT UNIQUE) | BY K | UNIQUE(V) of PUBLIC.T does not contain the shard key K",
                "CREATE TABLE T(K INT, V INT, UNIQUE(V, K), UNIQUE(V)) | BY K | make it (K, V)",
                "CREATE TABLE T(K INT GENERATED ALWAYS AS (V + 1), V INT) | BY K | can't be computed",
                "CREATE TABLE T(K INT ON UPDATE 7, V INT) | BY K | can't be computed",
                "CREATE GLOBAL TEMPORARY TABLE T(K INT, V INT) | BY K | temporary",
                "CREATE GLOBAL TEMPORARY TABLE T(K INT, V INT) | REFERENCE | temporary",
                "CREATE TABLE T(K INT, V INT) | BETWEEN K | unknown sharding 'BETWEEN K'",
                "CREATE TABLE U(K INT) | BY K | table PUBLIC.T not found",
                "CREATE TABLE T(K INT, V INT REFERENCES SINGLE) | BY K | not all rows of PUBLIC.SINGLE",
                "CREATE TABLE T(K INT, V INT REFERENCES SINGLE) | REFERENCE | is REFERENCE, and not all rows of",
                "CREATE TABLE T(K INT, V INT REFERENCES BY_ID) | BY K | must match shard key K with shard key ID of",
                "CREATE TABLE T(K INT, V INT REFERENCES BY_ID) | REFERENCE | is REFERENCE, and not all rows of",
                "CREATE TABLE T(K INT REFERENCES BY_ID ON UPDATE CASCADE) | BY K | ON UPDATE CASCADE would change a",
                "CREATE TABLE T(K INT REFERENCES BY_ID ON DELETE SET NULL) | BY K | ON DELETE SET NULL would change",
                "CREATE TABLE T(K INT, V INT REFERENCES REF ON DELETE CASCADE) | BY K | ON DELETE CASCADE: a row of",
                "CREATE TABLE T(K INT, V INT REFERENCES REF ON UPDATE SET NULL) | BY K | ON UPDATE SET NULL: a row of",
                "CREATE TABLE T(K INT, A INT, FOREIGN KEY(A, K) REFERENCES PAIR) | BY K | must match shard key K with",
                "CREATE TABLE T(K INT, A VARCHAR, FOREIGN KEY(A) REFERENCES BY_ID) | BY A | UnComparable",
            })
    void whatCantBeKeptIsRefused(String sql, String sharding, String message) throws Exception {
        if (message.equals("UnComparable")) {
            assertThat(shards.define(sql, Map.of("table.shard.PUBLIC.T", sharding))
                            .ok())
                    .isFalse();
        } else {
            assertThat(shards.shardedInVain(sql, "T", sharding)).contains(message);
        }
        assertThat(shards.all.get(1).leader.hasTable("PUBLIC", "T")).isFalse();
        shards.assertSame();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TABLE T(K INT, V INT UNIQUE, S INT REFERENCES SINGLE ON DELETE CASCADE, R INT REFERENCES REF) | SINGLE",
                "CREATE TABLE T(K INT PRIMARY KEY, R INT REFERENCES REF ON DELETE CASCADE ON UPDATE CASCADE) | REFERENCE",
                "CREATE TABLE T(K INT PRIMARY KEY, R INT REFERENCES REF) | BY K",
                "CREATE TABLE T(K BIGINT REFERENCES BY_ID ON DELETE CASCADE) | BY K",
                "CREATE TABLE T(K NUMERIC(9), A INT, UNIQUE(A, K), FOREIGN KEY(K, A) REFERENCES PAIR) | BY K",
                "CREATE TABLE T(K INT PRIMARY KEY, P INT, UNIQUE(P, K), FOREIGN KEY(P, K) REFERENCES T(P, K)) | BY K",
            })
    void whatCanBeKeptIsDone(String sql, String sharding) throws Exception {
        shards.sharded(sql, "T", sharding);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE BY_ID DROP COLUMN ID | column ID is the shard key of PUBLIC.BY_ID and can't be dropped",
                "ALTER TABLE PAIR ALTER COLUMN A DROP NOT NULL | ",
                "ALTER TABLE BARE ALTER COLUMN K DROP NOT NULL | must stay NOT NULL",
                "ALTER TABLE BARE ALTER COLUMN K SET DATA TYPE VARCHAR | can't change from INTEGER",
                "ALTER TABLE BARE ALTER COLUMN K SET DATA TYPE DECFLOAT(5) | can't change from INTEGER",
                "ALTER TABLE BARE ALTER COLUMN K SET ON UPDATE 5 | can't be computed",
                "ALTER TABLE BARE ADD COLUMN N INT UNIQUE | UNIQUE(N) of PUBLIC.BARE does not contain",
                "ALTER TABLE BARE ADD CONSTRAINT U UNIQUE(V) | UNIQUE(V) of PUBLIC.BARE does not contain",
                "ALTER TABLE BARE ADD PRIMARY KEY(V) | PRIMARY KEY(V) of PUBLIC.BARE does not contain",
                "CREATE UNIQUE INDEX IX ON BARE(V) | UNIQUE(V) of PUBLIC.BARE does not contain",
                "ALTER TABLE BARE ADD FOREIGN KEY(V) REFERENCES BY_ID | must match",
                "ALTER TABLE SINGLE ADD FOREIGN KEY(ID) REFERENCES BY_ID | is in shard 0, and PUBLIC.BY_ID is sharded",
                "CREATE TABLE N(I INT REFERENCES BY_ID) | is in shard 0, and PUBLIC.BY_ID is sharded",
                "ALTER TABLE REF ADD COLUMN N INT REFERENCES SINGLE | is REFERENCE, and not all rows of",
            })
    void laterDefinitionsAreCheckedToo(String sql, String message) throws Exception {
        if (message == null) {
            assertThat(shards.define(sql, Map.of()).ok())
                    .as("H2 itself refuses it")
                    .isFalse();
        } else {
            assertThat(shards.refused(sql)).contains(message);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE BARE ALTER COLUMN V SET DEFAULT (SELECT MAX(N) FROM UPON) | reads PUBLIC.SINGLE",
                "ALTER TABLE BARE ADD CHECK (V IN (SELECT N FROM UNDER)) | reads PUBLIC.SINGLE",
                "ALTER TABLE BARE ADD CHECK ((SELECT COUNT(*) FROM BARE) < 9) | reads PUBLIC.BARE",
                "ALTER TABLE BARE ALTER COLUMN V SET DATA TYPE KNOWN | the domain of column V of PUBLIC.BARE reads",
                "ALTER TABLE BARE ALTER COLUMN V SET DEFAULT (SELECT MAX(N) FROM (SELECT RANK() OVER (ORDER BY"
                        + " (SELECT MAX(N) FROM UPON)) N FROM REF)) | reads PUBLIC.SINGLE",
                "ALTER TABLE BARE ALTER COLUMN V SET DEFAULT (SELECT COUNT(*) FROM SYSTEM_RANGE(1,"
                        + " (SELECT MAX(N) FROM UPON))) | reads PUBLIC.SINGLE",
            })
    void whatAShardComputesIsFollowedToTheEnd(String sql, String message) throws Exception {
        assertThat(shards.refused(sql)).contains(message);
    }

    @Test
    void aCheckMayReadItsOwnColumnsAndWhatIsWhole() throws Exception {
        shards.sharded("CREATE TABLE T(K INT, V INT CHECK (V > 0))", "T", "BY K");
        shards.defined("ALTER TABLE T ADD CHECK (V > K OR V IN (SELECT ID FROM REF))");
        shards.defined("ALTER TABLE REF ADD CHECK ((SELECT COUNT(*) FROM REF) < 9)");
    }
}
