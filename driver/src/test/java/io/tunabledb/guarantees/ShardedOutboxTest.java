package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** EVENTUAL writes to a table over four shards: each is carried out once, in the shard of its row. */
class ShardedOutboxTest {
    private static final String URL = "jdbc:tunable:mem:shardedoutbox?shards=4&replicas=3&consistencyTimeout=5000";
    private static final int ROWS = 24;
    private static final String CLICK = "UPDATE COUNTER SET N = N + 1 WHERE ID = ? WITH CONSISTENCY EVENTUAL";
    private static final String READ = "SELECT N FROM COUNTER WHERE ID = ? WITH CONSISTENCY ";
    /** For each shard its rows. */
    private static final Map<Integer, List<Integer>> IDS = new TreeMap<>();

    private static Connection keeper;
    private static EmbeddedCluster nodes;

    @BeforeAll
    static void start() throws SQLException {
        keeper = DriverManager.getConnection(URL);
        nodes = keeper.unwrap(TunableConnection.class).cluster();
        try (Client client = at(0)) {
            client.execute("CREATE TABLE COUNTER(ID INT PRIMARY KEY, N BIGINT NOT NULL) SHARD BY (ID)");
            for (int id = 1; id <= ROWS; id++) {
                client.update("INSERT INTO COUNTER VALUES (?, 0)", id);
                int shard = client.receipt().served().get(0).shard();
                IDS.computeIfAbsent(shard, any -> new ArrayList<>()).add(id);
            }
        }
        assertThat(IDS.keySet()).containsExactly(0, 1, 2, 3);
    }

    @BeforeEach
    void zero() throws SQLException {
        try (Client client = at(0)) {
            client.update("UPDATE COUNTER SET N = 0");
        }
        Cluster.await("every replica to have that", () -> {
            for (int node = 1; node <= 3; node++) {
                try (Client client = at(node)) {
                    if (client.number("SELECT COUNT(*) FROM COUNTER WHERE N = 0 WITH CONSISTENCY EVENTUAL") != ROWS) {
                        return false;
                    }
                }
            }
            return true;
        });
    }

    @AfterEach
    void healAndCompare() throws SQLException {
        nodes.heal();
        awaitCarriedOut();
        assertThat(nodes.rebuilds()).as("replicas that broke").isZero();
        Cluster.await("every replica to have the same rows", () -> {
            Map<Object, List<String>> hashes = new TreeMap<>();
            try (Statement statement = keeper.createStatement();
                    ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
                while (rows.next()) {
                    hashes.computeIfAbsent(rows.getInt("SHARD"), any -> new ArrayList<>())
                            .add(String.valueOf(rows.getString("HASH")));
                }
            }
            return hashes.size() == 4
                    && hashes.values().stream()
                            .allMatch(of -> of.size() == 3
                                    && !of.contains("null")
                                    && of.stream().distinct().count() == 1);
        });
    }

    @AfterAll
    static void stop() throws SQLException {
        keeper.close();
    }

    private static Client at(int home) throws SQLException {
        return new Client(DriverManager.getConnection(URL + "&home=" + home));
    }

    private static int in(int shard) {
        return IDS.get(shard).get(0);
    }

    private static void awaitCarriedOut() {
        Cluster.await("the outboxes to be empty", Duration.ofSeconds(30), () -> {
            try (Client client = at(0)) {
                return client.number("SELECT COUNT(*) FROM TUNABLE.OUTBOX WHERE PENDING > 0 OR LAST_ERROR IS NOT NULL")
                        == 0;
            }
        });
    }

    private static long rejected() throws SQLException {
        try (Client client = at(0)) {
            return client.number("SELECT COUNT(*) FROM TUNABLE.REJECTED_WRITES");
        }
    }

    private static void clickEach(Client client, int times) throws SQLException {
        for (int i = 0; i < times; i++) {
            for (int id = 1; id <= ROWS; id++) {
                assertThat(client.update(CLICK, id)).isNotZero();
            }
        }
    }

    @Test
    void countersAreExactOverAllShards() throws Exception {
        int node = 1 + nodes.leader(0) % 3;
        try (Client client = at(node);
                Client other = at(1 + node % 3)) {
            nodes.isolate(node);
            clickEach(client, 3);
            assertThat(client.receipt().served().get(0).role()).isEqualTo("OUTBOX");
            nodes.kill(node);
            nodes.restart(node);
            clickEach(client, 2);
            // meanwhile another node accepts for the same rows
            clickEach(other, 2);
            Cluster.await("the other's clicks", () -> other.number("SELECT SUM(N) FROM COUNTER") == 2L * ROWS);
            nodes.heal();
            awaitCarriedOut();
            for (int id = 1; id <= ROWS; id++) {
                assertThat(other.number(READ + "LINEARIZABLE", id))
                        .as("counter %d", id)
                        .isEqualTo(7);
            }
            assertThat(rejected()).isZero();
        }
    }

    @Test
    void aBatchOverSeveralShardsIsAcceptedTogether() throws Exception {
        try (Client client = at(2);
                var statement = client.connection().prepareStatement(CLICK)) {
            for (int id = 1; id <= ROWS; id++) {
                statement.setInt(1, id);
                statement.addBatch();
            }
            assertThat(statement.executeBatch()).containsOnly(1);
            // each shard waits for its own part
            for (int id = 1; id <= ROWS; id++) {
                assertThat(client.number(READ + "READ_YOUR_WRITE", id)).isEqualTo(1);
            }
        }
    }

    @Test
    void aTokenCarriesTheWritesOfEveryShard() throws Exception {
        int node = 1 + nodes.leader(1) % 3;
        try (Client writer = at(node);
                Client reader = at(1 + node % 3)) {
            nodes.isolate(node);
            writer.update(CLICK, in(1));
            writer.update(CLICK, in(3));
            String token = writer.token();
            reader.use(token);
            for (int shard : List.of(1, 3)) {
                assertThatThrownBy(() -> reader.number(READ + "READ_YOUR_WRITE WITHIN 100 MS", in(shard)))
                        .hasMessageContaining("shard " + shard)
                        .extracting(e -> ((SQLException) e).getSQLState())
                        .isEqualTo("TC001");
            }
            // nothing waits in these shards
            assertThat(reader.number(READ + "READ_YOUR_WRITE WITHIN 1 S", in(2)))
                    .isZero();
            assertThat(reader.number(READ + "EVENTUAL", in(1))).isZero();
            assertThatThrownBy(() ->
                            reader.number("SELECT SUM(N) FROM COUNTER WITH CONSISTENCY LINEARIZABLE WITHIN 200 MS"))
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("TC001");
            nodes.heal();
            assertThat(reader.number("SELECT SUM(N) FROM COUNTER WITH CONSISTENCY LINEARIZABLE"))
                    .isEqualTo(2);
            assertThat(reader.number(READ + "READ_YOUR_WRITE", in(1))).isEqualTo(1);
            try (Client third = at(0)) {
                assertThat(third.number("SELECT SUM(N) FROM COUNTER WITH CONSISTENCY EVENTUAL AFTER '" + token + "'"))
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void aRejectedWriteIsFoundInItsShard() throws Exception {
        String insert = "INSERT INTO COUNTER VALUES (?, ?) WITH CONSISTENCY EVENTUAL";
        try (Client client = at(1)) {
            client.update(insert, in(2), 55);
            client.update(insert, in(1), 66);
            awaitCarriedOut();
            Cluster.await(
                    "both with ids of their own",
                    () -> client.number(
                                    "SELECT COUNT(DISTINCT ID) FROM TUNABLE.REJECTED_WRITES WITH CONSISTENCY LINEARIZABLE")
                            == 2);
            long id = client.number(
                    "SELECT ID FROM TUNABLE.REJECTED_WRITES WHERE PARAMETERS LIKE '%55%' WITH CONSISTENCY LINEARIZABLE");
            assertThatThrownBy(() -> client.update("RETRY REJECTED WRITE " + id))
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("23505");
            client.update("DELETE FROM COUNTER WHERE ID = ?", in(2));
            assertThat(client.update("RETRY REJECTED WRITE " + id)).isEqualTo(1);
            assertThat(client.number(READ + "LINEARIZABLE", in(2))).isEqualTo(55);
            Cluster.await("the other one alone", () -> rejected() == 1);
            client.execute("DISMISS REJECTED WRITE ALL");
            Cluster.await("none", () -> rejected() == 0);
            assertThatThrownBy(() -> client.update("DISMISS REJECTED WRITE " + id))
                    .hasMessageContaining("no rejected write");
        }
    }

    @Test
    void whatConcernsSeveralShardsIsRaised() throws Exception {
        try (Client client = at(3)) {
            assertThat(client.update("UPDATE COUNTER SET N = N + 5 WITH CONSISTENCY EVENTUAL"))
                    .isEqualTo(ROWS);
            Receipt receipt = client.receipt();
            assertThat(receipt.reason()).contains("raised: it concerns several shards");
            assertThat(client.number("SELECT SUM(N) FROM COUNTER")).isEqualTo(5L * ROWS);
        }
    }

    @Test
    void aTransactionIsQueuedForOneShard() throws Exception {
        try (Client client = at(1);
                Statement statement = client.connection().createStatement()) {
            client.begin();
            int first = IDS.get(2).get(0);
            int second = IDS.get(2).get(1);
            statement.execute("SET TRANSACTION CONSISTENCY EVENTUAL");
            client.update("UPDATE COUNTER SET N = N + 1 WHERE ID = ?", first);
            client.update("UPDATE COUNTER SET N = N + 2 WHERE ID = ?", second);
            assertThatThrownBy(() -> client.update("UPDATE COUNTER SET N = N + 4 WHERE ID = ?", in(3)))
                    .hasMessageContaining("one shard as a whole")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("TC005");
            assertThatThrownBy(() -> client.update("UPDATE COUNTER SET N = 9"))
                    .hasMessageContaining("several shards")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("TC005");
            client.commit();
            client.connection().setAutoCommit(true);
            assertThat(client.number(READ + "READ_YOUR_WRITE", first)).isEqualTo(1);
            assertThat(client.number(READ + "READ_YOUR_WRITE", second)).isEqualTo(2);
            assertThat(client.number("SELECT SUM(N) FROM COUNTER")).isEqualTo(3);
        }
    }
}
