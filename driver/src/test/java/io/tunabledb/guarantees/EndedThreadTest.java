package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where memory ends, an error ends the thread that met it, and a replica looks alive that writes, applies, sends or stands for
 * election no more: it is noticed, and the replica rebuilt.
 */
class EndedThreadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Set<String> ALWAYS =
            Set.of("SegmentedRaftLogWorker", "StateMachineUpdater", "cacheEviction-AwaitToRun");
    private static final Set<String> ROLE = Set.of("FollowerState", "LeaderStateImpl");

    @ParameterizedTest
    @CsvSource({"LeaderStateImpl, true", "SegmentedRaftLogWorker, false", "FollowerState, false"})
    void itIsNoticed(String job, boolean isLeader) throws Exception {
        Set<Thread> others = threads().collect(Collectors.toSet());
        try (Cluster cluster =
                        Cluster.start("CREATE TABLE T(K INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");
                Connection connection = DriverManager.getConnection(cluster.url());
                Statement statement = connection.createStatement()) {
            endAndAwait(cluster, statement, job, isLeader, others);
        }
    }

    @Test
    @Tag("campaign")
    void eachIsNoticed() throws Exception {
        Set<Thread> others = threads().collect(Collectors.toSet());
        try (Cluster cluster =
                        Cluster.start("CREATE TABLE T(K INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");
                Connection connection = DriverManager.getConnection(cluster.url());
                Statement statement = connection.createStatement()) {
            for (String job : List.of(
                    "SegmentedRaftLogWorker",
                    "StateMachineUpdater",
                    "cacheEviction-AwaitToRun",
                    "LeaderStateImpl",
                    "LogAppenderDaemon")) {
                endAndAwait(cluster, statement, job, true, others);
            }
            for (String job : List.of(
                    "SegmentedRaftLogWorker", "StateMachineUpdater", "cacheEviction-AwaitToRun", "FollowerState")) {
                endAndAwait(cluster, statement, job, false, others);
            }
        }
    }

    private static void endAndAwait(
            Cluster cluster, Statement statement, String job, boolean isLeader, Set<Thread> others) throws Exception {
        cluster.awaitCaughtUp();
        int node = isLeader ? cluster.leader() : cluster.follower();
        List<Thread> found = threads()
                .filter(thread -> !others.contains(thread) && isOf(node, job, thread))
                .toList();
        assertThat(found).as("threads of n%d that do %s", node, job).isNotEmpty();
        found.forEach(EndedThreadTest::end);
        await(job + " of n" + node, () -> isWhole(node, others) && isDone(statement));
        await(
                "equal replicas after the end of " + job,
                () -> isWhole(node, others) && isDone(statement) && haveAllApplied(cluster));
    }

    /** An error that ends a thread is what the test is about. */
    private static void await(String what, Callable<Boolean> state) {
        Awaitility.await(what)
                .dontCatchUncaughtExceptions()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(state);
    }

    private static boolean haveAllApplied(Cluster cluster) {
        long applied = cluster.replica(cluster.leader()).applied();
        return cluster.nodes().replicas().stream().allMatch(replica -> replica.applied() >= applied);
    }

    /** As an {@link OutOfMemoryError} would where it is, at a moment of our choosing. */
    @SuppressWarnings({"removal", "deprecation"}) // nothing else throws an error in another thread
    private static void end(Thread thread) {
        thread.stop();
    }

    private static Stream<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream();
    }

    private static boolean isOf(int node, String job, Thread thread) {
        return thread.getName().startsWith(node + "@group-") && thread.getName().endsWith(job);
    }

    private static boolean isWhole(int node, Set<Thread> others) {
        List<Thread> all = threads().filter(thread -> !others.contains(thread)).toList();
        return ALWAYS.stream().allMatch(job -> all.stream().anyMatch(thread -> isOf(node, job, thread)))
                && ROLE.stream().anyMatch(job -> all.stream().anyMatch(thread -> isOf(node, job, thread)));
    }

    private static boolean isDone(Statement statement) {
        try {
            return statement.executeUpdate("UPDATE T SET V = V + 1 WHERE K = 1") == 1;
        } catch (SQLException e) {
            return false;
        }
    }
}
