package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A schema change goes through one shard after the other; whoever asks for one state of all never sees it half done. */
class HalfDoneDefinitionTest {
    private static final int ROWS = 40;
    private static final int ROUNDS = Integer.getInteger("definition.rounds", 4);
    private static final String COUNT = "SELECT COUNT(*) FROM T WITH CONSISTENCY ";

    private final AtomicLong whole = new AtomicLong();
    private final AtomicLong halves = new AtomicLong();

    @Test
    void aTableIsTruncatedInAllShardsOrInNone() throws SQLException {
        try (Cluster cluster = Cluster.sharded(4, "CREATE TABLE T(ID INT PRIMARY KEY) SHARD BY (ID)")) {
            try (Background load = new Background()) {
                load.repeat(cluster, 0, client -> look(client, "SNAPSHOT"));
                load.repeat(cluster, 1, client -> look(client, "LINEARIZABLE"));
                load.repeat(cluster, 0, client -> look(client, "EVENTUAL"));
                // until somebody who asks for no more has seen a half: else nothing is shown
                for (int round = 0; round < ROUNDS || (halves.get() == 0 && round < 20 * ROUNDS); round++) {
                    cluster.run("INSERT INTO T SELECT X FROM SYSTEM_RANGE(1, " + ROWS + ")");
                    cluster.run("TRUNCATE TABLE T");
                }
            }
            try (Client client = cluster.at(0)) {
                client.update("INSERT INTO T SELECT X FROM SYSTEM_RANGE(1, " + ROWS + ")");
                assertThat(client.update("TRUNCATE TABLE T"))
                        .as("rows of all shards")
                        .isEqualTo(ROWS);
                client.execute("CREATE TABLE R(ID INT PRIMARY KEY) REFERENCE");
                client.update("INSERT INTO R VALUES (1), (2)");
                assertThat(client.update("TRUNCATE TABLE R"))
                        .as("rows, not copies")
                        .isEqualTo(2);
            }
            assertThat(whole).hasPositiveValue();
            assertThat(halves).as("halves at EVENTUAL, which promises no more").hasPositiveValue();
        }
    }

    private void look(Client client, String level) throws SQLException {
        long rows;
        try {
            rows = client.number(COUNT + level);
        } catch (SQLException e) {
            if (!Refusal.CERTAIN.contains(e.getSQLState())) {
                throw e;
            }
            return;
        }
        if (level.equals("EVENTUAL")) {
            halves.addAndGet(rows == 0 || rows == ROWS ? 0 : 1);
        } else {
            assertThat(rows).as(level).isIn(0L, (long) ROWS);
            whole.incrementAndGet();
        }
    }
}
