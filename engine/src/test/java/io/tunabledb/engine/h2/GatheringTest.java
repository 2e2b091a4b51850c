package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

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
}
