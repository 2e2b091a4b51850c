package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several sessions change the schema at once, while the leader that gives them their turns is cut off. */
class SchemaTurnsUnderFaultsTest {
    private static final int CUTS = Integer.getInteger("schema.cuts", 2);
    private static final int SHARDS = 3;

    private final AtomicInteger next = new AtomicInteger();
    private final Set<String> tables = new ConcurrentSkipListSet<>();
    private final Set<String> columns = new ConcurrentSkipListSet<>();

    @Test
    void whatWasAnsweredIsThereInEveryShard() throws Exception {
        try (Cluster cluster = Cluster.sharded(
                SHARDS,
                "CREATE TABLE T(ID INT PRIMARY KEY) SHARD BY (ID)",
                "INSERT INTO T SELECT X FROM SYSTEM_RANGE(1, 30)")) {
            try (Background definers = new Background()) {
                for (int home = 0; home <= SHARDS; home++) {
                    definers.repeat(cluster, home, this::create);
                }
                // a later shard may fail on its rows, so the table is frozen meanwhile
                definers.repeat(cluster, 0, this::add);
                for (int i = 0; i < CUTS; i++) {
                    ReplicaStatus leader = cluster.replica(cluster.leader());
                    cluster.nodes().isolate(leader.node());
                    cluster.leaderAfter(leader);
                    int enough = tables.size() + 3;
                    Cluster.await("schema changes to go on", () -> tables.size() >= enough);
                    cluster.nodes().heal();
                    int more = columns.size() + 1;
                    Cluster.await("those of a frozen table too", () -> columns.size() >= more);
                }
            }
            // also compares the shards' schemas
            cluster.healAndCompare();
            try (Client client = cluster.at(0)) {
                for (String table : tables) {
                    // rows of every shard, or 42S02
                    assertThat(client.update("INSERT INTO " + table + " SELECT X FROM SYSTEM_RANGE(1, 30)"))
                            .as(table)
                            .isEqualTo(30);
                }
                for (String column : columns) {
                    assertThat(client.number("SELECT COUNT(" + column + ") FROM T"))
                            .as(column)
                            .isEqualTo(30);
                }
            }
        }
    }

    private void create(Client client) throws SQLException {
        String table = "T" + next.incrementAndGet();
        tried(client, "CREATE TABLE " + table + "(ID INT PRIMARY KEY) SHARD BY (ID)", table, tables);
    }

    private void add(Client client) throws SQLException {
        String column = "C" + next.incrementAndGet();
        tried(client, "ALTER TABLE T ADD COLUMN " + column + " INT DEFAULT 1 NOT NULL", column, columns);
    }

    private static void tried(Client client, String sql, String name, Set<String> done) throws SQLException {
        try {
            client.execute(sql);
            done.add(name);
        } catch (SQLException e) {
            if (!Refusal.CERTAIN.contains(e.getSQLState()) && !Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                throw e;
            }
        }
    }
}
