package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.fail;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No statement that waits, or that storage can't end, keeps a schema change, or writes beside it, waiting for long. */
@Timeout(90)
class StragglersTest {
    private final ExecutorService other = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "straggler");
        thread.setDaemon(true);
        return thread;
    });

    private String url;
    private Connection keeper;

    @BeforeEach
    void start() throws SQLException {
        url = Urls.unique() + "&definitionGrace=100";
        keeper = DriverManager.getConnection(url);
        run(keeper, "CREATE TABLE A(ID INT PRIMARY KEY)");
        run(keeper, "CREATE TABLE B(ID INT PRIMARY KEY, N INT)");
        run(keeper, "INSERT INTO B VALUES (1, 1)");
    }

    @AfterEach
    void stop() throws SQLException {
        other.shutdownNow();
        keeper.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    @Test
    void oneThatWaitsForARowLongerThanTheTestLasts() throws Exception {
        try (Connection holder = DriverManager.getConnection(url);
                Connection waiter = DriverManager.getConnection(url)) {
            holder.setAutoCommit(false);
            run(holder, "UPDATE B SET N = 2");
            run(waiter, "SET LOCK_TIMEOUT 600000");
            waiter.setAutoCommit(false);
            Future<Throwable> waits = other.submit(() -> catchThrowable(() -> run(waiter, "UPDATE B SET N = 3")));
            Awaitility.await("the waiter")
                    .until(() -> number(keeper, "SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS WHERE WAITING") == 1);
            run(keeper, "ALTER TABLE A ADD COLUMN X INT");
            assertThat(waits.get()).extracting("SQLState").isEqualTo("40001");
            waiter.rollback();
            holder.rollback();
        }
        run(keeper, "UPDATE B SET N = N + 1");
        assertThat(number(keeper, "SELECT N FROM B")).isEqualTo(2);
    }

    /** How long such an expression takes nobody knows: a longer one is taken until it outlives the schema change. */
    @ParameterizedTest
    @CsvSource({
        "CREATE TABLE IF NOT EXISTS C(ID INT), LINEARIZABLE",
        "ALTER TABLE B ADD COLUMN IF NOT EXISTS X INT, EVENTUAL",
    })
    void oneThatStorageCantEnd(String definition, String level) throws Exception {
        for (int length = 34; length < 60; length += 3) {
            String endless = "SELECT REGEXP_LIKE(REPEAT('a', " + length + ") || 'c', '^(a|aa)+\\1b$') FROM B"
                    + " WITH CONSISTENCY " + level;
            try (Connection slow = DriverManager.getConnection(url)) {
                Future<Throwable> query = other.submit(() -> catchThrowable(() -> run(slow, endless)));
                Awaitility.await("the query")
                        .until(() -> query.isDone() || number(keeper, "SELECT SUM(QUERIES) FROM TUNABLE.NODES") > 1);
                run(keeper, definition);
                run(keeper, "UPDATE B SET N = N + 1");
                if (!query.isDone()) {
                    run(keeper, "CREATE TABLE D(ID INT)");
                    run(keeper, "DROP TABLE D");
                    assertThat(query.get()).extracting("SQLState").isEqualTo("40001");
                    run(slow, "SELECT * FROM B");
                    return;
                }
            }
        }
        fail("no expression was slow enough");
    }
}
