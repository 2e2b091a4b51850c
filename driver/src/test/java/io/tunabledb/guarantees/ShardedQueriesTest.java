package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The same random statements on plain H2, on one shard and on four: the same counts, rows and errors. What is random in a
 * statement is its shape and its values; a failure names its seed.
 */
class ShardedQueriesTest {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final int STATEMENTS = Integer.getInteger("sharded.statements", 1500);

    /** What only we understand is in braces. */
    private static final List<String> TABLES = List.of(
            "CREATE TABLE REGION(CODE CHAR(2) PRIMARY KEY, NAME VARCHAR(20)) {REFERENCE}",
            "CREATE TABLE CUSTOMER(ID INT PRIMARY KEY, NAME VARCHAR(20), REGION CHAR(2) REFERENCES REGION, BORN DATE, "
                    + "CREDIT NUMERIC(10, 2), TAGS VARCHAR ARRAY, MORE JSON) {SHARD BY (ID)}",
            "CREATE TABLE PURCHASE(CUSTOMER INT NOT NULL, NR INT, AMOUNT NUMERIC(10, 2), AT TIMESTAMP, NOTE CLOB, "
                    + "PRIMARY KEY(CUSTOMER, NR), FOREIGN KEY(CUSTOMER) REFERENCES CUSTOMER ON DELETE CASCADE) "
                    + "{SHARD BY (CUSTOMER)}",
            "CREATE TABLE VISIT(KEYED UUID PRIMARY KEY, CUSTOMER INT, TOOK INTERVAL DAY TO SECOND, OK BOOLEAN, "
                    + "RAW VARBINARY(8)) {SHARD BY (KEYED)}",
            "CREATE TABLE PLAIN(ID INT PRIMARY KEY, CUSTOMER INT, LABEL VARCHAR(10))");

    private static final List<String> QUERIES = List.of(
            "SELECT * FROM CUSTOMER WHERE ID = #",
            "SELECT ID, NAME, REGION, BORN, CREDIT, TAGS, MORE FROM CUSTOMER",
            "SELECT ID FROM CUSTOMER WHERE ID IN (#, #, #) OR CREDIT > #",
            "SELECT COUNT(*), SUM(AMOUNT), MIN(AMOUNT), MAX(AT), AVG(AMOUNT) FROM PURCHASE",
            "SELECT CUSTOMER, COUNT(*), SUM(AMOUNT) FROM PURCHASE GROUP BY CUSTOMER HAVING COUNT(*) > 1",
            "SELECT COUNT(DISTINCT REGION), COUNT(BORN) FROM CUSTOMER WHERE ID > #",
            "SELECT C.NAME, P.NR, P.AMOUNT FROM CUSTOMER C JOIN PURCHASE P ON C.ID = P.CUSTOMER WHERE C.ID = #",
            "SELECT C.NAME, P.NR FROM CUSTOMER C LEFT JOIN PURCHASE P ON C.ID = P.CUSTOMER AND P.AMOUNT > #",
            "SELECT C.ID, R.NAME FROM CUSTOMER C JOIN REGION R ON C.REGION = R.CODE",
            "SELECT R.NAME FROM CUSTOMER C JOIN REGION R ON C.REGION = R.CODE WHERE C.ID = #",
            "SELECT C.NAME, R.CODE FROM CUSTOMER C CROSS JOIN REGION R WHERE C.ID = #",
            "SELECT C.ID, L.LABEL FROM CUSTOMER C RIGHT JOIN PLAIN L ON L.CUSTOMER = C.ID",
            "SELECT V.OK, C.NAME, V.TOOK, V.RAW FROM VISIT V LEFT JOIN CUSTOMER C ON C.ID = V.CUSTOMER",
            "SELECT ID, CREDIT, RANK() OVER (PARTITION BY REGION ORDER BY CREDIT, ID) FROM CUSTOMER",
            "SELECT CUSTOMER, NR, SUM(AMOUNT) OVER (PARTITION BY CUSTOMER ORDER BY NR) FROM PURCHASE",
            "WITH BIG AS (SELECT CUSTOMER, SUM(AMOUNT) S FROM PURCHASE GROUP BY CUSTOMER) "
                    + "SELECT C.NAME, B.S FROM BIG B JOIN CUSTOMER C ON C.ID = B.CUSTOMER WHERE B.S > #",
            "WITH RECURSIVE UP(N) AS (SELECT # UNION ALL SELECT N + 1 FROM UP WHERE N < 12) "
                    + "SELECT N, (SELECT NAME FROM CUSTOMER WHERE ID = N) FROM UP",
            "SELECT ID FROM CUSTOMER WHERE EXISTS (SELECT 1 FROM PURCHASE P WHERE P.CUSTOMER = CUSTOMER.ID AND P.NR = #)",
            "SELECT ID FROM CUSTOMER WHERE ID NOT IN (SELECT CUSTOMER FROM PURCHASE) AND ID < #",
            "SELECT ID FROM CUSTOMER UNION SELECT CUSTOMER FROM VISIT",
            "SELECT ID FROM CUSTOMER INTERSECT SELECT CUSTOMER FROM PURCHASE",
            "SELECT ID FROM CUSTOMER EXCEPT SELECT CUSTOMER FROM PLAIN WHERE LABEL LIKE '%1%'",
            "SELECT DISTINCT REGION FROM CUSTOMER WHERE CREDIT IS NULL OR CREDIT < #",
            "SELECT ID, NAME FROM CUSTOMER ORDER BY CREDIT DESC NULLS LAST, ID LIMIT # OFFSET 1",
            "SELECT CUSTOMER, NR FROM PURCHASE ORDER BY AMOUNT, CUSTOMER, NR FETCH FIRST # ROWS ONLY",
            "SELECT REGION, LISTAGG(NAME, ',') WITHIN GROUP (ORDER BY ID) FROM CUSTOMER GROUP BY REGION",
            "SELECT A.ID, B.ID FROM CUSTOMER A JOIN CUSTOMER B ON A.REGION = B.REGION AND A.ID < B.ID WHERE A.ID = #",
            "SELECT NOTE, AT FROM PURCHASE WHERE CUSTOMER = # AND NR = #",
            "SELECT COALESCE(SUM(CREDIT), 0) FROM CUSTOMER WHERE ID > 1000",
            "SELECT ID, 1 / (ID - #) FROM CUSTOMER WHERE ID > #",
            "SELECT NOBODY FROM CUSTOMER");

    private static final List<String> CHANGES = List.of(
            "INSERT INTO CUSTOMER(ID, NAME, REGION, CREDIT, BORN) VALUES (#, 'n#', 'AB', #.5, DATE '2000-01-0' || 1)",
            "INSERT INTO CUSTOMER VALUES (#, 'a#', 'CD', NULL, #, ARRAY['x', '#'], JSON '{\"a\": #}'), "
                    + "(1#, 'b', NULL, DATE '1999-12-31', 7.25, NULL, NULL)",
            "INSERT INTO PURCHASE(CUSTOMER, NR, AMOUNT, AT, NOTE) VALUES (#, #, #.25, TIMESTAMP '2024-05-01 10:00:0#', 'note #')",
            "INSERT INTO PURCHASE(CUSTOMER, NR, AMOUNT) SELECT ID, 50 + #, CREDIT FROM CUSTOMER WHERE CREDIT IS NOT NULL",
            "INSERT INTO VISIT VALUES ('00000000-0000-0000-0000-00000000000#', #, INTERVAL '# 10:00:00' DAY TO SECOND, "
                    + "TRUE, X'0#')",
            "INSERT INTO PLAIN SELECT ID + #, ID, NAME FROM CUSTOMER WHERE ID > #",
            "INSERT INTO PLAIN VALUES (2#, #, 'p#')",
            "MERGE INTO CUSTOMER(ID, NAME) KEY(ID) VALUES (#, 'm#')",
            "MERGE INTO PLAIN T USING CUSTOMER C ON T.ID = C.ID WHEN MATCHED THEN UPDATE SET LABEL = 'mm' "
                    + "WHEN NOT MATCHED THEN INSERT VALUES (C.ID, C.ID, 'new')",
            "MERGE INTO CUSTOMER T USING PLAIN P ON T.ID = P.CUSTOMER WHEN MATCHED THEN UPDATE SET NAME = P.LABEL",
            "UPDATE CUSTOMER SET CREDIT = CREDIT + # WHERE ID = #",
            "UPDATE CUSTOMER SET CREDIT = CREDIT + 1",
            "UPDATE CUSTOMER SET NAME = (SELECT MAX(LABEL) FROM PLAIN) WHERE ID IN (#, #)",
            "UPDATE CUSTOMER SET ID = ID + 100 WHERE ID = # AND ID NOT IN (SELECT CUSTOMER FROM PURCHASE)",
            "UPDATE PURCHASE SET AMOUNT = AMOUNT * 2 WHERE CUSTOMER IN (SELECT ID FROM CUSTOMER WHERE REGION = 'AB')",
            "UPDATE REGION SET NAME = 'r#' WHERE CODE = 'AB'",
            "INSERT INTO REGION VALUES ('E#', 'e')",
            "INSERT INTO REGION SELECT 'F' || (ID - 1), NAME FROM CUSTOMER WHERE ID BETWEEN 1 AND #",
            "UPDATE REGION SET NAME = 'u#' WHERE CODE IN (SELECT REGION FROM CUSTOMER WHERE CREDIT > #)",
            "DELETE FROM REGION WHERE CODE LIKE 'F%' AND NAME NOT IN (SELECT NAME FROM CUSTOMER)",
            "UPDATE CUSTOMER SET REGION = 'E#' WHERE ID = #",
            "DELETE FROM REGION WHERE CODE = 'E#'",
            "DELETE FROM PURCHASE WHERE NR = #",
            "DELETE FROM CUSTOMER WHERE ID = #",
            "DELETE FROM VISIT WHERE CUSTOMER > #",
            "DELETE FROM PLAIN WHERE CUSTOMER IN (SELECT CUSTOMER FROM PURCHASE)");

    private int served;
    private int rows;

    private record Answer(List<String> rows, long count, String error) {}

    @Test
    void fourShardsAnswerAsOneAndAsH2() throws SQLException {
        long seed = Seeds.next();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int n = NEXT.incrementAndGet();
        try (Connection h2 = DriverManager.getConnection("jdbc:h2:mem:sharded" + n);
                Connection one = DriverManager.getConnection("jdbc:tunable:mem:one" + n);
                Connection four = DriverManager.getConnection("jdbc:tunable:mem:four" + n + "?shards=4")) {
            List<Connection> all = List.of(h2, one, four);
            for (String table : TABLES) {
                run(h2, table.replaceAll("\\{.*}", ""), true);
                run(one, table.replaceAll("[{}]", ""), true);
                run(four, table.replaceAll("[{}]", ""), true);
            }
            same(all, "INSERT INTO REGION VALUES ('AB', 'one'), ('CD', 'two')", false, seed);
            for (int i = 0; i < STATEMENTS; i++) {
                boolean isQuery = i > 30 && random.nextInt(3) > 0;
                List<String> from = isQuery ? QUERIES : CHANGES;
                String sql = filled(from.get(random.nextInt(from.size())), random);
                same(all, sql, sql.contains(" ORDER BY ") && !sql.contains("OVER") && !sql.contains("LISTAGG"), seed);
            }
            for (String table : List.of("REGION", "CUSTOMER", "PURCHASE", "VISIT", "PLAIN")) {
                same(all, "SELECT * FROM " + table, false, seed);
            }
            assertThat(served).as("statements that were no error").isGreaterThan(STATEMENTS / 2);
            assertThat(rows).as("rows compared").isGreaterThan(STATEMENTS);
        }
    }

    private static String filled(String sql, Random random) {
        StringBuilder filled = new StringBuilder();
        sql.chars().forEach(c -> filled.append(c == '#' ? Integer.toString(random.nextInt(10)) : (char) c));
        return filled.toString();
    }

    private void same(List<Connection> all, String sql, boolean isOrdered, long seed) {
        List<Answer> answers = all.stream().map(one -> run(one, sql, isOrdered)).toList();
        assertThat(answers.get(1)).as("one shard, seed %d: %s", seed, sql).isEqualTo(answers.get(0));
        assertThat(answers.get(2)).as("four shards, seed %d: %s", seed, sql).isEqualTo(answers.get(0));
        served += answers.get(0).error.isEmpty() ? 1 : 0;
        rows += answers.get(0).rows.size();
    }

    private static Answer run(Connection connection, String sql, boolean isOrdered) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            if (!statement.execute()) {
                return new Answer(List.of(), statement.getLargeUpdateCount(), "");
            }
            List<String> rows = new ArrayList<>();
            try (ResultSet result = statement.getResultSet()) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    rows.add(IntStream.rangeClosed(1, columns)
                            .mapToObj(column -> text(result, column))
                            .toList()
                            .toString());
                }
            }
            if (!isOrdered) {
                Collections.sort(rows);
            }
            return new Answer(rows, -1, "");
        } catch (SQLException e) {
            return new Answer(List.of(), 0, e.getSQLState());
        }
    }

    private static String text(ResultSet result, int column) {
        try {
            return result.getMetaData().getColumnTypeName(column) + ":" + result.getString(column);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
