package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the middle of ALTER TABLE … SHARD BY: at the next start it is finished or undone, before anybody reads. */
class MovedTableKillTest {
    private static final int ROWS = 40;

    @Test
    void aMoveThatWasKilledIsFinishedOrUndone(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("campaign.seed", System.nanoTime());
        System.out.println("MovedTableKillTest: -Dcampaign.seed=" + seed);
        Random random = new Random(seed);
        String url = "jdbc:tunable:file:" + directory.resolve("db") + "?shards=2&replicas=1&consistencyTimeout=20000";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, N INT NOT NULL)");
            statement.execute("INSERT INTO T SELECT X, X FROM SYSTEM_RANGE(1, " + ROWS + ")");
        }
        for (int kill = 1; kill <= Integer.getInteger("campaign.kills", 2); kill++) {
            try (ChildJvm child = ChildJvm.start(
                    MovingVictim.class,
                    List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
                    List.of(url),
                    line -> {})) {
                child.await("READY", Duration.ofSeconds(60));
                LockSupport.parkNanos(random.nextInt(900) * 1_000_000L);
                child.kill();
            }
            try (Connection connection = DriverManager.getConnection(url)) {
                assertWhole(connection, "after kill " + kill + " of seed " + seed);
            }
        }
    }

    private static void assertWhole(Connection connection, String when) throws SQLException {
        try (Statement statement = connection.createStatement();
                PreparedStatement byKey = connection.prepareStatement("SELECT COUNT(*) FROM T WHERE ID = ?")) {
            assertThat(number(statement.executeQuery("SELECT SUM(N) FROM T")))
                    .as(when)
                    .isEqualTo(ROWS * (ROWS + 1) / 2);
            assertThat(number(statement.executeQuery("SELECT COUNT(*) FROM T")))
                    .as(when)
                    .isEqualTo(ROWS);
            for (int id = 1; id <= ROWS; id++) {
                byKey.setInt(1, id);
                assertThat(number(byKey.executeQuery()))
                        .as("row %d %s", id, when)
                        .isEqualTo(1);
            }
            // nothing of it is left in anybody's way
            assertThat(statement.executeUpdate("UPDATE T SET N = N")).as(when).isEqualTo(ROWS);
            statement.execute("ALTER TABLE T UNSHARDED");
            assertThat(number(statement.executeQuery("SELECT COUNT(*) FROM T")))
                    .as(when)
                    .isEqualTo(ROWS);
        }
    }

    private static long number(ResultSet rows) throws SQLException {
        try (rows) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
