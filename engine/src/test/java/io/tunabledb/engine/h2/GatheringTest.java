package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GatheringTest {
    private final Shards shards = new Shards(3, new Random(1));

    @AfterEach
    void close() {
        shards.close();
    }

    private void people() throws Exception {
        shards.define(
                "CREATE TABLE PERSON(ID INT PRIMARY KEY, NAME VARCHAR(20), TOWN INT)",
                "CREATE TABLE TOWN(ID INT PRIMARY KEY, NAME VARCHAR(20))",
                "CREATE INDEX BY_TOWN ON PERSON(TOWN)",
                "CREATE VIEW INHABITANT AS SELECT P.NAME, T.NAME TOWN FROM PERSON P JOIN TOWN T ON P.TOWN = T.ID");
        for (int i = 1; i <= 30; i++) {
            shards.insert("INSERT INTO PERSON VALUES(" + i + ", 'P" + i + "', " + i % 7 + ")");
        }
        for (int i = 1; i <= 5; i++) {
            shards.insert("INSERT INTO TOWN VALUES(" + i + ", 'T" + i + "')");
        }
    }

    private void same(String sql, Object... parameters) throws Exception {
        assertThat(shards.gathered(sql, parameters)).as(sql).isEqualTo(shards.expected(sql, parameters));
    }

    @Test
    void queriesGiveWhatOneStorageWouldGive() throws Exception {
        people();
        same("SELECT * FROM PERSON ORDER BY ID");
        same("SELECT COUNT(*), MAX(NAME) FROM PERSON WHERE TOWN > ?", 3);
        same("SELECT * FROM INHABITANT ORDER BY NAME");
        same("SELECT T.NAME, COUNT(P.ID) FROM TOWN T LEFT JOIN PERSON P ON P.TOWN = T.ID GROUP BY T.NAME ORDER BY 1");
        same("SELECT ID FROM PERSON WHERE TOWN NOT IN (SELECT ID FROM TOWN) ORDER BY ID");
        same("WITH RECURSIVE R(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM R WHERE N < 10)"
                + " SELECT N, NAME FROM R JOIN PERSON ON ID = N ORDER BY N");
    }

    private static int shardOf(RowChange row) {
        Object id = row.after("ID");
        return id == null ? 0 : Math.floorMod(((Number) id).intValue(), 3);
    }

    private void changed(String sql, Object... parameters) throws Exception {
        shards.change(GatheringTest::shardOf, sql, parameters);
        same("SELECT * FROM PERSON ORDER BY ID, NAME");
        same("SELECT * FROM TOWN ORDER BY ID");
    }

    @Test
    void changesGiveWhatOneStorageWouldGive() throws Exception {
        people();
        changed("UPDATE PERSON SET TOWN = (SELECT MIN(ID) FROM TOWN WHERE ID > PERSON.TOWN), NAME = NAME || ?", "x");
        changed("UPDATE PERSON SET ID = ID + 1");
        changed("DELETE FROM PERSON WHERE TOWN IN (SELECT ID FROM TOWN WHERE NAME = ?)", "T3");
        changed("INSERT INTO TOWN(ID, NAME) SELECT 100 + ID, NAME FROM PERSON WHERE ID < ?", 12);
        changed("INSERT INTO PERSON VALUES(1000, (SELECT MAX(NAME) FROM TOWN), DEFAULT), (1001, ?, 7)", "seven");
        changed("MERGE INTO TOWN KEY(ID) SELECT ID, NAME || 'm' FROM PERSON WHERE ID > 3");
        changed("MERGE INTO PERSON P USING (SELECT * FROM TOWN) T ON P.ID = T.ID"
                + " WHEN MATCHED AND T.ID < 10 THEN DELETE WHEN MATCHED THEN UPDATE SET NAME = T.NAME"
                + " WHEN NOT MATCHED THEN INSERT(ID, NAME) VALUES(T.ID, T.NAME)");
    }

    @Test
    void newRowsGetTheirKeysInTheirShard() throws Exception {
        shards.define(
                "CREATE TABLE SOURCE(ID INT PRIMARY KEY, V VARCHAR)",
                "CREATE TABLE MADE(K BIGINT GENERATED ALWAYS AS IDENTITY(START WITH 10%d00) PRIMARY KEY, ID INT, V VARCHAR DEFAULT 'd',"
                        + " W INT GENERATED ALWAYS AS (ID * 2))");
        for (int i = 1; i <= 9; i++) {
            shards.insert("INSERT INTO SOURCE VALUES(" + i + ", 'v" + i + "')");
        }
        var keys = shards.change(
                GatheringTest::shardOf, "INSERT INTO MADE(ID) SELECT ID FROM SOURCE UNION ALL SELECT ID FROM MADE");
        assertThat(keys).hasSize(10);
        same("SELECT ID, V, W FROM MADE ORDER BY ID");
    }

    @Test
    void tooManyRowsAreRefused() throws Exception {
        people();
        try (Gathered gathered = shards.gathering.acquire(shards.parts.get(0), this, connection -> {})) {
            GatherPlan plan = gathered.plan("SELECT * FROM PERSON");
            gathered.bind(plan, Shards.values());
            assertThatThrownBy(() -> {
                        for (int shard = 0; shard < 3; shard++) {
                            shards.load(gathered, plan.fragments().get(0), shard, 29);
                        }
                    })
                    .hasMessageContaining("29")
                    .hasMessageContaining("maxGatherRows")
                    .extracting("SQLState")
                    .isEqualTo("TC006");
        }
        same("SELECT COUNT(*) FROM PERSON");
    }
}
