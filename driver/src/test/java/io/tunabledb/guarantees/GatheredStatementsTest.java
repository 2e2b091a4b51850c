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

    @Test
    void aTemporaryTableTogetherWithSeveralShardsIsRefused() throws SQLException {
        statement.execute("CREATE LOCAL TEMPORARY TABLE MINE(ID INT)");
        statement.execute("INSERT INTO MINE VALUES (1)");
        assertThatThrownBy(() -> statement.execute("SELECT * FROM T JOIN MINE USING (ID)"))
                .hasMessageContaining("GLOBAL TEMPORARY")
                .extracting("SQLState")
                .isEqualTo("HYC00");
        assertThat(rows("SELECT * FROM MINE")).containsExactly("1");
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
