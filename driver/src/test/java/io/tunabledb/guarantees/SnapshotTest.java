package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SNAPSHOT: one point in time for a statement or a read-only transaction, while money is moved about. */
class SnapshotTest {
    private static final int ACCOUNTS = 20;
    private static final long TOTAL = ACCOUNTS * 100;
    private static final String LOWER = "SELECT SUM(B) FROM ACCOUNT WHERE ID <= " + ACCOUNTS / 2;
    private static final String UPPER = "SELECT SUM(B) FROM ACCOUNT WHERE ID > " + ACCOUNTS / 2;
    private static final String SNAPSHOT = " WITH CONSISTENCY SNAPSHOT";

    private static Cluster cluster;

    @BeforeAll
    static void start() throws SQLException {
        cluster = Cluster.start(
                "CREATE TABLE ACCOUNT(ID INT PRIMARY KEY, B BIGINT NOT NULL)",
                "INSERT INTO ACCOUNT SELECT X, 100 FROM SYSTEM_RANGE(1, " + ACCOUNTS + ")",
                "CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
                "INSERT INTO T VALUES (1, 0)");
    }

    @AfterEach
    void healAndCompare() throws SQLException, IOException {
        cluster.healAndCompare();
        try (Client client = cluster.at(0)) {
            assertThat(client.number("SELECT SUM(B) FROM ACCOUNT WITH CONSISTENCY LINEARIZABLE"))
                    .isEqualTo(TOTAL);
        }
    }

    @AfterAll
    static void stop() throws SQLException {
        cluster.close();
    }

    /** Transfers from the lower half of the accounts to the upper and back. */
    private static Background transfers() {
        return new Background().repeat(cluster, 0, SnapshotTest::transfer).repeat(cluster, 0, SnapshotTest::transfer);
    }

    private static void transfer(Client client) throws SQLException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int amount = random.nextInt(-10, 11);
        try {
            client.begin();
            // always the lower account first: no deadlocks, which are tested elsewhere
            client.update("UPDATE ACCOUNT SET B = B - ? WHERE ID = ?", amount, 1 + random.nextInt(ACCOUNTS / 2));
            client.update(
                    "UPDATE ACCOUNT SET B = B + ? WHERE ID = ?",
                    amount,
                    1 + ACCOUNTS / 2 + random.nextInt(ACCOUNTS / 2));
            client.commit();
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isIn("40001", "08007", "TC002", "TC001", "HYT00");
            client.rollback();
        }
    }

    private static Client readOnly(int home) throws SQLException {
        Client client = cluster.at(home);
        client.connection().setReadOnly(true);
        client.connection().setAutoCommit(false);
        return client;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReadOnlyTransactionSeesOnePointInTimeInAllItsStatements(boolean byClause) throws SQLException {
        Background money = transfers();
        try (money;
                Client reader = readOnly(cluster.follower())) {
            if (!byClause) {
                reader.execute("SET CONSISTENCY = SNAPSHOT");
            }
            String level = byClause ? SNAPSHOT : "";
            for (int i = 0; i < 100; i++) {
                long lower = reader.number(LOWER + level);
                long upper = reader.number(UPPER + level);
                assertThat(lower + upper).as("turn %d, %s", i, reader.receipt()).isEqualTo(TOTAL);
                assertThat(reader.number(LOWER + level)).isEqualTo(lower);
                reader.commit();
            }
        }
    }

    /** Nothing but the transaction has been to the replica before, so its first statement opens what is pinned there. */
    @Test
    void aTransactionThatIsTheFirstToReadItsReplicaKeepsItsMoment() throws SQLException {
        try (Client reader = readOnly(cluster.follower())) {
            assertThat(reader.look(LOWER + SNAPSHOT) + reader.look(UPPER + SNAPSHOT))
                    .isEqualTo(TOTAL);
            reader.commit();
        }
    }

    @Test
    void sequentialStatementsOfATransactionSeeDifferentMoments() throws SQLException {
        int torn = 0;
        Background money = transfers();
        try (money;
                Client reader = readOnly(cluster.follower())) {
            String level = " WITH CONSISTENCY SEQUENTIAL";
            for (int i = 0; i < 2000 && torn == 0; i++) {
                torn += reader.number(LOWER + level) + reader.number(UPPER + level) == TOTAL ? 0 : 1;
                reader.commit();
            }
        }
        assertThat(torn).isPositive();
    }

    @Test
    void aStatementSeesOnePointInTimeWhileLeadersChange() throws SQLException {
        Background money = transfers();
        try (money;
                Client reader = cluster.at(0)) {
            for (int i = 0; i < 2; i++) {
                ReplicaStatus leader = cluster.replica(cluster.leader());
                cluster.nodes().isolate(leader.node());
                for (int k = 0; k < 100; k++) {
                    assertThat(reader.number("SELECT (" + LOWER + ") + (" + UPPER + ")" + SNAPSHOT))
                            .isEqualTo(TOTAL);
                }
                cluster.leaderAfter(leader);
                cluster.nodes().heal();
            }
        }
    }

    @Test
    void aTransactionKeepsItsMomentThoughItsFollowerIsCutOffAndComesBack() throws SQLException {
        int home = cluster.follower();
        Background money = transfers();
        try (money;
                Client reader = readOnly(home);
                Client watcher = cluster.at(home)) {
            long lower = reader.number(LOWER + SNAPSHOT);
            cluster.nodes().isolate(home);
            assertThat(reader.number(LOWER + SNAPSHOT)).isEqualTo(lower);
            cluster.nodes().heal();
            Cluster.await(
                    "the follower to apply more",
                    () -> watcher.number(LOWER + " WITH CONSISTENCY LINEARIZABLE") != lower);
            assertThat(reader.number(LOWER + SNAPSHOT)).isEqualTo(lower);
            assertThat(lower + reader.number(UPPER + SNAPSHOT)).isEqualTo(TOTAL);
            reader.commit();
        }
    }

    @Test
    void aTransactionIsNotOlderThanWhatItsSessionWrote() throws SQLException {
        int home = cluster.follower();
        cluster.nodes().slow(home, Duration.ofMillis(200));
        try (Client session = cluster.at(home)) {
            session.update("UPDATE T SET V = V + 1");
            long written = session.number("SELECT V FROM T WITH CONSISTENCY LINEARIZABLE");
            session.connection().setReadOnly(true);
            session.connection().setAutoCommit(false);
            assertThat(session.number("SELECT V FROM T" + SNAPSHOT)).isEqualTo(written);
            session.commit();
        }
    }

    @Test
    void aSchemaChangeEndsAPinnedTransactionOrLeavesItItsMoment() throws SQLException {
        int home = cluster.follower();
        try (Client reader = readOnly(home)) {
            long lower = reader.number(LOWER + SNAPSHOT);
            long startedAt = System.nanoTime();
            cluster.run("ALTER TABLE ACCOUNT ADD COLUMN IF NOT EXISTS NOTE VARCHAR(10)");
            assertThat(Duration.ofNanos(System.nanoTime() - startedAt)).isLessThan(Duration.ofSeconds(60));
            cluster.run("UPDATE ACCOUNT SET B = B - 1 WHERE ID = 1");
            cluster.run("UPDATE ACCOUNT SET B = B + 1 WHERE ID = " + ACCOUNTS);
            cluster.awaitCaughtUp();
            try {
                assertThat(reader.number(LOWER + SNAPSHOT)).isEqualTo(lower);
            } catch (SQLException e) {
                assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("40001");
            }
            reader.rollback();
            assertThat(reader.number(LOWER + SNAPSHOT) + reader.number(UPPER + SNAPSHOT))
                    .isEqualTo(TOTAL);
            reader.commit();
        }
    }

    @Test
    void aTransactionWhoseNodeDiesMustBeRunAgain() throws SQLException {
        // it sits next to all nodes: the loss of one is not the loss of its way in
        try (Client reader = readOnly(0)) {
            reader.number(LOWER + SNAPSHOT);
            int pinnedAt = reader.servedBy();
            cluster.nodes().kill(pinnedAt);
            Refusal.expect("40001", () -> reader.number(UPPER + SNAPSHOT));
            reader.rollback();
            Cluster.await("a leader of the others", () -> cluster.nodes().leader() != 0);
            assertThat(reader.number(LOWER + SNAPSHOT) + reader.number(UPPER + SNAPSHOT))
                    .isEqualTo(TOTAL);
            reader.commit();
        }
    }

    /** A setting that reaches the connection whose transactions are snapshots must not begin the next one. */
    @ParameterizedTest
    @ValueSource(strings = {"SNAPSHOT", "LINEARIZABLE"})
    void aSnapshotIsNotOlderThanItsStatement(String level) throws SQLException {
        String read = "SELECT V FROM T WHERE ID = 1 WITH CONSISTENCY " + level;
        try (Client client = cluster.at(cluster.leader(), "auditSample=1")) {
            client.number(read);
            client.execute("SET LOCK_TIMEOUT 1234");
            long next = client.number(read) + 1;
            client.execute("SET LOCK_TIMEOUT 1235");
            client.update("UPDATE T SET V = ? WHERE ID = 1", next);
            assertThat(client.number(read)).isEqualTo(next);
        }
    }
}
