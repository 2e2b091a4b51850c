package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** EVENTUAL writes: accepted by a node alone, carried out once, seen by their session where a level says so. */
class OutboxTest {
    private static final String LIKE = "UPDATE VIDEO SET LIKES = LIKES + 1 WHERE ID = ? WITH CONSISTENCY EVENTUAL";
    private static final String LIKES = "SELECT LIKES FROM VIDEO WHERE ID = ? WITH CONSISTENCY ";

    @RegisterExtension
    static final Cluster cluster =
            Cluster.shared(1, "CREATE TABLE VIDEO(ID INT PRIMARY KEY, LIKES BIGINT NOT NULL CHECK (LIKES <= 100000))");

    @BeforeEach
    void oneVideo() throws SQLException {
        cluster.run("DELETE FROM VIDEO");
        cluster.run("INSERT INTO VIDEO VALUES (1, 0), (2, 0)");
        cluster.awaitCaughtUp();
    }

    @AfterEach
    void healAndCompare() throws SQLException, IOException {
        cluster.healAndCompare();
        cluster.run("DISMISS REJECTED WRITE ALL");
    }

    private static long pending() throws SQLException {
        try (Client client = cluster.at(0)) {
            return client.number("SELECT SUM(PENDING) FROM TUNABLE.OUTBOX");
        }
    }

    private static long rejected() throws SQLException {
        try (Client client = cluster.at(0)) {
            // these tables are read at EVENTUAL unless a statement asks for more
            return client.number("SELECT COUNT(*) FROM TUNABLE.REJECTED_WRITES WITH CONSISTENCY LINEARIZABLE");
        }
    }

    private static void awaitCarriedOut() {
        Cluster.await("the outboxes to be empty", () -> pending() == 0);
    }

    @Test
    void aNodeThatIsCutOffGoesOnAccepting() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node);
                Client other = cluster.at(0)) {
            cluster.nodes().isolate(node);
            for (int i = 0; i < 100; i++) {
                assertThat(client.update(LIKE, 1)).isEqualTo(1);
            }
            Receipt receipt = client.receipt();
            assertThat(receipt.granted().level()).isEqualTo(Level.EVENTUAL);
            assertThat(receipt.served().get(0).role()).isEqualTo("OUTBOX");
            assertThat(receipt.served().get(0).replica()).isEqualTo("n" + node);
            assertThat(other.number(LIKES + "LINEARIZABLE", 1)).isZero();
            cluster.nodes().heal();
            awaitCarriedOut();
            assertThat(other.number(LIKES + "LINEARIZABLE", 1)).isEqualTo(100);
            assertThat(rejected()).isZero();
        }
    }

    @Test
    void threeNodesCutOffFromEachOtherCountTogether() throws Exception {
        cluster.nodes().cut(1, 2);
        cluster.nodes().cut(1, 3);
        cluster.nodes().cut(2, 3);
        for (int node : cluster.all()) {
            try (Client client = cluster.at(node)) {
                for (int i = 0; i < 50; i++) {
                    client.update(LIKE, 1);
                }
            }
        }
        cluster.nodes().heal();
        awaitCarriedOut();
        try (Client client = cluster.at(0)) {
            assertThat(client.number(LIKES + "LINEARIZABLE", 1)).isEqualTo(150);
        }
    }

    @Test
    void aSessionSeesItsOwnWeakWritesWhereItsLevelSaysSo() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node)) {
            long likes = 0;
            for (String level : List.of("READ_YOUR_WRITE", "SEQUENTIAL", "SNAPSHOT", "LINEARIZABLE")) {
                for (int i = 0; i < 5; i++) {
                    client.update(LIKE, 1);
                    likes++;
                    assertThat(client.number(LIKES + level, 1)).as(level).isEqualTo(likes);
                }
            }
        }
    }

    /** The negative control: the same session, at levels that don't promise it, does not see them. */
    @Test
    void weakerLevelsDoNotWaitForThem() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node)) {
            cluster.nodes().isolate(node);
            client.update(LIKE, 1);
            assertThat(client.number(LIKES + "MONOTONIC_READ", 1)).isZero();
            assertThat(client.number(LIKES + "EVENTUAL", 1)).isZero();
            assertThatThrownBy(() -> client.number(LIKES + "READ_YOUR_WRITE WITHIN 100 MS", 1))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("waits in the outbox of n" + node)
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("TC001");
            assertThat(client.number(LIKES + "READ_YOUR_WRITE WITHIN 50 MS ELSE EVENTUAL", 1))
                    .isZero();
        }
    }

    @Test
    void aTokenCarriesThemToAnotherSession() throws Exception {
        int node = cluster.follower();
        int other = Cluster.third(node, cluster.leader());
        try (Client writer = cluster.at(node);
                Client reader = cluster.at(other)) {
            cluster.nodes().isolate(node);
            writer.update(LIKE, 1);
            reader.use(writer.token());
            assertThatThrownBy(() -> reader.number(LIKES + "READ_YOUR_WRITE WITHIN 100 MS", 1))
                    .isInstanceOf(SQLException.class);
            String token = writer.token();
            assertThatThrownBy(() -> reader.number(
                            "SELECT 1 FROM VIDEO WITH CONSISTENCY EVENTUAL WITHIN 50 MS AFTER '" + token + "'"))
                    .isInstanceOf(SQLException.class);
            cluster.nodes().heal();
            assertThat(reader.number(LIKES + "READ_YOUR_WRITE", 1)).isEqualTo(1);
        }
    }

    @Test
    void aLaterStrongWriteComesAfterThem() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node)) {
            for (int i = 0; i < 20; i++) {
                client.update("UPDATE VIDEO SET LIKES = 7 WHERE ID = 1 WITH CONSISTENCY EVENTUAL");
                client.update("UPDATE VIDEO SET LIKES = LIKES * 2 WHERE ID = 1");
                assertThat(client.number(LIKES + "LINEARIZABLE", 1)).isEqualTo(14);
            }
        }
    }

    @Test
    void writesOfOneNodeKeepTheirOrder() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node)) {
            cluster.nodes().isolate(node);
            client.update("UPDATE VIDEO SET LIKES = 3 WHERE ID = 1 WITH CONSISTENCY EVENTUAL");
            client.update("UPDATE VIDEO SET LIKES = LIKES * 10 WHERE ID = 1 WITH CONSISTENCY EVENTUAL");
            client.update("UPDATE VIDEO SET LIKES = LIKES + 4 WHERE ID = 1 WITH CONSISTENCY EVENTUAL");
            cluster.nodes().heal();
            assertThat(client.number(LIKES + "SEQUENTIAL", 1)).isEqualTo(34);
        }
    }

    @Test
    void nowIsTheTimeOfAcceptance() throws Exception {
        cluster.run(
                "CREATE TABLE EVENT(ID INT PRIMARY KEY, AT TIMESTAMP(6) WITH TIME ZONE, MADE TIMESTAMP(6) WITH TIME ZONE "
                        + "DEFAULT CURRENT_TIMESTAMP, HELD_ON DATE DEFAULT CURRENT_DATE)");
        int node = cluster.follower();
        try (Client client = cluster.at(node)) {
            cluster.nodes().isolate(node);
            client.update("INSERT INTO EVENT(ID, AT) VALUES (1, CURRENT_TIMESTAMP) WITH CONSISTENCY EVENTUAL");
            long accepted = System.currentTimeMillis();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
            cluster.nodes().heal();
            String late = "SELECT COUNT(*) FROM EVENT WHERE ID = ? AND ABS(EXTRACT(EPOCH FROM AT) * 1000 - ?) < 150"
                    + " AND AT = MADE AND HELD_ON = CAST(AT AS DATE)";
            assertThat(client.number(late, 1, accepted)).isEqualTo(1);
            // the control: a strong write means its own time
            client.update("INSERT INTO EVENT(ID, AT) VALUES (2, CURRENT_TIMESTAMP)");
            assertThat(client.number(late, 2, accepted)).isZero();
        }
    }

    @Test
    void aRejectedWriteIsKeptRetriedAndDismissed() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node)) {
            cluster.nodes().isolate(node);
            client.update("INSERT INTO VIDEO VALUES (1, ?) WITH CONSISTENCY EVENTUAL", 5);
            client.update("INSERT INTO VIDEO VALUES (3, ?) WITH CONSISTENCY EVENTUAL", 6);
            client.update(LIKE, 1);
            cluster.nodes().heal();
            assertThat(client.number(LIKES + "SEQUENTIAL", 1)).isEqualTo(1);
            assertThat(client.number(LIKES + "SEQUENTIAL", 3)).isEqualTo(6);
            String about = " FROM TUNABLE.REJECTED_WRITES WHERE SQLSTATE = '23505' AND NODE = 'n" + node
                    + "' AND PARAMETERS LIKE '%5%' AND TEXT LIKE 'INSERT INTO VIDEO%' AND REASON LIKE '%primary key%'";
            Cluster.await("the rejected write", () -> client.number("SELECT COUNT(*)" + about) == 1);
            long id = client.number("SELECT ID" + about);
            assertThatThrownBy(() -> client.update("RETRY REJECTED WRITE " + id))
                    .isInstanceOf(SQLException.class)
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("23505");
            assertThat(rejected()).isEqualTo(1);
            client.update("DELETE FROM VIDEO WHERE ID = 1");
            assertThat(client.update("RETRY REJECTED WRITE " + id)).isEqualTo(1);
            assertThat(client.number(LIKES + "SEQUENTIAL", 1)).isEqualTo(5);
            assertThatThrownBy(() -> client.update("DISMISS REJECTED WRITE " + id))
                    .hasMessageContaining("no rejected write");
            client.update("INSERT INTO VIDEO VALUES (1, 1) WITH CONSISTENCY EVENTUAL");
            assertThat(client.number(LIKES + "SEQUENTIAL", 1)).isEqualTo(5);
            Cluster.await("the second", () -> rejected() == 1);
            client.update("DISMISS REJECTED WRITE "
                    + client.number("SELECT MAX(ID) FROM TUNABLE.REJECTED_WRITES WITH CONSISTENCY LINEARIZABLE"));
            Cluster.await("none", () -> rejected() == 0);
            assertThat(client.number("SELECT SUM(REJECTED) FROM TUNABLE.OUTBOX"))
                    .isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aTransactionIsQueuedAtCommitAndDoneAsOne() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node);
                Statement statement = client.connection().createStatement()) {
            cluster.nodes().isolate(node);
            client.begin();
            statement.execute("SET TRANSACTION CONSISTENCY EVENTUAL");
            statement.executeUpdate("UPDATE VIDEO SET LIKES = LIKES + 1 WHERE ID = 1");
            statement.executeUpdate("UPDATE VIDEO SET LIKES = LIKES + 1 WHERE ID = 2");
            client.commit();
            // fails as a whole: its second statement breaks the key
            statement.execute("SET TRANSACTION CONSISTENCY EVENTUAL");
            statement.executeUpdate("UPDATE VIDEO SET LIKES = LIKES + 10 WHERE ID = 1");
            statement.executeUpdate("INSERT INTO VIDEO VALUES (2, 0)");
            client.commit();
            statement.execute("SET TRANSACTION CONSISTENCY EVENTUAL");
            statement.executeUpdate("UPDATE VIDEO SET LIKES = LIKES + 100 WHERE ID = 1");
            client.rollback();
            statement.execute("SET TRANSACTION CONSISTENCY EVENTUAL");
            statement.executeUpdate("UPDATE VIDEO SET LIKES = LIKES + 1000 WHERE ID = 1");
            statement.execute("SAVEPOINT A");
            statement.executeUpdate("UPDATE VIDEO SET LIKES = LIKES + 10000 WHERE ID = 1");
            statement.execute("ROLLBACK TO SAVEPOINT A");
            client.commit();
            assertThat(pending()).isEqualTo(3);
            cluster.nodes().heal();
            client.connection().setAutoCommit(true);
            assertThat(client.number(LIKES + "SEQUENTIAL", 1)).isEqualTo(1001);
            assertThat(client.number(LIKES + "SEQUENTIAL", 2)).isEqualTo(1);
            Cluster.await("the rejected transaction", () -> rejected() == 1);
        }
    }

    @Test
    void whatCantWaitIsRefusedOrRaised() throws Exception {
        try (Client client = cluster.at(cluster.follower());
                Statement statement = client.connection().createStatement()) {
            assertThatThrownBy(() -> client.update("DELETE FROM VIDEO WITH CONSISTENCY EVENTUAL ACK ALL"))
                    .hasMessageContaining("ACK ALL")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("TC005");
            assertThatThrownBy(() -> statement.executeUpdate(
                            "INSERT INTO VIDEO VALUES (9, 9) WITH CONSISTENCY EVENTUAL",
                            Statement.RETURN_GENERATED_KEYS))
                    .hasMessageContaining("generated keys")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("TC005");
            assertThatThrownBy(() -> client.update("DELETE FROM NOWHERE WITH CONSISTENCY EVENTUAL"))
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("42S02");
            assertThatThrownBy(() -> client.update("UPDATE VIDEO SET NOTHING = 1 WITH CONSISTENCY EVENTUAL"))
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("42S22");
            client.begin();
            client.update("UPDATE VIDEO SET LIKES = 1 WHERE ID = 1");
            client.update(LIKE, 1);
            assertThat(client.receipt().reason()).contains("raised: the transaction is open at the leader");
            client.rollback();
            client.update(LIKE, 1);
            assertThatThrownBy(() -> client.update("UPDATE VIDEO SET LIKES = 1 WHERE ID = 1"))
                    .hasMessageContaining("EVENTUAL")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("TC005");
            client.rollback();
            client.connection().setAutoCommit(true);
            assertThat(pending()).isZero();
        }
    }

    @Test
    void updateCountsAreWhatTheReplicaSays() throws Exception {
        try (Client client = cluster.at(cluster.follower())) {
            String weak = " WITH CONSISTENCY EVENTUAL";
            assertThat(client.update("UPDATE VIDEO SET LIKES = ? WHERE ID > ?" + weak, 5, 0))
                    .isEqualTo(2);
            assertThat(client.update("UPDATE VIDEO SET LIKES = ? WHERE ID = ?" + weak, 5, 77))
                    .isZero();
            assertThat(client.update("DELETE FROM VIDEO" + weak)).isEqualTo(2);
            assertThat(client.update("INSERT INTO VIDEO VALUES (11, 0), (12, 0)" + weak))
                    .isEqualTo(2);
            assertThat(client.update("INSERT INTO VIDEO SELECT X, 0 FROM SYSTEM_RANGE(21, 23)" + weak))
                    .isEqualTo(Statement.SUCCESS_NO_INFO);
            assertThat(client.number("SELECT COUNT(*) FROM VIDEO")).isEqualTo(5);
        }
    }

    @Test
    void sessionSettingsTravelWithTheWrite() throws Exception {
        cluster.run("CREATE SCHEMA S");
        cluster.run("CREATE TABLE S.VIDEO(ID INT PRIMARY KEY, LIKES BIGINT)");
        try (Client client = cluster.at(cluster.follower())) {
            client.execute("SET SCHEMA S");
            client.execute("SET @N = 42");
            client.update("INSERT INTO VIDEO VALUES (1, @N) WITH CONSISTENCY EVENTUAL");
            client.execute("SET SCHEMA PUBLIC");
            client.update(LIKE, 1);
            assertThat(client.number("SELECT LIKES FROM S.VIDEO")).isEqualTo(42);
            assertThat(client.number(LIKES + "SEQUENTIAL", 1)).isEqualTo(1);
        }
    }

    @Test
    void valuesOfEveryKindArrive() throws Exception {
        cluster.run(
                "CREATE TABLE KIND(ID INT PRIMARY KEY, S VARCHAR, B VARBINARY, D DECIMAL(20, 5), T TIMESTAMP, C CLOB, "
                        + "U UUID, A INT ARRAY, E ENUM('x', 'y'), N INT)");
        String insert = "INSERT INTO KIND VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        Object[] values = {
            "tëxt",
            new byte[] {1, 2},
            new java.math.BigDecimal("12.50000"),
            java.time.LocalDateTime.of(2020, 1, 2, 3, 4),
            "long text",
            new java.util.UUID(1, 2),
            new Integer[] {1, 2},
            "y",
            null
        };
        try (Client client = cluster.at(cluster.follower())) {
            for (int id = 1; id <= 2; id++) {
                List<Object> all = new ArrayList<>(List.of(id));
                all.addAll(java.util.Arrays.asList(values));
                client.update(insert + (id == 1 ? "" : " WITH CONSISTENCY EVENTUAL"), all.toArray());
            }
            assertThat(client.number(
                            "SELECT COUNT(*) FROM KIND X JOIN KIND Y ON X.ID = 1 AND Y.ID = 2 AND X.S = Y.S AND "
                                    + "X.B = Y.B AND X.D = Y.D AND X.T = Y.T AND X.C = Y.C AND X.U = Y.U AND X.A = Y.A AND X.E = Y.E "
                                    + "AND Y.N IS NULL"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aFullOutboxRefuses() throws Exception {
        String url = "jdbc:tunable:mem:fulloutbox?replicas=1&outboxEntries=10&closeDelay=0&outboxDrain=100";
        try (Connection connection = java.sql.DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            var nodes =
                    connection.unwrap(io.tunabledb.jdbc.TunableConnection.class).cluster();
            assertThat(nodes.nodes()).isEqualTo(1);
            // the row is locked, so nothing is carried out
            try (Connection holder = java.sql.DriverManager.getConnection(url);
                    Statement holding = holder.createStatement()) {
                statement.execute("INSERT INTO T VALUES (0)");
                holder.setAutoCommit(false);
                holding.execute("DELETE FROM T WHERE ID = 0");
                for (int i = 0; i < 10; i++) {
                    statement.executeUpdate("DELETE FROM T WHERE ID = 0 WITH CONSISTENCY EVENTUAL");
                }
                assertThatThrownBy(
                                () -> statement.executeUpdate("DELETE FROM T WHERE ID = 0 WITH CONSISTENCY EVENTUAL"))
                        .hasMessageContaining("outboxEntries=10")
                        .extracting(e -> ((SQLException) e).getSQLState())
                        .isEqualTo("TC006");
                try (ResultSet rows = statement.executeQuery("SHOW CONSISTENCY OUTBOX")) {
                    rows.next();
                    assertThat(rows.getLong("PENDING")).isEqualTo(10);
                    assertThat(rows.getDouble("OLDEST_MS")).isPositive();
                }
                Cluster.await("the lock's timeout to be seen", Duration.ofSeconds(5), () -> {
                    try (ResultSet rows = statement.executeQuery("SELECT LAST_ERROR FROM TUNABLE.OUTBOX")) {
                        rows.next();
                        return rows.getString(1) != null;
                    }
                });
                holder.rollback();
            }
            try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
                rows.next();
                assertThat(rows.getLong(1)).isZero();
            }
        }
    }
}
