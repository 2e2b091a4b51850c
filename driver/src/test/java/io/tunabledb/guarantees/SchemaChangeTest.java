package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Schema changes while replicas lag, writers write and leaders are cut off. */
class SchemaChangeTest {
    private static final int CHANGES = Integer.getInteger("schema.changes", 2);

    @RegisterExtension
    static final Cluster cluster = Cluster.shared(1);

    @Test
    void aTableThatWasCreatedIsFoundOnEveryReplicaInReach() throws SQLException {
        int slow = cluster.follower();
        cluster.nodes().slow(slow, Duration.ofMillis(150));
        try (Client creator = cluster.at(cluster.leader());
                Client elsewhere = cluster.at(slow)) {
            creator.execute("CREATE TABLE FOUND(ID INT PRIMARY KEY)");
            assertThat(elsewhere.number("SELECT COUNT(*) FROM FOUND WITH CONSISTENCY EVENTUAL"))
                    .isZero();
            assertThat(elsewhere.servedBy()).isEqualTo(slow);
            // a row is not waited for like that: the replica is behind indeed
            creator.update("INSERT INTO FOUND VALUES (1)");
            assertThat(elsewhere.number("SELECT COUNT(*) FROM FOUND WITH CONSISTENCY EVENTUAL"))
                    .isZero();
        }
    }

    @Test
    void aReplicaOutOfReachDoesNotHoldASchemaChangeUp() throws SQLException {
        int away = cluster.follower();
        cluster.nodes().isolate(away);
        try (Client creator = cluster.at(cluster.leader());
                Client elsewhere = cluster.at(away)) {
            creator.execute("CREATE TABLE UNSEEN(ID INT PRIMARY KEY)");
            Refusal.expect("42S02", () -> elsewhere.number("SELECT COUNT(*) FROM UNSEEN WITH CONSISTENCY EVENTUAL"));
        }
    }

    /**
     * Each change turns every row's columns over while writers insert; a row logged with the columns of before would
     * break the replicas or end up in the wrong column.
     */
    @Test
    void writersAreKeptOutOfASchemaChangeAlsoWhenItsLeaderIsCutOff() throws Exception {
        cluster.run("CREATE TABLE TURNING(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, KEPT INT NOT NULL)");
        long seed = Seeds.next();
        Random random = new Random(seed);
        AtomicLong inserted = new AtomicLong();
        AtomicLong unknown = new AtomicLong();
        Background writers = new Background();
        try (writers) {
            for (int home = 0; home <= 3; home++) {
                writers.repeat(cluster, home, client -> {
                    try {
                        client.update("INSERT INTO TURNING(KEPT) VALUES (7)");
                        inserted.incrementAndGet();
                    } catch (SQLException e) {
                        if (Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                            unknown.incrementAndGet();
                        } else if (!Refusal.CERTAIN.contains(e.getSQLState())) {
                            throw new AssertionError("seed " + seed, e);
                        }
                    }
                });
            }
            for (int i = 0; i < CHANGES; i++) {
                boolean cut = i > 0 || random.nextBoolean();
                ReplicaStatus leader = cluster.replica(cluster.leader());
                Background change = new Background();
                try (change) {
                    AtomicLong tries = new AtomicLong();
                    change.repeat(cluster, 0, client -> change(client, tries));
                    if (cut) {
                        cluster.nodes().isolate(leader.node());
                        cluster.leaderAfter(leader);
                    }
                    Cluster.await("the schema change", () -> tries.get() >= 1);
                }
                cluster.nodes().heal();
                long enough = inserted.get() + 20;
                Cluster.await("writes to go on", () -> inserted.get() >= enough);
            }
        }
        cluster.healAndCompare();
        try (Client client = cluster.at(0)) {
            long rows = client.number("SELECT COUNT(*) FROM TURNING WHERE KEPT = 7 WITH CONSISTENCY LINEARIZABLE");
            assertThat(rows)
                    .as("inserted %s, unknown %s, seed %d", inserted, unknown, seed)
                    .isBetween(inserted.get(), inserted.get() + unknown.get());
            assertThat(client.number("SELECT COUNT(*) FROM TURNING"))
                    .as("no row in another shape, seed %d", seed)
                    .isEqualTo(rows);
        }
    }

    /** Once per turn of the column: added before KEPT, or dropped again. */
    private static void change(Client client, AtomicLong tries) throws SQLException {
        try {
            client.execute("ALTER TABLE TURNING ADD COLUMN IF NOT EXISTS EXTRA VARCHAR DEFAULT 'x' BEFORE KEPT");
            client.execute("ALTER TABLE TURNING DROP COLUMN IF EXISTS EXTRA");
            tries.incrementAndGet();
        } catch (SQLException e) {
            if (!Refusal.CERTAIN.contains(e.getSQLState()) && !Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                throw e;
            }
        }
    }
}
