package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a cut-off node has acknowledged survives kill −9, and is carried out once when the node is back. */
class OutboxKillTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"2, 4000, 3", "1 2 3, 1500, 2"})
    void everyAcknowledgedClickCountsOnce(String nodes, int clicks, int lives) throws Exception {
        String url = "jdbc:tunable:file:" + folder.resolve("db") + "?replicas=3";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE COUNTER(ID INT PRIMARY KEY, N BIGINT NOT NULL)");
            statement.execute("INSERT INTO COUNTER VALUES (1, 0), (2, 0), (3, 0)");
        }
        AtomicLongArray acknowledged = new AtomicLongArray(4);
        for (int life = 0; life < lives; life++) {
            live(url, nodes, clicks / lives + 1, acknowledged);
        }
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            Awaitility.await("the outboxes to be open and empty")
                    .atMost(PATIENCE)
                    .until(() -> isCarriedOut(statement));
            long all = 0;
            for (String node : nodes.split(" ", -1)) {
                long accepted = one(statement, "SELECT ACCEPTED FROM TUNABLE.OUTBOX WHERE NODE = 'n" + node + "'");
                long counted =
                        one(statement, "SELECT N FROM COUNTER WHERE ID = " + node + " WITH CONSISTENCY LINEARIZABLE");
                long heard = acknowledged.get(Integer.parseInt(node));
                System.out.println(
                        "n" + node + ": acknowledged " + heard + ", accepted " + accepted + ", counted " + counted);
                // each of four threads may have been killed between its acceptance and its line
                assertThat(counted).isEqualTo(accepted).isBetween(heard, heard + 4L * lives);
                all += heard;
            }
            assertThat(all).isGreaterThanOrEqualTo(clicks);
            assertThat(one(statement, "SELECT COUNT(*) FROM TUNABLE.REJECTED_WRITES"))
                    .isZero();
            assertThat(hashes(statement)).hasSize(1).doesNotContain("null");
        }
    }

    private static void live(String url, String nodes, int clicks, AtomicLongArray acknowledged) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(url));
        arguments.addAll(List.of(nodes.split(" ", -1)));
        CountDownLatch enough = new CountDownLatch(clicks);
        try (ChildJvm child = ChildJvm.start(OutboxVictim.class, List.of("-Xmx512m"), arguments, line -> {
            if (line.startsWith("CLICK ")) {
                acknowledged.incrementAndGet(Integer.parseInt(line.substring(6)));
                enough.countDown();
            }
        })) {
            child.await("READY", PATIENCE);
            assertThat(enough.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("%d clicks; the child said %s", clicks, child.errors())
                    .isTrue();
            child.kill();
        }
    }

    private static boolean isCarriedOut(Statement statement) throws SQLException {
        return one(statement, "SELECT COUNT(*) FROM TUNABLE.OUTBOX WHERE PENDING > 0 OR LAST_ERROR IS NOT NULL") == 0;
    }

    private static long one(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static Set<String> hashes(Statement statement) throws SQLException {
        Set<String> hashes = new HashSet<>();
        try (ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            while (rows.next()) {
                hashes.add(String.valueOf(rows.getString("HASH")));
            }
        }
        return hashes;
    }
}
