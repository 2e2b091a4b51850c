package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A limit is an error that names its property, and leaves nothing half done. */
class LimitsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void aFullHeapRefusesWritesAndNothingElse() throws Exception {
        try (ChildJvm child = ChildJvm.start(
                Filler.class,
                List.of("-Xmx128m", "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError"),
                List.of("jdbc:tunable:mem:full?memoryWatermark=0.7&snapshotAfter=4000000&consistencyTimeout=20s"),
                line -> {})) {
            assertThat(child.await("REFUSED", PATIENCE))
                    .startsWith("REFUSED TC006")
                    .contains("memoryWatermark");
            assertThat(Integer.parseInt(child.await("ROWS", PATIENCE).substring(5)))
                    .isGreaterThan(10_000);
            child.await("DELETED", PATIENCE);
            child.await("WRITABLE", PATIENCE);
            assertThat(child.awaitExit(PATIENCE)).as(child.errors()).isZero();
        }
    }

    /** More than any disk has. */
    @ParameterizedTest
    @ValueSource(strings = {"mem:reserve", "file:"})
    void aDiskWithLessThanItsReserveRefusesWritesAndNothingElse(String where, @TempDir Path directory)
            throws Exception {
        String url = "jdbc:tunable:" + (where.equals("file:") ? where + directory.resolve("db") : where);
        try (Connection connection = DriverManager.getConnection(url + "?diskReserve=1000000000000000000");
                Statement statement = connection.createStatement()) {
            for (String write : List.of(
                    "CREATE TABLE T(ID INT PRIMARY KEY)", "CREATE CONSISTENCY RULE R ON * FOR READ USING EVENTUAL")) {
                assertThatThrownBy(() -> statement.execute(write))
                        .as(write)
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("diskReserve")
                        .hasMessageContaining("000000000000 needed")
                        .extracting("SQLState")
                        .isEqualTo("TC007");
            }
            try (ResultSet row = statement.executeQuery(
                    "SELECT COUNT(*) FROM TUNABLE.REPLICAS WHERE DISK LIKE '%is full%' WITH CONSISTENCY"
                            + " LINEARIZABLE")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(3);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTransactionOverItsBoundIsRefusedWhole(boolean autoCommit) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:tunable:mem:bound" + autoCommit + "?maxTransaction=65536");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, NOTE VARCHAR)");
            statement.execute("INSERT INTO T VALUES (0, 'before')");
            connection.setAutoCommit(autoCommit);
            assertThatThrownBy(() -> {
                        statement.executeUpdate("UPDATE T SET NOTE = 'changed'");
                        statement.executeUpdate(
                                "INSERT INTO T SELECT X, REPEAT('x', 100) || X FROM SYSTEM_RANGE(1, 5000)");
                        connection.commit();
                    })
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("maxTransaction")
                    .extracting("SQLState")
                    .isEqualTo("TC006");
            connection.setAutoCommit(true);
            try (ResultSet rows =
                    statement.executeQuery("SELECT COUNT(*), MAX(NOTE) FROM T WITH CONSISTENCY LINEARIZABLE")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(1);
                assertThat(rows.getString(2)).isEqualTo(autoCommit ? "changed" : "before");
            }
            assertThat(statement.executeUpdate("UPDATE T SET NOTE = 'after'"))
                    .as("no lock is left")
                    .isEqualTo(1);
        }
    }
}
