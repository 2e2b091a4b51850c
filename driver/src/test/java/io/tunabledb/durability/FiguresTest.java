package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a million rows and an idle database cost: printed, with loose bounds that only a mistake exceeds. */
@Tag("campaign")
class FiguresTest {
    private static final int BATCH = 1_000;

    @Test
    void aMillionRows(@TempDir Path directory) throws Exception {
        int rows = Integer.getInteger("campaign.rows", 1_000_000);
        Path database = directory.resolve("db");
        String url = "jdbc:tunable:file:" + database + "?snapshotAfter=4000000000&consistencyTimeout=60s";
        long heapBefore = usedHeap();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, A INT, B BIGINT, C VARCHAR(20))");
            long started = System.nanoTime();
            load(connection, rows);
            say("load of " + rows + " rows in batches of " + BATCH, started);
            System.out.println("FiguresTest: heap per row and replica, bytes: " + (usedHeap() - heapBefore) / 3.0 / rows
                    + ", files " + (Folders.bytes(database) >> 20) + " MB");
            crash(connection);
        }
        long started = System.nanoTime();
        Connection connection = DriverManager.getConnection(url);
        assertThat(count(connection)).isEqualTo(rows);
        say("start by replaying the log", started);
        started = System.nanoTime();
        connection.close();
        say("close with a snapshot of each of 3 replicas", started);
        System.out.println("FiguresTest: snapshot "
                + (Folders.snapshots(database, 1).get(0).toFile().length() >> 20) + " MB");
        started = System.nanoTime();
        try (Connection again = DriverManager.getConnection(url)) {
            assertThat(count(again)).isEqualTo(rows);
            say("start from snapshots", started);
            crash(again);
        }
    }

    private static void load(Connection connection, int rows) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO T VALUES (?, ?, ?, ?)")) {
            for (int id = 0; id < rows; id++) {
                insert.setInt(1, id);
                insert.setInt(2, id % 100);
                insert.setLong(3, id * 3L);
                insert.setString(4, "row " + id);
                insert.addBatch();
                if (id % BATCH == BATCH - 1) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
        }
    }

    private static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM T WITH CONSISTENCY LINEARIZABLE")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void crash(Connection connection) throws SQLException {
        EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
        for (int node = 1; node <= 3; node++) {
            cluster.kill(node);
        }
    }

    private static void say(String what, long startedNanos) {
        System.out.println("FiguresTest: " + what + ": " + (System.nanoTime() - startedNanos) / 1_000_000 + " ms");
    }

    private static long usedHeap() {
        // one is not enough: what reference handlers let go of goes with the next
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void anIdleDatabaseCostsLittleAndDoesNotGrow() throws Exception {
        int seconds = Integer.getInteger("campaign.idleSeconds", 30);
        try (Connection connection = DriverManager.getConnection("jdbc:tunable:mem:idle");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            for (int id = 0; id < 2_000; id++) {
                statement.executeUpdate("INSERT INTO T VALUES (" + id + ")");
            }
            statement
                    .executeQuery("SELECT COUNT(*) FROM T WITH CONSISTENCY BOUNDED_STALENESS (1 SECOND)")
                    .close();
            // let the lease refresher forget
            Thread.sleep(12_000);
            double first = idle(seconds);
            long heap = usedHeap();
            int threads = ManagementFactory.getThreadMXBean().getThreadCount();
            double second = idle(seconds);
            long grown = usedHeap() - heap;
            System.out.println("FiguresTest: idle, % of a core: " + first + ", " + second + "; heap grew by " + grown
                    + " bytes in " + seconds + " s; threads " + threads + " then "
                    + ManagementFactory.getThreadMXBean().getThreadCount());
            // a busy machine makes the same work dearer
            assertThat(Math.min(first, second))
                    .as("percent of a core when idle")
                    .isLessThan(2);
            assertThat(grown).isLessThan(8_000_000);
            assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThanOrEqualTo(threads + 2);
        }
    }

    private static double idle(int seconds) throws InterruptedException {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long wall = System.nanoTime();
        Thread.sleep(Duration.ofSeconds(seconds).toMillis());
        return 100.0 * (system.getProcessCpuTime() - cpu) / (System.nanoTime() - wall);
    }
}
