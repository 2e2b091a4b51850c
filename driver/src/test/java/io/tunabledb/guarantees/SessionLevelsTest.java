package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SEQUENTIAL, READ_YOUR_WRITE and MONOTONIC_READ: what a session may count on when its follower lags behind. */
class SessionLevelsTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1 WITH CONSISTENCY ";
    private static final String WRITE = "UPDATE T SET V = ? WHERE ID = 1";
    private static final int OLD = 1;
    private static final int NEW = 2;

    @RegisterExtension
    static final Cluster cluster =
            Cluster.shared(1, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");

    private int leader;
    /** Where the session sits. */
    private int home;

    private int other;

    @BeforeEach
    void writeTheOldValueEverywhere() throws SQLException {
        leader = cluster.leader();
        home = cluster.follower();
        other = Cluster.third(leader, home);
        cluster.run("UPDATE T SET V = " + OLD);
        cluster.awaitCaughtUp();
    }

    // ---- a session that moves from a fresh replica to one that lags ----

    @ParameterizedTest
    @ValueSource(strings = {"SEQUENTIAL", "MONOTONIC_READ", "SNAPSHOT"})
    void aSessionMovedToALaggingReplicaWaitsRatherThanGoBack(String level) throws SQLException {
        try (Client session = movedToALaggingReplica(level)) {
            String refused = Refusal.expect("TC001", () -> session.look(READ + level + " WITHIN 300 MS"));
            assertThat(refused).contains("n" + home, "is needed");
            cluster.nodes().heal();
            assertThat(session.number(READ + level)).isEqualTo(NEW);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"READ_YOUR_WRITE", "EVENTUAL"})
    void withoutThatPromiseItGoesBack(String level) throws SQLException {
        try (Client session = movedToALaggingReplica("MONOTONIC_READ")) {
            assertThat(session.look(READ + level)).isEqualTo(OLD);
            assertThat(session.servedBy()).isEqualTo(home);
        }
    }

    /** It has read the new value, which it did not write, at the other follower, and now reaches only its own. */
    private Client movedToALaggingReplica(String level) throws SQLException {
        cluster.nodes().cut(leader, home);
        Client session = cluster.at(home);
        try (Client writer = cluster.at(leader)) {
            writer.update(WRITE, NEW);
            assertThat(session.number(READ + "EVENTUAL")).isEqualTo(OLD);
            assertThat(session.number(READ + level + " AFTER '" + writer.token() + "'"))
                    .isEqualTo(NEW);
            assertThat(session.servedBy()).isEqualTo(other);
        }
        cluster.nodes().cut(home, other);
        return session;
    }

    // ---- a session that writes, and reads where its write is late or never comes ----

    @ParameterizedTest
    @ValueSource(strings = {"SEQUENTIAL", "READ_YOUR_WRITE", "SNAPSHOT", "LINEARIZABLE"})
    void aWriteIsReadBackThoughItsFollowerIsSlow(String level) throws SQLException {
        cluster.nodes().slow(home, Duration.ofMillis(300));
        try (Client session = cluster.at(home)) {
            session.update(WRITE, NEW);
            assertThat(session.number(READ + level)).isEqualTo(NEW);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SEQUENTIAL", "READ_YOUR_WRITE", "SNAPSHOT"})
    void aWriteIsNeverMissedAtACutOffFollower(String level) throws SQLException {
        try (Client session = wroteAndWasCutOff()) {
            Refusal.expect("TC001", () -> session.look(READ + level + " WITHIN 300 MS"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MONOTONIC_READ", "EVENTUAL"})
    void withoutThatPromiseItIsMissed(String level) throws SQLException {
        try (Client session = wroteAndWasCutOff()) {
            assertThat(session.look(READ + level)).isEqualTo(OLD);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SEQUENTIAL", "READ_YOUR_WRITE"})
    void aReadThatWaitsForItsWriteIsServedOnceTheFollowerIsBack(String level) throws Exception {
        try (Client session = wroteAndWasCutOff()) {
            AtomicReference<Thread> reader = new AtomicReference<>();
            CompletableFuture<Long> read = CompletableFuture.supplyAsync(() -> {
                reader.set(Thread.currentThread());
                try {
                    return session.number(READ + level + " WITHIN 20 SECONDS");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Cluster.await(
                    "the read to wait",
                    () -> reader.get() != null && reader.get().getState() != Thread.State.RUNNABLE);
            assertThat(read).isNotDone();
            cluster.nodes().heal();
            assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(NEW);
        }
    }

    private Client wroteAndWasCutOff() throws SQLException {
        // slow first: the write is acknowledged by the others before it can have reached this one
        cluster.nodes().slow(home, Duration.ofMillis(200));
        Client session = cluster.at(home);
        session.update(WRITE, NEW);
        cluster.nodes().isolate(home);
        return session;
    }

    @Test
    void aReaderAtTheOtherEndNeverSeesTwoWritesInTheWrongOrder() throws SQLException {
        cluster.run("CREATE TABLE IF NOT EXISTS PAIR(ID INT PRIMARY KEY, V INT)");
        cluster.run("DELETE FROM PAIR");
        cluster.run("INSERT INTO PAIR VALUES (1, 0), (2, 0)");
        cluster.nodes().slow(home, Duration.ofMillis(3));
        try (Client writer = cluster.at(leader);
                Client reader = cluster.at(home)) {
            // a new session may be shown the follower from before the rows: it is told of them
            writer.number("SELECT COUNT(*) FROM PAIR WITH CONSISTENCY LINEARIZABLE");
            reader.use(writer.token());
            for (int i = 1; i <= 100; i++) {
                writer.update("UPDATE PAIR SET V = ? WHERE ID = 1", i);
                writer.update("UPDATE PAIR SET V = ? WHERE ID = 2", i);
                // written second, read first: the first write must not be missing
                long second = reader.number("SELECT V FROM PAIR WHERE ID = 2 WITH CONSISTENCY SEQUENTIAL");
                long first = reader.number("SELECT V FROM PAIR WHERE ID = 1 WITH CONSISTENCY SEQUENTIAL");
                assertThat(first).isGreaterThanOrEqualTo(second);
            }
        }
    }
}
