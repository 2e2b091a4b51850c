package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.jdbc.TunableConnection;
import io.tunabledb.jdbc.TunableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What concerns one shard of several goes through that shard's log as if there were no others, and through no other's. */
class OneShardTest {
    private static final int SHARDS = 4;
    private static final int ROWS = 20;

    private Connection connection;
    private EmbeddedCluster nodes;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection(
                "jdbc:tunable:mem:" + UUID.randomUUID() + "?electionTimeout=3000&shards=" + SHARDS);
        nodes = connection.unwrap(TunableConnection.class).cluster();
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT) SHARD BY (ID)");
            for (int id = 1; id <= ROWS; id++) {
                // one by one: a transaction over shards is forgotten by entries that come after its answer
                statement.execute("INSERT INTO T VALUES (" + id + ", 0)");
            }
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    /** What a test does with one row. */
    private interface Work {
        void on(int id) throws SQLException;
    }

    @Test
    void eachShardHasItsLeaderOnAnotherNodeAfterTheStart() {
        List<Integer> leaders = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            leaders.add(nodes.leader(shard));
        }
        assertThat(leaders).hasSize(SHARDS).contains(1, 2, 3);
    }

    @Test
    void oneWriteIsOneEntry() throws SQLException {
        assertThat(entriesOf(id -> update("UPDATE T SET V = V + 1 WHERE ID = ?", id)))
                .isEqualTo(1);
        assertThat(entriesOf(id -> update("DELETE FROM T WHERE ID = ?", id))).isEqualTo(1);
        assertThat(entriesOf(id -> update("INSERT INTO T VALUES (?, 1)", id))).isEqualTo(1);
    }

    @Test
    void aTransactionOfOneShardIsOneEntryHoweverMuchItDoes() throws SQLException {
        connection.setAutoCommit(false);
        assertThat(entriesOf(id -> {
                    read(id, "");
                    update("UPDATE T SET V = V + 1 WHERE ID = ?", id);
                    update("DELETE FROM T WHERE ID = ?", id);
                    update("INSERT INTO T VALUES (?, 1)", id);
                    connection.commit();
                }))
                .isEqualTo(1);
    }

    @Test
    void aTransactionOfAllShardsIsMore() throws SQLException {
        connection.setAutoCommit(false);
        long before = applied();
        for (int id = 1; id <= ROWS; id++) {
            update("UPDATE T SET V = V + 1 WHERE ID = ?", id);
        }
        connection.commit();
        assertThat(applied() - before).as("negative control").isGreaterThan(SHARDS);
    }

    @Test
    void readsOfOneShardAreNone() throws SQLException {
        assertThat(entriesOf(id -> {
                    read(id, " WITH CONSISTENCY LINEARIZABLE");
                    read(id, " WITH CONSISTENCY SEQUENTIAL");
                    read(id, " WITH CONSISTENCY SNAPSHOT");
                    read(id, " WITH CONSISTENCY BOUNDED_STALENESS (1 SECOND)");
                }))
                .isZero();
    }

    /** Sequential consistency does not compose: over several shards it is what LINEARIZABLE is, and served where that is. */
    @Test
    void aSessionOverSeveralShardsReadsTheirLeaders() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT V FROM T WHERE ID = ?")) {
            for (int id = 1; id <= ROWS; id++) {
                statement.setInt(1, id);
                statement.executeQuery().close();
                assertThat(statement.unwrap(TunableStatement.class).receipt().served())
                        .extracting("role")
                        .containsExactly("LEADER");
            }
        }
    }

    /** How many entries all logs together have more; the same for rows of every shard, or it fails. */
    private long entriesOf(Work work) throws SQLException {
        List<Long> each = new ArrayList<>();
        for (int id = 1; id <= ROWS; id++) {
            long before = applied();
            work.on(id);
            each.add(applied() - before);
        }
        assertThat(each.stream().distinct()).as("entries: " + each).hasSize(1);
        return each.get(0);
    }

    /** What the leaders have applied, which is all there is: whoever was answered waited for it. */
    private long applied() {
        long sum = 0;
        for (int shard = 0; shard < SHARDS; shard++) {
            sum += nodes.replicas(shard).stream()
                    .mapToLong(ReplicaStatus::applied)
                    .max()
                    .orElseThrow();
        }
        return sum;
    }

    private void update(String sql, int id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, id);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    private void read(int id, String clause) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT V FROM T WHERE ID = ?" + clause)) {
            statement.setInt(1, id);
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
            }
        }
    }
}
