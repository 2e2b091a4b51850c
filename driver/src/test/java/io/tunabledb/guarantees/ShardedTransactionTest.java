package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a transaction over several shards is to the one who runs it. */
class ShardedTransactionTest {
    private static final String READ = "SELECT V FROM T WHERE ID = ?";
    private static final String WRITE = "UPDATE T SET V = ? WHERE ID = ?";
    private static final String SUM = "SELECT SUM(V) FROM T WITH CONSISTENCY LINEARIZABLE";

    @RegisterExtension
    static final Cluster cluster = Cluster.shared(
            2,
            "CREATE TABLE T(ID INT PRIMARY KEY, V INT) SHARD BY (ID)",
            "CREATE TABLE R(CODE INT PRIMARY KEY, ID UUID DEFAULT RANDOM_UUID()) REFERENCE");
    /** The keys of two rows that are in different shards. */
    private static int here;

    private static int there;

    @BeforeAll
    static void start() throws SQLException {
        try (Client client = cluster.at(0)) {
            List<Integer> shards = new ArrayList<>();
            for (int id = 0; id < 20; id++) {
                client.update("INSERT INTO T VALUES (?, 0)", id);
                shards.add(client.receipt().served().get(0).shard());
            }
            here = shards.indexOf(0);
            there = shards.indexOf(1);
        }
    }

    @BeforeEach
    void reset() throws SQLException {
        cluster.run("UPDATE T SET V = 0");
        cluster.run("DELETE FROM R");
    }

    @Test
    void aDeadlockBetweenShardsEndsWithOneOfThemRolledBackWhole() throws Exception {
        try (Client one = cluster.at(0);
                Client other = cluster.at(0)) {
            for (Client client : List.of(one, other)) {
                client.execute("SET LOCK_TIMEOUT 600000");
                client.begin();
            }
            one.update(WRITE, 1, here);
            other.update(WRITE, 10, there);
            CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> end(one, 2, there));
            String second = end(other, 20, here);
            List<String> ends = List.of(first.get(20, TimeUnit.SECONDS), second);
            assertThat(ends).contains("40001").isSubsetOf("40001", "done");
            long expected = ends.get(0).equals("done") ? 3 : second.equals("done") ? 30 : 0;
            try (Client reader = cluster.at(0)) {
                assertThat(reader.number(SUM)).isEqualTo(expected);
            }
        }
    }

    private static String end(Client client, int value, int id) {
        try {
            client.update(WRITE, value, id);
            client.commit();
            return "done";
        } catch (SQLException e) {
            String refused = Refusal.expect("40001", client::commit);
            assertThat(refused).isNotEmpty();
            return e.getSQLState();
        }
    }

    @Test
    void aSavepointCoversShardsThatComeInLater() throws SQLException {
        try (Client client = cluster.at(0)) {
            client.begin();
            client.update(WRITE, 1, here);
            client.execute("SAVEPOINT S");
            client.update(WRITE, 2, here);
            client.update(WRITE, 4, there);
            client.execute("ROLLBACK TO SAVEPOINT S");
            assertThat(client.number(READ, here)).isEqualTo(1);
            assertThat(client.number(READ, there)).isZero();
            client.commit();
            assertThat(client.number(SUM)).isEqualTo(1);
        }
    }

    @Test
    void aRollbackIsOneInEveryShard() throws SQLException {
        try (Client client = cluster.at(0)) {
            client.begin();
            client.update("UPDATE T SET V = V + 1");
            client.update("INSERT INTO R(CODE) VALUES (1)");
            client.rollback();
            client.connection().setAutoCommit(true);
            assertThat(client.number(SUM)).isZero();
            assertThat(client.number("SELECT COUNT(*) FROM R WITH CONSISTENCY LINEARIZABLE"))
                    .isZero();
        }
    }

    @Test
    void whatAReferenceTableDrawsIsTheSameInEveryShard() throws SQLException {
        cluster.run("INSERT INTO R(CODE) VALUES (" + here + "), (" + there + ")");
        cluster.run("INSERT INTO R(CODE) SELECT ID + 100 FROM T WHERE ID IN (" + here + ", " + there + ")");
        try (Client client = cluster.at(0)) {
            // the rows are another session's
            String ids = "SELECT COUNT(*) FROM T JOIN R ON R.CODE >= 0 WHERE T.ID = ? WITH CONSISTENCY LINEARIZABLE";
            assertThat(client.number(ids, here)).isEqualTo(4);
            assertThat(client.number(ids, there)).isEqualTo(4);
            String first = "SELECT ORA_HASH(LISTAGG(R.ID, ',') WITHIN GROUP (ORDER BY CODE)) FROM T CROSS JOIN R "
                    + "WHERE T.ID = ? WITH CONSISTENCY LINEARIZABLE";
            assertThat(client.number(first, here)).isEqualTo(client.number(first, there));
        }
    }
}
