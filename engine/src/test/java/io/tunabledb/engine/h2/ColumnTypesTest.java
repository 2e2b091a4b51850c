package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.codec.ResultCodec;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every column type, with its edge values, on its way through a change set, a snapshot and a kept result. */
final class ColumnTypesTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            BOOLEAN                      | TRUE; FALSE
            TINYINT                      | -128; 0; 127
            SMALLINT                     | -32768; 0; 32767
            INTEGER                      | -2147483648; 0; 2147483647
            BIGINT                       | -9223372036854775808; 0; 9223372036854775807
            NUMERIC(38, 10)              | -1234567890123456789012345678.0123456789; 0; 1.5; 9223372036854775808
            NUMERIC(100)                 | -9223372036854775809; 9223372036854775807; 1e60
            REAL                         | CAST('NaN' AS REAL); CAST('Infinity' AS REAL); -0.0; 3.4028235e38; 1.4e-45
            DOUBLE PRECISION             | CAST('NaN' AS DOUBLE PRECISION); CAST('-Infinity' AS DOUBLE PRECISION); 4.9e-324; 0.1
            DECFLOAT(40)                 | CAST('NaN' AS DECFLOAT); CAST('Infinity' AS DECFLOAT); CAST('-Infinity' AS DECFLOAT); 1e-1000; 1.50; -0.000
            CHAR(5)                      | ''; 'a'; 'abcde'; 'ä€'
            VARCHAR(1000)                | ''; 'a'; ' trailing '; 'ä'; '€'; U&'\\+01F600'; U&'\\D83D'; REPEAT('x', 1000); U&'\\0000'
            VARCHAR_IGNORECASE           | ''; 'MiXed'; 'ÄÖ'
            BINARY(3)                    | X'000000'; X'ff00ff'
            VARBINARY(100)               | X''; X'00'; X'ff00'
            CLOB                         | ''; 'short'; REPEAT('long €', 10000)
            BLOB                         | X''; X'00ff'; CAST(REPEAT('00ff', 50000) AS BLOB)
            DATE                         | DATE '0001-01-01'; DATE '-0044-03-15'; DATE '9999-12-31'; DATE '2024-02-29'; DATE '1000000000-12-31'
            TIME(9)                      | TIME '00:00:00'; TIME '23:59:59.999999999'
            TIME(9) WITH TIME ZONE       | TIME WITH TIME ZONE '10:00:00+18:00'; TIME WITH TIME ZONE '23:59:59.999999999-05:30'
            TIMESTAMP(9)                 | TIMESTAMP '2024-02-29 23:59:59.999999999'; TIMESTAMP '-0001-01-01 00:00:00'
            TIMESTAMP(9) WITH TIME ZONE  | TIMESTAMP WITH TIME ZONE '2024-02-29 23:59:59.999999999+14:00'; TIMESTAMP WITH TIME ZONE '1900-01-01 00:00:00-00:00:01'
            INTERVAL YEAR(18)            | INTERVAL '-999999999999999999' YEAR(18); INTERVAL '0' YEAR
            INTERVAL MONTH               | INTERVAL '11' MONTH
            INTERVAL DAY                 | INTERVAL '-1' DAY
            INTERVAL HOUR                | INTERVAL '25' HOUR
            INTERVAL MINUTE              | INTERVAL '61' MINUTE
            INTERVAL SECOND(2, 9)        | INTERVAL '-1.123456789' SECOND; INTERVAL '0.000000001' SECOND
            INTERVAL YEAR TO MONTH       | INTERVAL '-1-11' YEAR TO MONTH
            INTERVAL DAY TO HOUR         | INTERVAL '10 11' DAY TO HOUR
            INTERVAL DAY TO MINUTE       | INTERVAL '-10 11:12' DAY TO MINUTE
            INTERVAL DAY TO SECOND(9)    | INTERVAL '10 11:12:13.123456789' DAY TO SECOND; INTERVAL '-0 00:00:00.000000001' DAY TO SECOND
            INTERVAL HOUR TO MINUTE      | INTERVAL '-1:59' HOUR TO MINUTE
            INTERVAL HOUR TO SECOND      | INTERVAL '1:59:58' HOUR TO SECOND
            INTERVAL MINUTE TO SECOND    | INTERVAL '-59:58' MINUTE TO SECOND
            UUID                         | UUID '00000000-0000-0000-0000-000000000000'; UUID 'ffffffff-ffff-ffff-8000-000000000000'
            ENUM('a', 'b c', 'ü')        | 'a'; 'b c'; 'ü'
            JSON                         | JSON 'null'; JSON '{"a": [1, 2.50, "x"]}'; JSON '"text"'; JSON '[]'
            GEOMETRY                     | 'POINT (1 2)'; 'SRID=4326;POLYGON ((0 0, 1 0, 1 1, 0 0))'; 'POINT EMPTY'; 'POINT Z (1 2 3)'
            GEOMETRY(POINT, 4326)        | 'SRID=4326;POINT (-1e300 1e-300)'
            JAVA_OBJECT                  | X'aced0005740001'; X''
            INTEGER ARRAY[5]             | ARRAY[]; ARRAY[1, NULL, 3]
            VARCHAR(10) ARRAY ARRAY      | ARRAY[ARRAY['a', '€'], ARRAY[], NULL]
            ENUM('x', 'y') ARRAY         | ARRAY['x', 'y', NULL]
            CLOB ARRAY                   | ARRAY['a', REPEAT('b', 5000)]
            ROW(A INT, B VARCHAR(10))    | ROW(1, 'x'); ROW(NULL, NULL)
            ROW(I INT, R ROW(D DATE, N NUMERIC(10, 2) ARRAY)) | ROW(7, ROW(DATE '2024-01-01', ARRAY[1.20, 3]))
            """)
    void survivesEveryWay(String type, String literals) throws Exception {
        List<String> values = Arrays.stream(literals.split(";(?![^']*POI|[^']*POL)"))
                .map(String::strip)
                .toList();
        try (Replicas replicas = new Replicas()) {
            replicas.defined(
                    "CREATE TABLE KEYED(ID INT PRIMARY KEY, V " + type + ")",
                    "CREATE TABLE BARE(V " + type + ", W INT)",
                    "CREATE TABLE CHANGED(ID INT PRIMARY KEY, V " + type + ")");
            int id = 0;
            for (String value : values) {
                id++;
                replicas.write(
                        "INSERT INTO KEYED VALUES(" + id + ", " + value + ")",
                        "INSERT INTO BARE VALUES(" + value + ", 1)",
                        "INSERT INTO CHANGED VALUES(" + id + ", NULL)");
                replicas.write("UPDATE CHANGED SET V = " + value + " WHERE ID = " + id);
                replicas.write("UPDATE BARE SET W = W + 1");
            }
            replicas.write("INSERT INTO KEYED VALUES(0, NULL)", "INSERT INTO BARE VALUES(NULL, NULL)");
            replicas.assertSame();
            assertRowsSame(replicas, "SELECT * FROM KEYED ORDER BY ID", values.size() + 1);
            assertRowsSame(replicas, "SELECT _ROWID_, V, W FROM BARE", values.size() + 1);
            assertRowsSame(replicas, "SELECT * FROM CHANGED ORDER BY ID", values.size());
            replicas.reloadFollower();
            assertRowsSame(replicas, "SELECT * FROM KEYED ORDER BY ID", values.size() + 1);
            assertKeptResult(replicas, "SELECT * FROM KEYED ORDER BY ID");
        }
    }

    private static void assertRowsSame(Replicas replicas, String sql, int count) throws Exception {
        List<List<Object>> there = Replicas.rows(replicas.follower, sql);
        assertThat(there).isEqualTo(Replicas.rows(replicas.leader, sql)).hasSize(count);
    }

    private static void assertKeptResult(Replicas replicas, String sql) throws Exception {
        try (Connection connection = replicas.leader.openReader();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            ResultSet kept = ResultCodec.decode(ResultCodec.encode(result));
            assertThat(kept.getMetaData().getColumnLabel(2)).isEqualTo("V");
            for (List<Object> row : Replicas.rows(replicas.leader, sql)) {
                assertThat(kept.next()).isTrue();
                assertThat(Replicas.text(kept, 1)).isEqualTo(row.get(0));
                assertThat(Replicas.text(kept, 2)).isEqualTo(row.get(1));
            }
            assertThat(kept.next()).isFalse();
        }
    }

    @Test
    void domainsAreTheirBaseTypes() throws Exception {
        try (Replicas replicas = new Replicas()) {
            replicas.defined(
                    "CREATE DOMAIN EMAIL AS VARCHAR(100) CHECK (VALUE LIKE '%@%')",
                    "CREATE DOMAIN WORK_EMAIL AS EMAIL DEFAULT 'x@work'",
                    "CREATE TABLE T(ID INT PRIMARY KEY, A EMAIL, B WORK_EMAIL)");
            replicas.write("INSERT INTO T(ID, A) VALUES(1, 'a@b')");
            replicas.reloadFollower();
            replicas.write("INSERT INTO T(ID, A) VALUES(2, 'c@d')");
            replicas.assertSame();
            assertThat(Replicas.rows(replicas.follower, "SELECT B FROM T")).contains(List.of("x@work"));
        }
    }

    @Test
    void largeObjectsOfMegabytesComeFromStreams() throws Exception {
        byte[] large = new byte[5_000_000];
        new Random(1).nextBytes(large);
        String text = "€".repeat(2_000_000);
        try (Replicas replicas = new Replicas()) {
            replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY, B BLOB, C CLOB, N INT)");
            try (Writer writer = replicas.leader.openWriter();
                    PreparedStatement insert =
                            writer.connection().prepareStatement("INSERT INTO T VALUES(1, ?, ?, 0)")) {
                // of unknown length, so H2 keeps them outside the row
                insert.setBinaryStream(1, new ByteArrayInputStream(large));
                insert.setCharacterStream(2, new StringReader(text));
                insert.execute();
                replicas.commit(writer);
            }
            try (Writer writer = replicas.leader.openWriter();
                    Statement statement = writer.connection().createStatement()) {
                statement.execute("UPDATE T SET N = 1");
                assertThat(writer.changes())
                        .as("unchanged large objects stay home")
                        .hasSizeLessThan(100);
                replicas.commit(writer);
            }
            replicas.assertSame();
            replicas.reloadFollower();
            try (Connection connection = replicas.follower.openReader();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT B, C FROM T")) {
                rows.next();
                assertThat(rows.getBytes(1)).isEqualTo(large);
                assertThat(rows.getString(2)).isEqualTo(text);
            }
        }
    }
}
