package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What statements over several shards take from sequences, and what they say when they can't do what was asked. */
class GatheredStatementsTest {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final String url = "jdbc:tunable:mem:gathered" + NEXT.incrementAndGet() + "?shards=4&replicas=1";
    private Connection connection;
    private Statement statement;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection(url);
        statement = connection.createStatement();
        statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT) SHARD BY (ID)");
        statement.execute("INSERT INTO T SELECT X, MOD(X, 3) FROM SYSTEM_RANGE(1, 20)");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    @Test
    void noValueOfASequenceIsGivenTwice() throws Exception {
        statement.execute("CREATE SEQUENCE S");
        statement.execute("CREATE TABLE TAKEN(NR BIGINT, BY_WHOM INT)");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String take = i % 2 == 0
                        ? "INSERT INTO TAKEN SELECT NEXT VALUE FOR S, " + i + " FROM T"
                        : "INSERT INTO TAKEN SELECT NEXT VALUE FOR S, " + i + " FROM SYSTEM_RANGE(1, 20)";
                running.add(threads.submit(() -> {
                    try (Connection own = DriverManager.getConnection(url);
                            Statement mine = own.createStatement()) {
                        for (int n = 0; n < 15; n++) {
                            mine.execute(take);
                        }
                        return null;
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(rows("SELECT COUNT(DISTINCT NR) FROM TAKEN")).containsExactly("1200");
        assertThat(rows("SELECT COUNT(*) FROM TAKEN")).containsExactly("1200");
    }

    /** Whatever stands between a view and the tables whose rows it shows. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM (SELECT ID FROM T) D",
                "SELECT X ID FROM SYSTEM_RANGE(1, 20) WHERE X IN (SELECT ID FROM T)",
                "SELECT X ID FROM SYSTEM_RANGE(1, 30) R WHERE EXISTS (SELECT 1 FROM T WHERE T.ID = R.X)",
                "SELECT X ID FROM SYSTEM_RANGE(1, (SELECT COUNT(*) FROM T))",
                "WITH C(ID) AS (SELECT ID FROM T) SELECT ID FROM C",
                "SELECT ID FROM T WHERE ID < 10 UNION ALL (SELECT ID FROM T EXCEPT SELECT ID FROM T WHERE ID < 10)",
                "SELECT ID FROM (SELECT ID, ROW_NUMBER() OVER (ORDER BY ID) FROM T) N",
                "SELECT X ID FROM SYSTEM_RANGE(1, 20) WHERE X <= ANY (SELECT ID FROM T)",
            })
    void aViewShowsTheRowsOfAllShardsWhereverItsTableStands(String query) throws SQLException {
        statement.execute("CREATE VIEW V AS " + query);
        statement.execute("CREATE VIEW OVER_V AS SELECT * FROM (SELECT ID FROM V) D");
        statement.execute("CREATE SYNONYM CALLED FOR OVER_V");
        for (String view : List.of("V", "OVER_V", "CALLED", "V WITH CONSISTENCY LINEARIZABLE")) {
            assertThat(rows("SELECT COUNT(DISTINCT ID) FROM " + view)).as(view).containsExactly("20");
        }
        statement.execute("CREATE TABLE COPIED(ID INT PRIMARY KEY) SHARD BY (ID)");
        statement.execute("INSERT INTO COPIED SELECT DISTINCT ID FROM OVER_V");
        assertThat(rows("SELECT COUNT(*) FROM COPIED")).containsExactly("20");
        statement.execute("DELETE FROM COPIED WHERE ID NOT IN (SELECT ID FROM V)");
        assertThat(rows("SELECT COUNT(*) FROM COPIED")).containsExactly("20");
        assertThat(statement.executeUpdate("DELETE FROM COPIED WHERE ID IN (SELECT ID FROM OVER_V)"))
                .isEqualTo(20);
    }

    @Test
    void lazyExecutionChangesNothing() throws SQLException {
        statement.execute("SET LAZY_QUERY_EXECUTION TRUE");
        assertThat(rows("SELECT ID FROM T ORDER BY ID")).hasSize(20);
        connection.setAutoCommit(false);
        statement.execute("INSERT INTO T VALUES (21, 0)");
        assertThat(rows("SELECT ID FROM T")).hasSize(21);
        connection.rollback();
        assertThatThrownBy(() -> statement.execute("SET LAZY_QUERY_EXECUTION 7"))
                .extracting("SQLState")
                .isEqualTo("90008");
    }

    @Test
    void aViewThatTakesValuesGivesNoneTwice() throws SQLException {
        statement.execute("CREATE SEQUENCE S");
        statement.execute("CREATE VIEW NUMBERED AS SELECT ID, NEXT VALUE FOR S NR FROM T");
        statement.execute("CREATE SYNONYM TOO FOR NUMBERED");
        assertThat(rows("SELECT NR FROM NUMBERED WHERE ID > 10 ORDER BY NR")).hasSize(10);
        assertThat(rows("SELECT CURRENT VALUE FOR S")).isNotEqualTo(List.of("1"));
        statement.execute("CREATE TABLE TAKEN(NR BIGINT PRIMARY KEY)");
        for (String from : List.of("NUMBERED", "TOO", "NUMBERED WITH CONSISTENCY LINEARIZABLE", "NUMBERED")) {
            List<String> taken = rows("SELECT NR FROM " + from);
            assertThat(taken).hasSize(20);
            statement.execute("INSERT INTO TAKEN VALUES (" + String.join("), (", taken) + ")");
        }
    }

    @Test
    void aViewTakesValuesOnceWhicheverReplicaIsNear() throws SQLException {
        String threeNodes = "jdbc:tunable:mem:drawn" + NEXT.incrementAndGet();
        List<String> taken = new ArrayList<>();
        try (Connection first = DriverManager.getConnection(threeNodes + "?home=1");
                Connection second = DriverManager.getConnection(threeNodes + "?home=2");
                Statement define = first.createStatement()) {
            define.execute("CREATE SEQUENCE S");
            define.execute("CREATE VIEW NUMBERED AS SELECT NEXT VALUE FOR S NR FROM SYSTEM_RANGE(1, 3)");
            for (Connection each : List.of(first, second)) {
                try (Statement query = each.createStatement();
                        ResultSet result = query.executeQuery("SELECT NR FROM NUMBERED WITH CONSISTENCY EVENTUAL")) {
                    while (result.next()) {
                        taken.add(result.getString(1));
                    }
                }
            }
        }
        assertThat(taken).hasSize(6).doesNotHaveDuplicates();
    }

    @Test
    void analyzeCountsAnew() throws SQLException {
        String selectivity =
                "SELECT SELECTIVITY FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'T' AND COLUMN_NAME = 'V'";
        List<String> before = rows(selectivity);
        statement.execute("INSERT INTO T SELECT X, 1 FROM SYSTEM_RANGE(100, 500)");
        statement.execute("ANALYZE TABLE T");
        assertThat(rows(selectivity)).isNotEqualTo(before);
        statement.execute("ANALYZE");
        statement.execute("ANALYZE SAMPLE_SIZE 5");
        assertThat(rows("CHECK REPLICAS")).isNotEmpty();
        assertThat(rows("SELECT COUNT(*) FROM T")).containsExactly("421");
    }

    @Test
    void tablesJoinedByTheirShardKeysAreJoinedInEachShard() throws SQLException {
        statement.execute("CREATE TABLE PART(ID INT, NR INT, PRIMARY KEY(ID, NR)) SHARD BY (ID)");
        statement.execute("CREATE TABLE KIND(V INT PRIMARY KEY, NAME VARCHAR) REFERENCE");
        statement.execute("INSERT INTO PART SELECT ID, V FROM T");
        for (String sql : List.of(
                "SELECT T.ID, NR FROM T JOIN PART ON T.ID = PART.ID WHERE NR > 0",
                "SELECT NAME, COUNT(*) FROM T JOIN PART USING (ID) LEFT JOIN KIND USING (V) GROUP BY NAME",
                "SELECT T.V, NR FROM T LEFT JOIN PART ON T.ID = PART.ID ORDER BY NR LIMIT 3")) {
            assertThat(steps(sql)).as(sql).contains("combine partial results");
        }
        for (String sql : List.of(
                "SELECT T.ID, NR FROM T JOIN PART ON T.ID = PART.NR",
                "SELECT NAME, T.ID FROM KIND LEFT JOIN T ON T.V = KIND.V",
                "SELECT T.ID FROM T JOIN PART ON T.ID = PART.ID WHERE NR = (SELECT MAX(NR) FROM PART)",
                "SELECT MEDIAN(T.V) FROM T JOIN PART ON T.ID = PART.ID",
                "SELECT RANK() OVER (ORDER BY T.ID) FROM T JOIN PART ON T.ID = PART.ID")) {
            assertThat(steps(sql)).as(sql).contains("combine rows in a private database");
        }
    }

    @Test
    void theSessionSeesWhatItTookLast() throws SQLException {
        statement.execute("CREATE SEQUENCE S START WITH 100");
        List<String> taken = rows("SELECT NEXT VALUE FOR S FROM T WHERE ID < 4 ORDER BY 1");
        assertThat(taken).hasSize(3).doesNotHaveDuplicates();
        assertThat(rows("SELECT CURRENT VALUE FOR S")).containsExactly(taken.get(2));
        assertThat(rows("SELECT CURRENT VALUE FOR S FROM T WHERE ID < 3")).containsExactly(taken.get(2), taken.get(2));
    }

    @Test
    void childrenStayWhenTheirParentCannotMove() throws SQLException {
        statement.execute("CREATE TABLE CHILD(ID INT NOT NULL, NR INT, PRIMARY KEY(ID, NR), "
                + "FOREIGN KEY(ID) REFERENCES T ON DELETE CASCADE) SHARD BY (ID)");
        statement.execute("INSERT INTO CHILD SELECT ID, 1 FROM T WHERE ID < 3");
        assertThatThrownBy(() -> statement.execute("UPDATE T SET ID = ID + 1000"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("CHILD")
                .extracting("SQLState")
                .isEqualTo("23503");
        assertThat(rows("SELECT COUNT(*) FROM CHILD")).containsExactly("2");
        assertThat(rows("SELECT MAX(ID) FROM T")).containsExactly("20");
        assertThat(statement.executeUpdate("UPDATE T SET ID = ID + 1000 WHERE ID > 2"))
                .isEqualTo(18);
    }

    @Test
    void whatAShardCannotComputeAloneIsRefused() {
        for (String sql : List.of(
                "CREATE TABLE A(N INT DEFAULT (SELECT COUNT(*) FROM T))",
                "CREATE TABLE A(N INT CHECK (N < (SELECT MAX(ID) FROM T)))")) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .as(sql)
                    .hasMessageContaining("reads PUBLIC.T")
                    .hasMessageContaining("REFERENCE")
                    .extracting("SQLState")
                    .isEqualTo("TC005");
        }
    }

    /** All that can be done with a local temporary table and rows of several shards, in the order given. */
    private static final List<String> WITH_TEMPORARY = List.of(
            "CREATE LOCAL TEMPORARY TABLE MINE(ID INT PRIMARY KEY, NOTE VARCHAR DEFAULT 'none', TWICE INT GENERATED ALWAYS AS (ID * 2))",
            "INSERT INTO MINE(ID) VALUES (1), (3), (40)",
            "SELECT T.ID, V, NOTE FROM T JOIN MINE ON MINE.ID = T.ID ORDER BY T.ID",
            "SELECT MINE.ID, V, TWICE FROM MINE LEFT JOIN T ON MINE.ID = T.ID ORDER BY 1",
            "SELECT COUNT(*) FROM T WHERE ID NOT IN (SELECT ID FROM MINE)",
            "SELECT ID FROM T UNION SELECT ID FROM MINE ORDER BY 1",
            "INSERT INTO MINE(ID, NOTE) SELECT ID, 'v' || V FROM T WHERE ID > 15",
            "UPDATE MINE SET NOTE = DEFAULT WHERE ID IN (SELECT ID FROM T WHERE V = 1)",
            "INSERT INTO T SELECT 100 + ID, TWICE FROM MINE",
            "UPDATE T SET V = 7 WHERE ID IN (SELECT ID FROM MINE)",
            "DELETE FROM T WHERE ID IN (SELECT 100 + ID FROM MINE WHERE NOTE = 'none')",
            "MERGE INTO MINE USING T ON MINE.ID = T.ID WHEN MATCHED AND T.ID = 3 THEN DELETE "
                    + "WHEN MATCHED THEN UPDATE SET NOTE = 'there' WHEN NOT MATCHED THEN INSERT (ID) VALUES (T.ID)",
            "MERGE INTO T USING MINE ON MINE.ID = T.ID WHEN MATCHED THEN UPDATE SET V = 8 "
                    + "WHEN NOT MATCHED THEN INSERT VALUES (MINE.ID, 9)",
            "MERGE INTO MINE SELECT ID + 1, 'merged' FROM T WHERE V = 8",
            "DELETE FROM MINE WHERE ID > (SELECT AVG(ID) FROM T)",
            "ALTER TABLE MINE ADD COLUMN LATE INT DEFAULT 5",
            "SELECT SUM(LATE) FROM MINE JOIN T USING (ID)",
            "CREATE LOCAL TEMPORARY TABLE COPY AS SELECT ID, V FROM T",
            "CREATE LOCAL TEMPORARY TABLE IF NOT EXISTS COPY AS SELECT ID, V FROM T",
            "SELECT COUNT(*) FROM COPY",
            "SELECT COUNT(*) FROM COPY JOIN T USING (ID, V) WHERE COPY.V = 8",
            "CREATE LOCAL TEMPORARY TABLE COUNTED(NR INT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, OF_T INT NOT NULL)",
            "INSERT INTO COUNTED(OF_T) SELECT ID FROM T ORDER BY ID",
            "INSERT INTO COUNTED(OF_T) SELECT ID FROM T WHERE ID < 3 ORDER BY ID",
            "SELECT NR, T.ID FROM COUNTED JOIN T ON T.ID = OF_T ORDER BY NR",
            "SELECT * FROM MINE ORDER BY ID",
            "SELECT * FROM T ORDER BY ID",
            "DROP TABLE MINE",
            "SELECT * FROM T JOIN MINE USING (ID)");

    @Test
    void aTemporaryTableTogetherWithSeveralShardsIsAsInH2() throws SQLException {
        try (Connection h2 = DriverManager.getConnection("jdbc:h2:mem:");
                Statement plain = h2.createStatement()) {
            plain.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            plain.execute("INSERT INTO T SELECT X, MOD(X, 3) FROM SYSTEM_RANGE(1, 20)");
            for (String sql : WITH_TEMPORARY) {
                assertThat(outcome(statement, sql)).as(sql).isEqualTo(outcome(plain, sql));
            }
        }
    }

    private static String outcome(Statement statement, String sql) {
        try {
            if (!statement.execute(sql)) {
                return "count " + (sql.startsWith("CREATE") ? 0 : statement.getUpdateCount());
            }
            StringBuilder rows = new StringBuilder();
            try (ResultSet result = statement.getResultSet()) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    for (int i = 1; i <= columns; i++) {
                        rows.append(result.getString(i)).append(i == columns ? "\n" : ", ");
                    }
                }
            }
            return rows.toString();
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    @Test
    void whatATemporaryTableCannotGiveIsRefused() throws SQLException {
        statement.execute("CREATE LOCAL TEMPORARY TABLE MINE(NR INT GENERATED BY DEFAULT AS IDENTITY, ID INT)");
        assertThatThrownBy(() -> statement.execute("SELECT * FROM FINAL TABLE (INSERT INTO MINE(ID) SELECT ID FROM T)"))
                .hasMessageContaining("change the table first")
                .extracting("SQLState")
                .isEqualTo("HYC00");
        assertThatThrownBy(() -> statement.execute("CREATE TABLE KEPT AS SELECT * FROM MINE JOIN T USING (ID)"))
                .hasMessageContaining("INSERT INTO")
                .extracting("SQLState")
                .isEqualTo("HYC00");
        assertThat(rows("SELECT COUNT(*) FROM MINE")).containsExactly("0");
    }

    @Test
    void aTransactionSeesWhatItHasPutIntoItsTemporaryTable() throws SQLException {
        statement.execute("CREATE LOCAL TEMPORARY TABLE MINE(ID INT)");
        connection.setAutoCommit(false);
        statement.execute("INSERT INTO MINE SELECT ID FROM T WHERE ID < 5");
        statement.execute("UPDATE T SET V = 9 WHERE ID = 1");
        assertThat(rows("SELECT V FROM T JOIN MINE USING (ID) WHERE T.ID < 2")).containsExactly("9");
        connection.rollback();
        assertThat(rows("SELECT V FROM T JOIN MINE USING (ID)")).isEmpty();
        statement.execute("INSERT INTO MINE SELECT ID FROM T WHERE ID < 5");
        statement.execute("DELETE FROM T WHERE ID IN (SELECT ID FROM MINE)");
        connection.commit();
        connection.setAutoCommit(true);
        assertThat(rows("SELECT COUNT(*) FROM MINE LEFT JOIN T USING (ID) WHERE T.ID IS NULL"))
                .containsExactly("4");
    }

    @Test
    void aTemporaryTableIsItsSessionsOwn() throws SQLException {
        statement.execute("CREATE LOCAL TEMPORARY TABLE MINE(ID INT)");
        statement.execute("INSERT INTO MINE SELECT ID FROM T");
        try (Connection other = DriverManager.getConnection(url);
                Statement theirs = other.createStatement()) {
            assertThat(outcome(theirs, "SELECT COUNT(*) FROM T JOIN MINE USING (ID)"))
                    .isEqualTo("42S02");
            theirs.execute("CREATE LOCAL TEMPORARY TABLE MINE(ID BIGINT, MORE INT)");
            theirs.execute("INSERT INTO MINE VALUES (2, 3)");
            assertThat(outcome(theirs, "SELECT T.ID, MORE FROM T JOIN MINE USING (ID)"))
                    .isEqualTo("2, 3\n");
        }
        for (String level : List.of("LINEARIZABLE", "SNAPSHOT", "EVENTUAL", "BOUNDED_STALENESS (5 SECONDS)")) {
            assertThat(rows("SELECT COUNT(*) FROM T JOIN MINE USING (ID) WITH CONSISTENCY " + level))
                    .as(level)
                    .containsExactly("20");
        }
    }

    @Test
    void aTableAlongTheSearchPathIsReadInAllShards() throws SQLException {
        statement.execute("CREATE SCHEMA OTHER");
        statement.execute("CREATE TABLE OTHER.FAR(ID INT PRIMARY KEY) SHARD BY (ID)");
        statement.execute("SET SCHEMA_SEARCH_PATH OTHER");
        assertThat(statement.executeUpdate("INSERT INTO FAR SELECT ID FROM T")).isEqualTo(20);
        assertThat(rows("SELECT COUNT(*) FROM FAR")).containsExactly("20");
        assertThat(rows("SELECT ID FROM FAR WHERE ID = 7")).containsExactly("7");
        // a nearer one hides it
        statement.execute("CREATE TABLE FAR(ID INT PRIMARY KEY)");
        assertThat(rows("SELECT COUNT(*) FROM FAR")).containsExactly("0");
    }

    @Test
    void aVariableIsSetToOneValueForAllShards() throws SQLException {
        statement.execute("SET @N = (SELECT COUNT(*) FROM T)");
        assertThat(rows("SELECT @N FROM T WHERE ID IN (1, 2, 3)")).containsExactly("20", "20", "20");
        statement.execute("SET @R = RANDOM_UUID()");
        assertThat(rows("SELECT DISTINCT @R FROM T")).isEqualTo(rows("SELECT @R"));
    }

    @Test
    void keysComeThoughTheSameRowsWereInsertedWithoutThem() throws SQLException {
        statement.execute("INSERT INTO T SELECT ID + 100, 1 FROM T WHERE ID = 1");
        statement.executeUpdate(
                "INSERT INTO T SELECT ID + 200, 1 FROM T WHERE ID = 1", Statement.RETURN_GENERATED_KEYS);
        try (ResultSet keys = statement.getGeneratedKeys()) {
            assertThat(keys.next()).isTrue();
            assertThat(keys.getInt(1)).isEqualTo(201);
        }
    }

    @Test
    void explainSaysWhatIsFetchedAndWhatBecomesOfIt() throws SQLException {
        assertThat(steps("SELECT V, AVG(ID), COUNT(DISTINCT ID) FROM T GROUP BY V"))
                .anyMatch(line -> line.startsWith("gather PUBLIC.T: partial results: SELECT"))
                .contains("combine partial results");
        assertThat(steps("SELECT ID FROM FINAL TABLE (UPDATE T SET V = 1 WHERE ID > 4)"))
                .anyMatch(line -> line.startsWith("gather PUBLIC.T: where"))
                .contains("work out the changes of PUBLIC.T and the answer in a private database");
    }

    private List<String> steps(String sql) throws SQLException {
        List<String> steps = new ArrayList<>();
        try (ResultSet result = statement.executeQuery("EXPLAIN CONSISTENCY " + sql)) {
            while (result.next()) {
                steps.add(result.getString(2));
            }
        }
        return steps;
    }
}
