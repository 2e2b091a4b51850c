package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ladders at a cut-off follower, of reads and of writes, and what receipts say of that; hints; weak writes. */
class LadderTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1";

    @RegisterExtension
    static final Cluster cluster =
            Cluster.shared(1, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");

    private Client client;

    @BeforeEach
    void sitAtAFollower() throws SQLException {
        client = cluster.at(cluster.follower());
    }

    @AfterEach
    void close() throws SQLException {
        client.close();
    }

    private void cutOff() {
        cluster.nodes().isolate(cluster.follower());
    }

    @Test
    void aHealthyClusterServesTheFirstRung() throws SQLException {
        client.number(READ + " WITH CONSISTENCY LINEARIZABLE WITHIN 1 SECOND ELSE EVENTUAL");
        assertThat(client.receipt().granted().level()).isEqualTo(Level.LINEARIZABLE);
        assertThat(client.receipt().reason()).isNull();
    }

    @Test
    void cutOffItFallsToTheNextRungAndTheReceiptSaysWhy() throws SQLException {
        cutOff();
        client.number(READ + " WITH CONSISTENCY LINEARIZABLE WITHIN 100 MS ELSE EVENTUAL");
        Receipt receipt = client.receipt();
        assertThat(receipt.asked().first().level()).isEqualTo(Level.LINEARIZABLE);
        assertThat(receipt.granted().level()).isEqualTo(Level.EVENTUAL);
        assertThat(receipt.reason()).contains("LINEARIZABLE WITHIN 100 MS");
        assertThat(receipt.decidedBy()).isEqualTo("CLAUSE");
    }

    @Test
    void aRungThatIsNotExpectedToBeMetIsSkippedUntilItIsWorthATry() throws SQLException {
        String ladder = READ + " WITH CONSISTENCY LINEARIZABLE WITHIN 150 MS ELSE EVENTUAL";
        cutOff();
        int waited = 0;
        long startedAt = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            client.number(ladder);
            assertThat(client.receipt().granted().level()).isEqualTo(Level.EVENTUAL);
            assertThat(client.receipt().reason()).startsWith("fell to rung 2: LINEARIZABLE WITHIN 150 MS was not ");
            waited += client.receipt().reason().contains("was not met") ? 1 : 0;
        }
        // without the forecast each of the 20 would wait for its 150 ms
        assertThat(waited).isBetween(1, 5);
        assertThat(System.nanoTime() - startedAt).isLessThan(1_500_000_000L);
        assertThat(client.receipt().reason()).contains("was not tried, predicted is", "with probability 0.");
        assertThat(explained(ladder))
                .anyMatch(line -> line.startsWith("LINEARIZABLE WITHIN 150 MS") && line.contains("with probability 0."))
                .anyMatch(line -> line.startsWith("EVENTUAL") && line.contains("with probability 1.00"))
                .contains("begins with rung 2 of 2: EVENTUAL");
        cluster.nodes().heal();
        Cluster.await("the first rung to be tried again and met", () -> {
            client.number(ladder);
            return client.receipt().granted().level() == Level.LINEARIZABLE;
        });
        assertThat(client.receipt().reason()).isNull();
    }

    private List<String> explained(String sql) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (var statement = client.connection().createStatement();
                var rows = statement.executeQuery("EXPLAIN CONSISTENCY " + sql)) {
            while (rows.next()) {
                if (rows.getString("STEP").equals("route")) {
                    lines.add(rows.getString("DETAIL"));
                }
            }
        }
        return lines;
    }

    @Test
    void rungsAreTriedInTheirOrder() throws SQLException {
        int home = cluster.follower();
        Cluster.await("a lease at n" + home, () -> {
            client.number(READ + " WITH CONSISTENCY BOUNDED_STALENESS (1 MINUTE)");
            return client.servedBy() == home;
        });
        cutOff();
        client.number(
                READ
                        + " WITH CONSISTENCY LINEARIZABLE WITHIN 50 MS ELSE BOUNDED_STALENESS (1 MINUTE) WITHIN 50 MS ELSE EVENTUAL");
        assertThat(client.receipt().granted().level()).isEqualTo(Level.BOUNDED_STALENESS);
    }

    @Test
    void theLastRungsFailureIsTheError() {
        cutOff();
        Refusal.expect(
                "TC001",
                () -> client.number(READ
                        + " WITH CONSISTENCY LINEARIZABLE WITHIN 50 MS ELSE BOUNDED_STALENESS (1 MS) WITHIN 50 MS"));
        Refusal.expect("TC002", () -> client.number(READ + " WITH CONSISTENCY LINEARIZABLE WITHIN 50 MS ELSE ERROR"));
    }

    @Test
    void withinBoundsTheWait() {
        cutOff();
        long startedAt = System.nanoTime();
        Refusal.expect("TC002", () -> client.number(READ + " WITH CONSISTENCY LINEARIZABLE WITHIN 100 MS"));
        assertThat(System.nanoTime() - startedAt).isBetween(100_000_000L, 1_000_000_000L);
    }

    @Test
    void aHintMeansWhatAClauseMeans() throws SQLException {
        cutOff();
        client.number("SELECT /*+ CONSISTENCY(LINEARIZABLE WITHIN 50 MS ELSE EVENTUAL) */ V FROM T WHERE ID = 1");
        assertThat(client.receipt().decidedBy()).isEqualTo("HINT");
        assertThat(client.receipt().granted().level()).isEqualTo(Level.EVENTUAL);
    }

    @Test
    void aWriteFallsToTheNextRungAndIsDoneOnce() throws Exception {
        client.number(READ + " WITH CONSISTENCY LINEARIZABLE");
        cutOff();
        long before = System.nanoTime();
        Thread healer = new Thread(() -> {
            // the first rung is over after 100 ms; the second waits longer than this
            while (System.nanoTime() - before < 300_000_000L) {
                Thread.onSpinWait();
            }
            cluster.nodes().heal();
        });
        healer.start();
        long value = valueAtTheOthers();
        client.update(
                "UPDATE T SET V = V + 1 WITH CONSISTENCY LINEARIZABLE WITHIN 100 MS ELSE SEQUENTIAL WITHIN 10 SECONDS");
        Receipt got = client.receipt();
        healer.join();
        assertThat(got.granted().level()).isEqualTo(Level.SEQUENTIAL);
        assertThat(got.asked().first().level()).isEqualTo(Level.LINEARIZABLE);
        assertThat(got.reason()).contains("LINEARIZABLE WITHIN 100 MS was not met");
        assertThat(valueAtTheOthers()).isEqualTo(value + 1);
    }

    @Test
    void aWriteThatMissesEveryRungFailsAndLeavesNothing() throws SQLException {
        long value = valueAtTheOthers();
        cutOff();
        Refusal.expect(
                "TC002",
                () -> client.update("UPDATE T SET V = V + 1"
                        + " WITH CONSISTENCY LINEARIZABLE WITHIN 50 MS ELSE SEQUENTIAL WITHIN 50 MS"));
        assertThat(valueAtTheOthers()).isEqualTo(value);
    }

    @Test
    void aMissedAckAllIsAcknowledgedByAMajorityIfThatWillDo() throws SQLException {
        long value = valueAtTheOthers();
        try (Client other = cluster.at(cluster.leader())) {
            cutOff();
            String update = "UPDATE T SET V = V + 1 WITH CONSISTENCY SEQUENTIAL WITHIN 200 MS ACK ALL";
            other.update(update + " ELSE SEQUENTIAL");
            assertThat(other.receipt().granted().ackAll()).isFalse();
            assertThat(other.receipt().reason()).contains("ACK ALL was not met");
            assertThat(valueAtTheOthers()).as("not written twice").isEqualTo(value + 1);
            Refusal.expect("TC001", () -> other.update(update));
        }
    }

    private static long valueAtTheOthers() throws SQLException {
        try (Client other = cluster.at(cluster.leader())) {
            return other.number(READ + " WITH CONSISTENCY LINEARIZABLE");
        }
    }

    @Test
    void aWeakWriteIsAcknowledgedByAnOutboxAndItsReceiptSaysSo() throws SQLException {
        client.update("UPDATE T SET V = V + 1 WITH CONSISTENCY EVENTUAL");
        assertThat(client.receipt().asked().first().level()).isEqualTo(Level.EVENTUAL);
        assertThat(client.receipt().granted().level()).isEqualTo(Level.EVENTUAL);
        assertThat(client.receipt().reason()).isNull();
        assertThat(client.receipt().served().get(0).role()).isEqualTo("OUTBOX");
    }
}
