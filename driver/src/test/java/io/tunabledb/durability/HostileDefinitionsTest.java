package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tunabledb.jdbc.TunableStatement;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No definition, however deep, wide or strange, stops a replica: it works, or its caller gets an SQLException. */
class HostileDefinitionsTest {
    private static final String OPTIONS = "electionTimeout=3000&definitionTimeout=20000&consistencyTimeout=20000";

    @TempDir
    Path directory;

    /** Expressions and queries that are as deep, or as wide, as a number says. */
    private static final Map<String, IntFunction<String>> SHAPES = Map.of(
            "sum", n -> "1" + "+1".repeat(n),
            "brackets", n -> "(".repeat(n) + "1" + ")".repeat(n),
            "subqueries", n -> "(SELECT ".repeat(n) + "1" + ")".repeat(n),
            "cases", n -> "CASE WHEN TRUE THEN ".repeat(n) + "1" + " ELSE 0 END".repeat(n),
            "calls", n -> "ABS(".repeat(n) + "1" + ")".repeat(n),
            "signs", n -> "- ".repeat(n) + "1",
            "conditions", n -> "CASE WHEN TRUE" + " AND 1=1 OR 2=2".repeat(n) + " THEN 1 END",
            "wide", n -> "COALESCE(" + "1, ".repeat(n) + "1)",
            "union", n -> "(SELECT MAX(C) FROM (SELECT 1 AS C" + " UNION ALL SELECT 1".repeat(n) + ") U)",
            "in", n -> "CASE WHEN 1 IN (" + "2, ".repeat(n) + "1) THEN 1 END");

    /** What a definition does with an expression; the table's name makes each another one. */
    private static final List<String> FORMS = List.of(
            "CREATE VIEW #V AS SELECT ? AS X",
            "CREATE TABLE #T(ID INT PRIMARY KEY, N INT DEFAULT ?)",
            "CREATE TABLE #T(ID INT PRIMARY KEY, N INT CHECK (N < ?))",
            "CREATE TABLE #T(ID INT PRIMARY KEY, N INT GENERATED ALWAYS AS (ID + ?))",
            "CREATE DOMAIN #D AS INT DEFAULT ?",
            "CREATE CONSTANT #C VALUE ?",
            "CREATE TABLE #T AS SELECT ? AS X",
            "ALTER TABLE BASE ADD COLUMN #T INT DEFAULT ?");

    @Test
    void deepAndWideDefinitions() throws SQLException {
        long seed = Long.getLong("hostile.seed", System.nanoTime());
        hostile("jdbc:tunable:mem:hostile" + System.nanoTime() + "?" + OPTIONS, seed, 12, 6_000);
    }

    @Test
    void onFileItOpensAgain() throws SQLException {
        long seed = Long.getLong("hostile.seed", System.nanoTime());
        String url = "jdbc:tunable:file:" + directory.resolve("db") + "?" + OPTIONS;
        for (int i = 0; i < 2; i++) {
            hostile(url, seed + i, 6, 4_000);
        }
        hostile(url, seed, 0, 1);
    }

    @Test
    @Tag("campaign")
    void manyOverShardsAndFiles() throws SQLException {
        long seed = Long.getLong("hostile.seed", System.nanoTime());
        String url = "jdbc:tunable:file:" + directory.resolve("db") + "?shards=2&snapshotAfter=65536&" + OPTIONS;
        for (int i = 0; i < Integer.getInteger("hostile.rounds", 20); i++) {
            hostile(url, seed + i, 50, 30_000);
        }
    }

    /** A name may have any character, also such as our own lists are made with. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&shards=2"})
    void namesOfAnyCharacters(String shards) throws SQLException {
        String url = "jdbc:tunable:file:" + directory.resolve("names") + "?" + OPTIONS + shards;
        for (String name :
                List.of("a\nb", "a\tb", "a\r\nb", "a%0Ab", "a+b", "a.b", "a\\b", "a,b", "a:b", "a;b", "\u2028", " ")) {
            String schema = "\"" + name + "\"";
            String table = schema + "." + schema;
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE SCHEMA " + schema);
                statement.execute("CREATE TABLE " + table + "(" + schema + " INT PRIMARY KEY, V INT)"
                        + (shards.isEmpty() ? "" : " SHARD BY (" + schema + ")"));
                statement.execute("INSERT INTO " + table + " VALUES (1, 2), (2, 3), (3, 4)");
                statement.execute("CREATE VIEW " + schema + ".SHOWN AS SELECT * FROM " + table + " WHERE V > 2");
                statement.execute(
                        "CREATE CONSISTENCY RULE " + schema + " ON " + table + " FOR READ USING LINEARIZABLE");
            }
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + schema + ".SHOWN")) {
                    rows.next();
                    assertThat(rows.getInt(1)).as(name).isEqualTo(2);
                }
                assertThat(statement.unwrap(TunableStatement.class).receipt())
                        .as(name)
                        .asString()
                        .contains("LINEARIZABLE");
            }
        }
    }

    private static void hostile(String url, long seed, int rounds, int depth) throws SQLException {
        // printed before: what ends the process leaves no failure that could say it
        System.out.println("hostile definitions: seed " + seed);
        Random random = new Random(seed);
        List<String> shapes = SHAPES.keySet().stream().sorted().toList();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS BASE(ID INT PRIMARY KEY)");
            for (int i = 0; i < rounds; i++) {
                String shape = shapes.get(random.nextInt(shapes.size()));
                int n = 1 + random.nextInt(depth);
                String form = FORMS.get(random.nextInt(FORMS.size()));
                String what = "seed " + seed + ", " + form + " with " + shape + " of " + n;
                String sql = form.replace("#", "A" + Math.abs(seed % 100_000) + "_" + i)
                        .replace("?", SHAPES.get(shape).apply(n));
                Throwable thrown = catchThrowable(() -> statement.execute(sql));
                if (thrown != null) {
                    assertThat(thrown).as(what).isInstanceOf(SQLException.class);
                    assertThat(((SQLException) thrown).getSQLState())
                            .as(what + ": " + thrown)
                            .doesNotMatch("08.*|HY000|TC001|TC002");
                }
                requireAlive(connection, what);
            }
            requireAlive(connection, "seed " + seed);
            requireEqual(connection, seed);
        }
    }

    private static void requireAlive(Connection connection, String after) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM BASE WHERE ID = 1");
            statement.executeUpdate("INSERT INTO BASE(ID) VALUES (1)");
            try (ResultSet rows = statement.executeQuery("SELECT NODE, FAILURE FROM TUNABLE.REPLICAS")) {
                while (rows.next()) {
                    assertThat(rows.getString(2))
                            .as(rows.getString(1) + " after " + after)
                            .isNull();
                }
            }
        }
    }

    private static void requireEqual(Connection connection, long seed) throws SQLException {
        int replicas = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            while (rows.next()) {
                replicas++;
                assertThat(rows.getBoolean("SAME")).as("seed " + seed).isTrue();
            }
        }
        assertThat(replicas).as("seed " + seed).isPositive();
    }

    @Test
    void aDeepStatementWorksAtEveryLevelAndADeeperOneIsRefused() throws SQLException {
        String url = "jdbc:tunable:mem:deep" + System.nanoTime() + "?" + OPTIONS;
        String sum = "1" + "+1".repeat(6_000);
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE BASE(ID INT PRIMARY KEY, N INT DEFAULT 0)");
            statement.execute("INSERT INTO BASE(ID) VALUES (2)");
            statement.execute("UPDATE BASE SET N = " + sum + " WHERE ID = 2 WITH CONSISTENCY EVENTUAL");
            statement.execute("UPDATE BASE SET N = N + 1 WHERE ID = 2 WITH CONSISTENCY EVENTUAL");
            try (ResultSet rows =
                    statement.executeQuery("SELECT N, " + sum + " FROM BASE WITH CONSISTENCY LINEARIZABLE")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(6_002);
                assertThat(rows.getInt(2)).isEqualTo(6_001);
            }
            for (String sql : List.of("SELECT ", "EXPLAIN SELECT ", "CREATE VIEW V AS SELECT ")) {
                assertThatThrownBy(() -> statement.execute(sql + "1" + "+1".repeat(100_001)))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("the most is 100000")
                        .extracting(e -> ((SQLException) e).getSQLState())
                        .isEqualTo("TC006");
            }
            requireAlive(connection, "deep statements");
        }
    }

    @Test
    void chainsAndListsWork() throws SQLException {
        chainsAndLists(60, 200, 10_000);
    }

    @Test
    @Tag("campaign")
    void longChainsAndListsWork() throws SQLException {
        chainsAndLists(1_000, 500, 100_000);
    }

    private static void chainsAndLists(int views, int queries, int values) throws SQLException {
        StringBuilder with = new StringBuilder("WITH C0(X) AS (SELECT ID FROM BASE)");
        for (int i = 1; i <= queries; i++) {
            with.append(", C")
                    .append(i)
                    .append("(X) AS (SELECT X FROM C")
                    .append(i - 1)
                    .append(')');
        }
        with.append(" SELECT X FROM C").append(queries);
        StringBuilder joins = new StringBuilder("SELECT A0.ID FROM BASE A0");
        for (int i = 1; i <= 40; i++) {
            joins.append(" LEFT JOIN BASE A" + i + " ON A" + i + ".ID = A" + (i - 1) + ".ID");
        }
        String list = "ID IN (1" + ", 2".repeat(values) + ")";
        String url = "jdbc:tunable:mem:chains" + System.nanoTime() + "?" + OPTIONS;
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE BASE(ID INT PRIMARY KEY, N INT DEFAULT 0)");
            statement.execute("INSERT INTO BASE(ID) VALUES (2)");
            statement.execute("CREATE VIEW V0 AS SELECT ID FROM BASE");
            for (int i = 1; i <= views; i++) {
                statement.execute("CREATE VIEW V" + i + " AS SELECT ID FROM V" + (i - 1));
            }
            statement.execute("CREATE VIEW WITHS AS " + with);
            statement.execute("CREATE VIEW JOINS AS " + joins);
            // H2 counts the derived tables that have no name, each session by itself
            statement.execute("CREATE VIEW UNNAMED AS SELECT COUNT(*) AS N FROM (SELECT ID FROM BASE)");
            statement.execute("CREATE VIEW LISTS AS SELECT ID FROM BASE WHERE " + list);
            for (String query : List.of(
                    "SELECT ID FROM V" + views,
                    with.toString(),
                    "SELECT * FROM WITHS",
                    joins.toString(),
                    "SELECT * FROM JOINS",
                    "SELECT N + 1 FROM UNNAMED",
                    "SELECT ID FROM BASE WHERE " + list,
                    "SELECT * FROM LISTS")) {
                try (ResultSet rows = statement.executeQuery(query)) {
                    String what = query.substring(0, Math.min(60, query.length()));
                    assertThat(rows.next()).as(what).isTrue();
                    assertThat(rows.getInt(1)).as(what).isEqualTo(2);
                }
            }
            statement.execute("UPDATE BASE SET N = N + 1 WHERE " + list + " WITH CONSISTENCY EVENTUAL");
            statement.execute("UPDATE BASE SET N = N + 1 WHERE ID = 2 WITH CONSISTENCY EVENTUAL");
            try (ResultSet rows = statement.executeQuery("SELECT N FROM BASE")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(2);
            }
            requireAlive(connection, "chains and lists");
            requireEqual(connection, 0);
        }
    }

    @Test
    void aDefinitionOfMoreBytesThanATransactionMayHaveIsRefused() throws SQLException {
        String url = "jdbc:tunable:mem:huge" + System.nanoTime() + "?maxTransaction=100000&" + OPTIONS;
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE BASE(ID INT PRIMARY KEY)");
            for (String sql : List.of("COMMENT ON TABLE BASE IS '?'", "CREATE VIEW V AS SELECT '?' AS X")) {
                assertThatThrownBy(() -> statement.execute(sql.replace("?", "x".repeat(100_000))))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("more than maxTransaction=100000")
                        .extracting(e -> ((SQLException) e).getSQLState())
                        .isEqualTo("TC006");
                statement.execute(sql.replace("?", "x".repeat(90_000)));
            }
            requireAlive(connection, "long definitions");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "REAL",
                "DOUBLE PRECISION",
                "CLOB",
                "BLOB",
                "TIME",
                "TIMESTAMP",
                "TIMESTAMP WITH TIME ZONE",
                "INTERVAL DAY TO SECOND",
                "JSON",
                "GEOMETRY",
                "INT ARRAY",
                "ENUM('a', 'b')"
            })
    void aTypeThatNoShardKeyCanHave(String type) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:tunable:mem:keys?shards=2&closeDelay=2000&" + OPTIONS);
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS PLAIN, KEYED, BASE");
            statement.execute("CREATE TABLE PLAIN(K " + type + " NOT NULL, ID INT)");
            statement.execute("CREATE TABLE KEYED(K INT NOT NULL, ID INT) SHARD BY (K)");
            statement.execute("CREATE TABLE BASE(ID INT PRIMARY KEY)");
            for (String sql : List.of(
                    "CREATE TABLE T(K " + type + ", X INT) SHARD BY (K)",
                    "ALTER TABLE PLAIN SHARD BY (K)",
                    "ALTER TABLE KEYED ALTER COLUMN K " + type)) {
                assertThatThrownBy(() -> statement.execute(sql))
                        .as(sql)
                        .isInstanceOf(SQLException.class)
                        .extracting(e -> ((SQLException) e).getSQLState())
                        .asString()
                        .matches("TC005|22.*|90.*");
            }
            requireAlive(connection, type);
        }
    }
}
