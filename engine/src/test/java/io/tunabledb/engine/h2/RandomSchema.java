package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A made-up schema in which much reads something else: views over every construct and over each other, synonyms, domains,
 * defaults, generated columns, ON UPDATE clauses, checks and referential actions; and statements over it. Everything that can be
 * queried has columns K and X.
 */
final class RandomSchema {
    private static final int TABLES = 4;
    private static final int READ = 4;
    private final Random random;
    private final List<String> definitions = new ArrayList<>();
    private final List<String> sources = new ArrayList<>();
    private final List<String> domains = new ArrayList<>();
    /** Whether a column B has a domain, by table. */
    private final List<Boolean> hasDomain = new ArrayList<>();

    private int aliases;

    RandomSchema(Random random) {
        this.random = random;
        for (int i = 0; i < READ; i++) {
            definitions.add("CREATE TABLE R" + i + "(K INT PRIMARY KEY, X INT)");
            sources.add("R" + i);
        }
        views("V", 4);
        for (int i = 0; i < 2; i++) {
            definitions.add("CREATE DOMAIN D" + i + " AS INT"
                    + maybe(" DEFAULT (SELECT MAX(K) FROM " + source() + ")")
                    + maybe(" ON UPDATE (SELECT MIN(K) FROM " + source() + ")")
                    + " CHECK (VALUE IS NULL OR VALUE < 100000 + (SELECT COUNT(*) FROM " + source() + "))");
            domains.add("D" + i);
        }
        List<String> tables = new ArrayList<>();
        for (int i = 0; i < TABLES; i++) {
            table(i);
            tables.add("T" + i);
        }
        sources.addAll(tables);
        views("W", 5);
        for (int i = 0; i < 3; i++) {
            definitions.add("CREATE SYNONYM S" + i + " FOR " + source());
        }
        IntStream.range(0, 3).forEach(i -> sources.add("S" + i));
    }

    private void views(String name, int count) {
        for (int i = 0; i < count; i++) {
            definitions.add("CREATE VIEW " + name + i + " AS " + query());
            sources.add(name + i);
        }
    }

    private void table(int i) {
        boolean ofDomain = random.nextBoolean();
        hasDomain.add(ofDomain);
        String action = pick("", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON DELETE SET DEFAULT")
                + pick("", " ON UPDATE CASCADE", " ON UPDATE SET NULL");
        definitions.add("CREATE TABLE T" + i + "(K INT PRIMARY KEY, P INT"
                + maybe(" DEFAULT (SELECT NULLIF(MIN(K), MIN(K)) FROM " + source() + ")")
                + ", X INT" + maybe(" DEFAULT (SELECT MAX(X) FROM " + source() + ")")
                + ", B " + (ofDomain ? pick("D0", "D1") : "INT")
                + ", C INT" + maybe(" GENERATED ALWAYS AS (K + (SELECT COUNT(*) FROM " + source() + "))")
                + ", U INT" + maybe(" ON UPDATE (SELECT MAX(K) FROM " + source() + ")")
                + maybe(", CHECK (X IS NULL OR X < 100000 + (SELECT COUNT(*) FROM " + plain() + "))")
                + (i == 0 ? "" : ", FOREIGN KEY(P) REFERENCES T" + random.nextInt(i) + "(K)" + action) + ")");
    }

    private String maybe(String text) {
        return random.nextBoolean() ? text : "";
    }

    private String pick(String... from) {
        return from[random.nextInt(from.length)];
    }

    private String source() {
        return sources.get(random.nextInt(sources.size()));
    }

    /** H2 refuses a table's check over a query that stands in it, and so over views that have one. */
    private String plain() {
        return "R" + random.nextInt(READ);
    }

    private String query() {
        String a = "A" + aliases++;
        String from = source() + " " + a;
        String other = source();
        return switch (random.nextInt(13)) {
            case 0 -> "SELECT K, X FROM " + from + " WHERE X >= 0";
            case 1 -> "SELECT K, MAX(X) X FROM " + from + " GROUP BY K";
            case 2 -> "SELECT K, X FROM " + from + " WHERE K IN (SELECT K FROM " + other + ")";
            case 3 ->
                "SELECT K, X FROM " + from + " WHERE EXISTS (SELECT 1 FROM " + other + " E WHERE E.K = " + a + ".K)";
            case 4 -> "WITH Q AS (SELECT * FROM " + from + ") SELECT K, X FROM Q WHERE K > (SELECT MIN(K) FROM Q)";
            case 5 ->
                "SELECT K, X FROM " + from + pick(" UNION ", " UNION ALL ", " EXCEPT ") + "SELECT K, X FROM " + other;
            case 6 -> "SELECT K, (SELECT MAX(X) FROM " + other + ") X FROM " + from;
            case 7 ->
                "SELECT " + a + ".K, O.X FROM " + from + pick(" LEFT", " RIGHT", "") + " JOIN " + other + " O ON O.K = "
                        + a + ".K";
            case 8 -> "SELECT K, CAST(SUM(X) OVER (ORDER BY K) AS INT) X FROM " + from;
            case 9 -> "SELECT K, X FROM (SELECT K, X FROM " + from + " ORDER BY K FETCH FIRST 3 ROWS ONLY) Q";
            case 10 -> "SELECT K, CASE WHEN X IN (SELECT X FROM " + other + ") THEN 1 ELSE 2 END X FROM " + from;
            case 11 ->
                "SELECT Y.K, " + a + ".X FROM " + from + " JOIN (VALUES (1), (2)) Y(K) ON Y.K = " + a
                        + ".K WHERE Y.K > ALL(SELECT -K FROM " + other + ")";
            default ->
                "WITH RECURSIVE N(K) AS (SELECT MIN(K) FROM " + other + " UNION ALL SELECT K + 1 FROM N WHERE K < 3) "
                        + "SELECT N.K, " + a + ".X FROM N JOIN " + from + " ON " + a + ".K = N.K";
        };
    }

    List<String> definitions() {
        return definitions;
    }

    /** So many that whatever can happen to a row happens to some. */
    List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < READ; i++) {
            rows.add("INSERT INTO R" + i + " SELECT X, X FROM SYSTEM_RANGE(1, 5)");
        }
        for (int i = 0; i < TABLES; i++) {
            rows.add("INSERT INTO T" + i + "(K, P, X, B, U) SELECT X, " + (i == 0 ? "NULL" : "X") + ", X, 1, 1 "
                    + "FROM SYSTEM_RANGE(1, 5)");
        }
        return rows;
    }

    /** An INSERT and more that compute whatever the table computes: with and without values, and of a row that is there. */
    static List<String> changes(int table) {
        return List.of(
                "INSERT INTO T" + table + "(K, P, X, B, U) VALUES (701, NULL, 1, 1, 1)",
                "INSERT INTO T" + table + "(K) VALUES (702)",
                "UPDATE T" + table + " SET X = 1 WHERE K = 2");
    }

    static int tables() {
        return TABLES;
    }

    String statement() {
        int table = random.nextInt(TABLES);
        String target = "T" + table;
        int key = 1 + random.nextInt(6);
        String where =
                pick("", " WHERE K = " + key, " WHERE K IN (SELECT K FROM " + source() + ")", " WHERE K > " + key);
        return switch (random.nextInt(18)) {
            case 0 ->
                "INSERT INTO " + target + "(K, X) VALUES (" + (10 + key) + ", (SELECT MAX(K) FROM " + source() + "))";
            case 1 ->
                "INSERT INTO " + target + "(K, P) SELECT DISTINCT K + 1000, " + key + " FROM " + source()
                        + " WHERE K > 0";
            case 2 ->
                "UPDATE " + target + " SET X = " + pick("DEFAULT", "X + 1", "(SELECT MAX(X) FROM " + source() + ")")
                        + where;
            case 3 -> "UPDATE " + target + " SET K = K + 100" + where;
            case 4 ->
                "UPDATE " + target + " SET B = " + pick("DEFAULT", "2") + ", P = " + pick("NULL", "1", "DEFAULT")
                        + where;
            case 5, 6 -> "DELETE FROM " + target + where;
            case 7 -> "MERGE INTO " + target + "(K, X) KEY(K) VALUES (" + key + ", 1), (" + (key + 20) + ", 2)";
            case 8 ->
                "MERGE INTO " + target + " USING (SELECT K, MAX(X) X FROM " + source() + " GROUP BY K) Q ON " + target
                        + ".K = Q.K WHEN MATCHED THEN " + pick("UPDATE SET X = Q.X", "DELETE")
                        + maybe(" WHEN NOT MATCHED AND Q.K IS NOT NULL THEN INSERT (K, X) VALUES (Q.K, Q.X)");
            case 9 -> "SELECT K, X FROM FINAL TABLE (UPDATE " + target + " SET X = 3" + where + ")";
            case 10 -> "SELECT K, X FROM OLD TABLE (DELETE FROM " + target + where + ")";
            case 11 -> "SELECT CAST(" + key + " AS " + pick("D0", "D1") + "), K FROM " + source();
            case 12 -> "CALL (SELECT MAX(X) FROM " + source() + ")";
            case 13 ->
                "SELECT K FROM " + source() + " WHERE " + pick("FALSE", "K = " + key + " AND X > 2") + " ORDER BY K";
            case 14 -> "CREATE LOCAL TEMPORARY TABLE TEMP AS " + query();
            default -> query();
        };
    }

    @Override
    public String toString() {
        return String.join(";\n", definitions);
    }
}
