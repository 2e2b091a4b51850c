package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statements of every way through the engine end when SET QUERY_TIMEOUT or a cancel says so, and leave nothing. */
@Timeout(120)
class EndlessStatementsTest {
    private static final String ENDLESS = "(SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000000000) R WHERE R.X > V)";

    private static final List<String> STATEMENTS = List.of(
            "SELECT SUM(V + ENDLESS) FROM T",
            "SELECT K, V + ENDLESS FROM T ORDER BY K",
            "SELECT STDDEV(V + ENDLESS) FROM T WITH CONSISTENCY EVENTUAL",
            "SELECT * FROM T A JOIN T B ON A.V = B.V WHERE A.K + (SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000000000)"
                    + " R WHERE R.X > A.V) > 3",
            "SELECT V FROM FINAL TABLE (UPDATE T SET V = ENDLESS)",
            "WITH C AS (SELECT V + ENDLESS Z FROM T) SELECT MAX(Z) FROM C",
            "UPDATE T SET V = ENDLESS",
            "UPDATE T SET V = ENDLESS WHERE K = 1",
            "DELETE FROM T WHERE V < ENDLESS",
            "INSERT INTO T SELECT K + 100, ENDLESS FROM T",
            "MERGE INTO T USING (SELECT K, ENDLESS V FROM T) N ON N.K = T.K WHEN MATCHED THEN UPDATE SET V = N.V",
            "CREATE TABLE FILLED AS SELECT V + ENDLESS A FROM T",
            "CREATE LOCAL TEMPORARY TABLE FILLED AS SELECT V + ENDLESS A FROM T",
            "ALTER TABLE T ADD CHECK (V < ENDLESS)",
            "ALTER TABLE T ADD COLUMN A BIGINT DEFAULT "
                    + "(SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000000000) R WHERE R.X > 0)");

    @ParameterizedTest
    @CsvSource({"1, false", "1, true", "4, false", "4, true"})
    void endWhenTheyAreToldTo(int shards, boolean isCancelled) throws Exception {
        // a definition that is not reached would go on for all of its own time
        String url = Urls.unique() + "&definitionTimeout=100000&shards=" + shards;
        ScheduledExecutorService other = Executors.newSingleThreadScheduledExecutor();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(K INT PRIMARY KEY, V BIGINT)" + (shards == 1 ? "" : " SHARD BY (K)"));
            statement.execute("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 10)");
            if (!isCancelled) {
                statement.execute("SET QUERY_TIMEOUT 200");
            }
            for (String each : STATEMENTS) {
                if (shards > 1 && each.startsWith("ALTER")) {
                    // what is tried on a shard's rows goes on until definitionTimeout
                    continue;
                }
                Future<?> cancelling = !isCancelled
                        ? null
                        : other.scheduleWithFixedDelay(() -> cancel(statement), 100, 20, TimeUnit.MILLISECONDS);
                SQLException told = catchThrowableOfType(
                        SQLException.class, () -> statement.execute(each.replace("ENDLESS", ENDLESS)));
                if (cancelling != null) {
                    cancelling.cancel(false);
                }
                assertThat((Throwable) told).as(each).isNotNull();
                assertThat(told.getSQLState())
                        .as("%s: %s", each, told.getMessage())
                        .isEqualTo("57014");
                assertThat(told.getErrorCode()).as(each).isEqualTo(57014);
            }
            statement.execute("SET QUERY_TIMEOUT 0");
            assertThat(count(statement, "SELECT COUNT(*) FROM T WHERE V = 0")).isEqualTo(10);
            assertThat(count(statement, "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME LIKE 'FILL%'"))
                    .as("tables that were not filled")
                    .isZero();
        } finally {
            other.shutdownNow();
        }
    }

    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long count(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
