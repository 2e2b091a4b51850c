package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ladders at a cut-off follower, and what receipts say of that; hints; weak writes. */
class LadderTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1";

    private static Cluster cluster;

    private Client client;

    @BeforeAll
    static void start() throws SQLException {
        cluster = Cluster.start("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");
    }

    @BeforeEach
    void sitAtAFollower() throws SQLException {
        client = cluster.at(cluster.follower());
    }

    @AfterEach
    void healAndCompare() throws SQLException, IOException {
        client.close();
        cluster.healAndCompare();
    }

    @AfterAll
    static void stop() throws SQLException {
        cluster.close();
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
    void aWeakWriteIsAcknowledgedByAnOutboxAndItsReceiptSaysSo() throws SQLException {
        client.update("UPDATE T SET V = V + 1 WITH CONSISTENCY EVENTUAL");
        assertThat(client.receipt().asked().first().level()).isEqualTo(Level.EVENTUAL);
        assertThat(client.receipt().granted().level()).isEqualTo(Level.EVENTUAL);
        assertThat(client.receipt().reason()).isNull();
        assertThat(client.receipt().served().get(0).role()).isEqualTo("OUTBOX");
    }
}
