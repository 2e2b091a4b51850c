package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random statements of a user with random rights are allowed, or refused, as raw H2 does with the same users and rights. */
class RightsLikeH2Test {
    private static final List<String> TABLES = List.of("A", "B", "S2.C", "Y");
    private static final List<String> VIEWS = List.of("V", "S2.W");
    private static final List<String> GRANTEES = List.of("CLERK", "CLERK", "R1", "R2", "PUBLIC");

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void isAllowedWhatH2Allows(int shards) throws SQLException {
        compare(shards, 4, 40);
    }

    @Tag("campaign")
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void isAllowedWhatH2AllowsForLong(int shards) throws SQLException {
        compare(shards, 100, 200);
    }

    private void compare(int shards, int rounds, int statements) throws SQLException {
        String url = Urls.unique() + "&shards=" + shards;
        String raw = "jdbc:h2:mem:rights" + shards + "_" + seed;
        int refused = 0;
        int allowed = 0;
        try (Connection sa = DriverManager.getConnection(raw, "SA", "x");
                Connection admin = DriverManager.getConnection(url)) {
            define(sa, "");
            admin.createStatement().execute("CREATE USER SA PASSWORD 'x' ADMIN");
            define(admin, shards > 1 ? " SHARD BY (ID)" : "");
            for (int round = 0; round < rounds; round++) {
                // at first there are none
                List<String> given = round == 0 ? List.of() : grants(sa, admin);
                try (Connection mine = DriverManager.getConnection(raw, "CLERK", "x");
                        Connection ours = DriverManager.getConnection(url, "CLERK", "x")) {
                    for (int i = 0; i < statements; i++) {
                        String sql = statement();
                        String expected = run(mine, sql);
                        assertThat(run(ours, sql))
                                .as("seed %d, %d shards: %s after %s", seed, shards, sql, given)
                                .isEqualTo(expected);
                        refused += expected.isEmpty() ? 0 : 1;
                        allowed += expected.isEmpty() ? 1 : 0;
                    }
                }
            }
            sa.createStatement().execute("SHUTDOWN");
        }
        assertThat(refused).as("seed %d", seed).isPositive();
        assertThat(allowed).as("seed %d", seed).isPositive();
    }

    private static void define(Connection connection, String sharding) throws SQLException {
        try (Statement s = connection.createStatement()) {
            for (String sql : List.of(
                    "CREATE USER CLERK PASSWORD 'x'",
                    "CREATE ROLE R1",
                    "CREATE ROLE R2",
                    "GRANT R1 TO CLERK",
                    "GRANT R2 TO R1",
                    "CREATE SCHEMA S2",
                    "CREATE TABLE A(ID INT PRIMARY KEY, V INT)" + sharding,
                    "CREATE TABLE B(ID INT PRIMARY KEY, V INT)" + (sharding.isEmpty() ? "" : " REFERENCE"),
                    "CREATE TABLE S2.C(ID INT PRIMARY KEY, V INT)" + sharding,
                    "CREATE SYNONYM Y FOR S2.C",
                    "CREATE VIEW V AS SELECT A.ID, A.V FROM A JOIN B ON A.ID = B.ID",
                    "CREATE VIEW S2.W AS SELECT V.ID, C.V FROM V JOIN S2.C ON V.ID = C.ID",
                    "CREATE SEQUENCE Q",
                    "INSERT INTO A VALUES (1, 1), (2, 2), (3, 3)",
                    "INSERT INTO B VALUES (1, 1), (2, 2)",
                    "INSERT INTO S2.C VALUES (1, 1), (3, 3)")) {
                s.execute(sql);
            }
        }
    }

    /** Empty when it was allowed, whatever else came of it. */
    private static String run(Connection connection, String sql) {
        try (Statement s = connection.createStatement()) {
            s.execute(sql);
            return "";
        } catch (SQLException e) {
            int code = e.getErrorCode();
            assertThat(code).as("%s: %s", sql, e).isNotIn(42000, 42001);
            return code == 90096 || code == 90040 ? Integer.toString(code) : "";
        }
    }

    // ---- rights ----

    private List<String> grants(Connection sa, Connection admin) throws SQLException {
        List<String> given = new ArrayList<>();
        for (int i = 2 + random.nextInt(5); i > 0; i--) {
            given.add(grant());
        }
        for (String sql : given) {
            sa.createStatement().execute(sql);
            admin.createStatement().execute(sql);
        }
        return given;
    }

    private String grant() {
        boolean isGrant = random.nextInt(5) < 3;
        String start = isGrant ? "GRANT " : "REVOKE ";
        String end = (isGrant ? " TO " : " FROM ") + pick(GRANTEES);
        return switch (random.nextInt(14)) {
            // seldom given, for it gives all
            case 0 -> random.nextInt(3) == 0 ? start + "ALTER ANY SCHEMA" + end : "REVOKE ALTER ANY SCHEMA FROM R2";
            case 1, 2, 3 -> start + rights() + " ON SCHEMA " + pick(List.of("PUBLIC", "S2")) + end;
            case 4 -> start + "R2" + (isGrant ? " TO " : " FROM ") + "CLERK";
            default -> start + rights() + " ON " + table() + end;
        };
    }

    private String rights() {
        List<String> all = new ArrayList<>(List.of("SELECT", "INSERT", "UPDATE", "DELETE"));
        Collections.shuffle(all, random);
        return random.nextInt(6) == 0 ? "ALL" : String.join(", ", all.subList(0, 1 + random.nextInt(3)));
    }

    // ---- statements ----

    private String statement() {
        return switch (random.nextInt(20)) {
            case 0 -> "EXPLAIN " + query(1);
            case 1 -> "EXPLAIN " + change();
            case 2 -> "CALL (" + query(1) + ")";
            case 3 -> definition();
            case 4 -> delta(change());
            case 5 -> "WITH Q(N) AS (" + query(1) + ") SELECT N FROM Q, " + table() + " T";
            case 6, 7, 8, 9, 10, 11 -> change();
            default -> query(2);
        };
    }

    private static String delta(String change) {
        return "SELECT COUNT(*) FROM " + (change.startsWith("DELETE") ? "OLD" : "FINAL") + " TABLE (" + change + ")";
    }

    private String query(int depth) {
        String from = from(depth);
        return switch (random.nextInt(7)) {
            case 0 -> "SELECT COUNT(*) FROM " + from + " WHERE EXISTS (" + simple() + ")";
            case 1 -> "SELECT (" + simple() + ") FROM " + from + " GROUP BY ()";
            case 2 -> simple() + " UNION ALL " + simple();
            case 3 -> "SELECT COUNT(*) FROM " + from + " WHERE X.ID IN (SELECT ID FROM " + table() + ")";
            case 4 -> "SELECT COUNT(*) FROM (VALUES (1, 2)) X(ID, V) WHERE ID > ALL (SELECT ID FROM " + table() + ")";
            case 5 -> "SELECT COUNT(*) OVER (ORDER BY (" + simple() + ")) FROM " + from + " FETCH FIRST ROW ONLY";
            default -> "SELECT COUNT(*) FROM " + from;
        };
    }

    private String simple() {
        return random.nextInt(8) == 0 ? "SELECT COUNT(*) FROM DUAL" : "SELECT COUNT(*) FROM " + table();
    }

    private String from(int depth) {
        return switch (random.nextInt(depth == 0 ? 2 : 6)) {
            case 0, 1 -> table() + " X";
            case 2 -> table() + " X JOIN " + table() + " Z ON X.ID = Z.ID";
            case 3 -> "(SELECT ID, V FROM " + from(depth - 1) + ") X";
            case 4 -> "(TABLE " + table() + ") X";
            default -> table() + " X LEFT JOIN (SELECT ID FROM " + table() + ") Z ON X.ID = Z.ID";
        };
    }

    private String change() {
        String table = pick(TABLES);
        int id = random.nextInt(100);
        return switch (random.nextInt(10)) {
            case 0 -> "INSERT INTO " + table + " VALUES (" + id + ", 1)";
            case 1 -> "INSERT INTO " + table + " SELECT ID + 50, V FROM " + table() + " WHERE ID = " + id;
            case 2 -> "UPDATE " + table + " SET V = V + 1 WHERE ID = " + id;
            case 3 -> "UPDATE " + table + " SET V = (" + simple() + ") WHERE ID = " + id;
            case 4 -> "DELETE FROM " + table + " WHERE ID = " + id;
            case 5 -> "DELETE FROM " + table + " WHERE ID > 10 AND ID IN (SELECT ID FROM " + table() + ")";
            case 6 -> "MERGE INTO " + table + " KEY (ID) VALUES (" + id + ", 2)";
            case 7 -> "MERGE INTO " + table + " SELECT ID, V FROM " + table() + " WHERE ID = " + id;
            default ->
                "MERGE INTO " + table + " T USING "
                        + (random.nextBoolean() ? table() + " U" : "(SELECT " + id + " ID, 1 V) U")
                        + " ON T.ID = U.ID AND T.ID = " + id + branches();
        };
    }

    private String branches() {
        String matched = random.nextBoolean()
                ? " WHEN MATCHED THEN UPDATE SET V = CASE WHEN U.V = 1 THEN 2 ELSE 3 END"
                : " WHEN MATCHED AND T.V < 0 THEN DELETE";
        String unmatched = " WHEN NOT MATCHED AND U.V < 0 THEN INSERT VALUES (U.ID, U.V)";
        return switch (random.nextInt(3)) {
            case 0 -> matched;
            case 1 -> unmatched;
            default -> matched + unmatched;
        };
    }

    private String definition() {
        String schema = pick(List.of("PUBLIC", "S2"));
        String table = pick(List.of("A", "B", "S2.C"));
        return switch (random.nextInt(9)) {
            case 0 -> "CREATE TABLE IF NOT EXISTS " + schema + ".N1(I INT)";
            case 1 -> "CREATE SEQUENCE IF NOT EXISTS " + schema + ".N2";
            case 2 -> "COMMENT ON TABLE " + table + " IS 'x'";
            case 3 -> "CREATE OR REPLACE VIEW " + schema + ".N3 AS SELECT COUNT(*) C FROM " + table();
            case 4 -> "ALTER TABLE " + table + " ALTER COLUMN V SET DEFAULT 1";
            case 5 -> "CREATE SCHEMA IF NOT EXISTS S3";
            case 6 -> "CREATE DOMAIN IF NOT EXISTS " + schema + ".N4 AS INT";
            case 7 -> "GRANT SELECT ON " + table + " TO R1";
            default -> "SELECT NEXT VALUE FOR Q";
        };
    }

    private String table() {
        return random.nextInt(3) == 0 ? pick(VIEWS) : pick(TABLES);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
