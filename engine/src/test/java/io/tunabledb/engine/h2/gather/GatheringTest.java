package io.tunabledb.engine.h2.gather;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Shards;
import io.tunabledb.engine.h2.gather.change.RowChange;
import io.tunabledb.engine.h2.gather.plan.Fragment;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.row.SequenceSource;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** To H2 all derived tables are equal. */
    @Test
    void everyDerivedTableHasItsRows() throws Exception {
        people();
        String people = "(SELECT ID, NAME FROM PERSON)";
        String towns = "(SELECT ID, NAME FROM TOWN)";
        same("SELECT * FROM " + people + " A JOIN " + towns + " B ON A.ID = B.ID ORDER BY 1");
        same("SELECT * FROM " + people + " A UNION SELECT * FROM " + towns + " A ORDER BY 1, 2");
        same("SELECT * FROM (SELECT * FROM " + towns + " A WHERE ID IN (SELECT ID FROM " + people + " B)) C, "
                + "(SELECT MAX(TOWN) FROM INHABITANT) D ORDER BY 1");
        same("WITH A AS " + people + ", B AS " + towns
                + " SELECT COUNT(*), (SELECT COUNT(*) FROM A) FROM B WHERE ID > (SELECT MIN(ID) FROM A)");
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
        assertThat(keys).hasSize(9).doesNotHaveDuplicates();
        same("SELECT ID, V, W FROM MADE ORDER BY ID");
    }

    @Test
    void tooManyRowsAreRefused() throws Exception {
        people();
        try (Gathered gathered = shards.gathering.acquire(shards.parts.get(0), this, List.of(), connection -> {})) {
            GatherPlan plan = gathered.plan("SELECT * FROM PERSON", Set.of());
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

    private List<String> fragments(String sql) throws Exception {
        try (Gathered gathered = shards.gathering.acquire(shards.parts.get(0), this, List.of(), connection -> {})) {
            return gathered.plan(sql, Set.of()).fragments().stream()
                    .map(Fragment::sql)
                    .toList();
        }
    }

    @Test
    void workIsPushedToTheShards() throws Exception {
        people();
        assertThat(fragments(
                        "SELECT P.NAME FROM PERSON P JOIN TOWN T ON T.ID = P.TOWN AND T.NAME > 'T2' WHERE P.ID < ?"))
                .containsExactlyInAnyOrder(
                        "SELECT \"ID\", \"NAME\", \"TOWN\" FROM \"PUBLIC\".\"PERSON\" WHERE (\"ID\" < ?)",
                        "SELECT \"ID\", \"NAME\" FROM \"PUBLIC\".\"TOWN\" WHERE (\"NAME\" > 'T2')");
        assertThat(fragments("SELECT 1 FROM PERSON P LEFT JOIN TOWN T ON T.ID = P.TOWN WHERE T.ID IS NULL"))
                .containsExactly(
                        "SELECT \"ID\", \"TOWN\" FROM \"PUBLIC\".\"PERSON\"", "SELECT \"ID\" FROM \"PUBLIC\".\"TOWN\"");
        assertThat(fragments("SELECT NAME FROM PERSON WHERE TOWN = 3 ORDER BY NAME DESC LIMIT 5"))
                .containsExactly("SELECT \"ID\", \"NAME\", \"TOWN\" FROM \"PUBLIC\".\"PERSON\" WHERE (\"TOWN\" = 3)"
                        + " ORDER BY \"NAME\" DESC LIMIT CAST(5 AS BIGINT)");
        assertThat(fragments(
                        "SELECT TOWN, SUM(ID) / COUNT(*) FROM PERSON WHERE ID > ? GROUP BY TOWN HAVING MAX(ID) > ?"))
                .containsExactly("SELECT \"TOWN\", SUM(\"ID\"), COUNT(*), MAX(\"ID\") FROM \"PUBLIC\".\"PERSON\""
                        + " WHERE (\"ID\" > ?) GROUP BY \"TOWN\"");
        same("SELECT TOWN, SUM(ID) / COUNT(*) FROM PERSON WHERE ID > ? GROUP BY TOWN HAVING MAX(ID) > ?", 2, 29);
        same("SELECT COUNT(*), SUM(ID), MIN(NAME) FROM PERSON WHERE ID > 1000");
        same("SELECT 1 FROM PERSON P LEFT JOIN TOWN T ON T.ID = P.TOWN WHERE T.ID IS NULL");
    }

    @Test
    void anOwnersSettingsHold() throws Exception {
        shards.define(
                "CREATE SCHEMA OTHER", "CREATE TABLE OTHER.T(AT TIMESTAMP WITH TIME ZONE)", "CREATE TABLE T(AT INT)");
        shards.insert("INSERT INTO OTHER.T VALUES(TIMESTAMP WITH TIME ZONE '2024-01-01 12:00:00+00')");
        Gathering.Setup setup = connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SCHEMA OTHER");
                statement.execute("SET TIME ZONE '+05:00'");
                statement.execute("SET @X 7");
            }
        };
        try (Gathered gathered = shards.gathering.acquire(shards.parts.get(0), "owner", List.of(), setup);
                Connection reader = shards.parts.get(0).openReader()) {
            GatherPlan plan = gathered.plan("SELECT CAST(AT AS TIMESTAMP), @X FROM T", Set.of());
            gathered.bind(plan, Shards.values());
            for (int shard = 0; shard < 3; shard++) {
                shards.load(gathered, plan.fragments().get(0), shard, 10);
            }
            assertThat(Shards.rows(gathered.query(reader, 0, 0, SequenceSource.NONE))
                            .get(1))
                    .isEqualTo(List.of("2024-01-01 17:00:00", "7"));
        }
        same("SELECT * FROM T");
    }

    @Test
    void definitionsReachThePrivateDatabase() throws Exception {
        people();
        same("SELECT COUNT(*) FROM PERSON P, TOWN T WHERE P.ID = T.ID");
        shards.define(
                "ALTER TABLE PERSON ADD COLUMN AGE INT DEFAULT 5 NOT NULL", "CREATE TABLE PET(ID INT PRIMARY KEY)");
        shards.insert("INSERT INTO PET VALUES(3)");
        same("SELECT * FROM PERSON JOIN PET USING(ID)");
    }

    @Test
    void aViewThatTakesValuesFromASequenceSaysSo() throws Exception {
        people();
        shards.define("CREATE SEQUENCE S", "CREATE VIEW NUMBERED AS SELECT NEXT VALUE FOR S AS NR, ID FROM PERSON");
        assertThatThrownBy(() -> shards.gathered("SELECT * FROM NUMBERED"))
                .extracting("SQLState")
                .isEqualTo("HYC00");
        assertThatThrownBy(() -> fragments("SELECT NO FROM PERSON"))
                .extracting("SQLState")
                .isEqualTo("42S22");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT TOWN, AVG(ID), COUNT(DISTINCT NAME) D FROM PERSON GROUP BY TOWN",
                "SELECT AVG(CAST(ID AS BIGINT)) + COUNT(*) AS S, AVG(DISTINCT TOWN) FROM PERSON",
                "SELECT DISTINCT TOWN FROM PERSON",
                "SELECT TOWN T, COUNT(*) N FROM PERSON P GROUP BY TOWN ORDER BY N DESC, T"
            })
    void groupsArePutTogetherFromPartialResults(String sql) throws Exception {
        people();
        same(sql);
        try (Gathered gathered = shards.gathering.acquire(shards.parts.get(0), this, List.of(), connection -> {})) {
            assertThat(gathered.plan(sql, Set.of()).describe()).last().isEqualTo("combine partial results");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BOOLEAN | TRUE",
                "TINYINT | -5",
                "SMALLINT | 300",
                "BIGINT | 5000000000",
                "NUMERIC(20, 5) | 1.5",
                "REAL | 1.5",
                "DOUBLE PRECISION | CAST('NaN' AS DOUBLE PRECISION)",
                "DECFLOAT(20) | 1e-30",
                "CHAR(5) | 'ab'",
                "VARCHAR_IGNORECASE | 'Ab'",
                "BINARY(3) | X'010203'",
                "VARBINARY | X'00'",
                "CLOB | REPEAT('long', 9000)",
                "BLOB | CAST(REPEAT('00ff', 9000) AS BLOB)",
                "DATE | DATE '-0044-03-15'",
                "TIME(9) | TIME '23:59:59.999999999'",
                "TIME WITH TIME ZONE | TIME WITH TIME ZONE '10:00:00+18:00'",
                "TIMESTAMP(9) | TIMESTAMP '2024-02-29 23:59:59.999999999'",
                "TIMESTAMP WITH TIME ZONE | TIMESTAMP WITH TIME ZONE '1900-01-01 00:00:00-00:00:01'",
                "INTERVAL DAY TO SECOND | INTERVAL '10 11:12:13.123456' DAY TO SECOND",
                "INTERVAL YEAR | INTERVAL '-3' YEAR",
                "UUID | UUID '00000000-0000-0000-ffff-000000000000'",
                "ENUM('a', 'b c') | 'b c'",
                "JSON | JSON '{\"a\": [1, 2.50]}'",
                "GEOMETRY | 'SRID=4326;POINT (1 2)'",
                "JAVA_OBJECT | X'aced0005740001'",
                "INTEGER ARRAY | ARRAY[1, NULL]",
                "ENUM('x', 'y') ARRAY | ARRAY['y', NULL]",
                "CLOB ARRAY | ARRAY['a', REPEAT('b', 5000)]",
                "ROW(A INT, B VARCHAR(9)) | ROW(1, 'x')"
            })
    void everyTypeComesThrough(String typeAndValue) throws Exception {
        String type = typeAndValue.split(" \\| ", -1)[0];
        String value = typeAndValue.split(" \\| ", -1)[1];
        shards.define(
                "CREATE TABLE T(ID INT PRIMARY KEY, V " + type + ")",
                "CREATE TABLE COPIED(ID INT PRIMARY KEY, V " + type + ", W VARCHAR)");
        for (int i = 0; i < 4; i++) {
            shards.insert("INSERT INTO T VALUES(" + i + ", " + (i == 3 ? "NULL" : value) + ")");
        }
        if (type.startsWith("CHAR")) {
            same("SELECT A.V || 'x', CHAR_LENGTH(A.V), A.ID FROM T A JOIN T B ON A.V = B.V ORDER BY A.ID, B.ID");
        }
        same("SELECT V, T.ID FROM T JOIN (SELECT ID FROM T) USING(ID) ORDER BY T.ID");
        if (!type.startsWith("JAVA_OBJECT") && !type.equals("JSON") && !type.startsWith("CLOB A")) {
            same("SELECT V, COUNT(*), MAX(ID) FROM T GROUP BY V ORDER BY 3");
        }
        shards.change(GatheringTest::shardOf, "INSERT INTO COPIED(ID, V) SELECT ID + 10, V FROM T");
        shards.change(GatheringTest::shardOf, "UPDATE COPIED SET ID = ID + 1, V = (SELECT V FROM T WHERE ID = 0)");
        same("SELECT * FROM COPIED ORDER BY ID");
    }
}
