package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Violation;
import io.tunabledb.engine.monitor.AuditFigures;
import io.tunabledb.engine.monitor.SlaMonitor;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The audit trusts no replica: one that claims to be fresh and to have applied what it has not is found out, and honest
 * ones are not accused, whatever happens to them.
 */
class AuditTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1 WITH CONSISTENCY ";
    private static final String ALL = "auditSample=1";

    private final List<Violation> told = new CopyOnWriteArrayList<>();
    private Cluster cluster;
    private SlaMonitor sla;

    @BeforeEach
    void start() throws SQLException {
        cluster = Cluster.start("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");
        try (Client client = cluster.at(0)) {
            sla = client.connection().sla();
        }
        sla.addListener(told::add);
    }

    @AfterEach
    void stop() throws SQLException {
        cluster.close();
    }

    private long count(java.util.function.ToLongFunction<AuditFigures> figure) {
        return sla.audits().stream().mapToLong(figure).sum();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BOUNDED_STALENESS (100 MS)",
                "SEQUENTIAL",
                "READ_YOUR_WRITE",
                "MONOTONIC_READ",
                "SNAPSHOT",
            })
    void aReplicaThatLiesIsFoundOut(String level) throws SQLException, IOException {
        int liar = cluster.follower();
        int honest = Cluster.third(cluster.leader(), liar);
        cluster.nodes().isolate(liar);
        try (Client writer = cluster.at(honest);
                Client reader = cluster.at(liar, ALL)) {
            writer.update("UPDATE T SET V = 1");
            long written = writer.number("SELECT V FROM T");
            assertThat(written).isEqualTo(1);
            reader.use(writer.token());
            long wrote = System.nanoTime();
            Cluster.await("the write to be older than the bound", () -> System.nanoTime() - wrote > 150_000_000);
            cluster.nodes().lie(liar, cluster.replica(honest).applied());
            assertThat(reader.number(READ + level)).as("the lie is believed").isZero();
            assertThat(reader.servedBy()).isEqualTo(liar);
            Cluster.await("the audit to find it", () -> !told.isEmpty());
        }
        Violation violation = told.get(0);
        assertThat(violation.foundBy()).isEqualTo(Violation.FoundBy.AUDIT);
        assertThat(violation.granted().text()).isEqualTo(level);
        assertThat(violation.replica()).isEqualTo("n" + liar);
        assertThat(violation.tables()).containsExactly("PUBLIC.T");
        try (Client client = cluster.at(honest)) {
            assertThat(client.number("SELECT SUM(VIOLATED) FROM TUNABLE.LEVELS WHERE TABLE_NAME = 'PUBLIC.T'"))
                    .isEqualTo(1);
            assertThat(client.number("SELECT SUM(BROKEN) FROM TUNABLE.AUDIT")).isEqualTo(1);
            assertThat(client.number("SELECT COUNT(*) FROM TUNABLE.VIOLATIONS WHERE NODE = 'n" + liar
                            + "' AND FOUND_BY = 'AUDIT'"))
                    .isEqualTo(1);
        }
        cluster.nodes().kill(liar);
        cluster.healAndCompare();
    }

    @Test
    void anEventualReadOfALiarIsNoViolation() throws SQLException {
        int liar = cluster.follower();
        cluster.nodes().isolate(liar);
        try (Client writer = cluster.at(cluster.leader());
                Client reader = cluster.at(liar, ALL)) {
            writer.update("UPDATE T SET V = 1");
            cluster.nodes().lie(liar, cluster.replica(cluster.leader()).applied());
            assertThat(reader.number(READ + "EVENTUAL")).isZero();
            reader.number(READ + "MONOTONIC_READ");
            Cluster.await(
                    "the audit of the second read", () -> count(AuditFigures::kept) + count(AuditFigures::broken) > 0);
        }
        assertThat(sla.audits()).extracting(figures -> figures.level().name()).containsExactly("MONOTONIC_READ");
    }

    @Test
    void honestReplicasAreNotAccusedUnderFaults() throws SQLException, IOException {
        underFaults(Duration.ofSeconds(Integer.getInteger("audit.seconds", 4)));
    }

    /** Five minutes of it: {@code mvn verify -Pcampaign [-Dcampaign.seconds=N]}. */
    @Test
    @Tag("campaign")
    void honestReplicasAreNotAccusedUnderFaultsForLong() throws SQLException, IOException {
        underFaults(Duration.ofSeconds(Integer.getInteger("campaign.seconds", 300)));
    }

    private void underFaults(Duration length) throws SQLException, IOException {
        long seed = Seeds.next();
        Random random = new Random(seed);
        try (Background load = new Background()) {
            for (int home = 1; home <= 3; home++) {
                load.repeat(cluster, home, AuditTest::write);
                load.repeat(cluster, home, AuditTest::read, ALL);
            }
            long until = System.nanoTime() + length.toNanos();
            while (System.nanoTime() < until) {
                hurt(random);
                pause(300 + random.nextInt(500));
                cluster.nodes().heal();
                pause(random.nextInt(500));
            }
        }
        cluster.healAndCompare();
        assertThat(told).as("seed %d", seed).isEmpty();
        assertThat(count(AuditFigures::broken)).as("seed %d", seed).isZero();
        assertThat(count(AuditFigures::kept)).as("audited, seed %d", seed).isGreaterThan(length.toSeconds() * 20);
        assertThat(count(AuditFigures::unknown)).isLessThan(count(AuditFigures::kept) / 10);
    }

    private void hurt(Random random) {
        int node = 1 + random.nextInt(3);
        switch (random.nextInt(3)) {
            case 0 -> cluster.nodes().isolate(node);
            case 1 -> cluster.nodes().cut(node, 1 + node % 3);
            default -> cluster.nodes().slow(node, Duration.ofMillis(random.nextInt(50)));
        }
    }

    private static void pause(long millis) {
        long until = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        while (System.nanoTime() < until) {
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    private static void write(Client client) throws SQLException {
        try {
            client.update("UPDATE T SET V = V + 1 WHERE ID = 1");
        } catch (SQLException e) {
            tolerate(e);
        }
    }

    private static void read(Client client) throws SQLException {
        for (String level : List.of(
                "BOUNDED_STALENESS (50 MS) WITHIN 100 MS",
                "SEQUENTIAL WITHIN 100 MS",
                "READ_YOUR_WRITE WITHIN 100 MS",
                "MONOTONIC_READ WITHIN 100 MS",
                "LINEARIZABLE WITHIN 100 MS")) {
            try {
                client.number(READ + level);
            } catch (SQLException e) {
                tolerate(e);
            }
        }
    }

    private static void tolerate(SQLException e) throws SQLException {
        if (!Refusal.CERTAIN.contains(e.getSQLState()) && !Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
            throw e;
        }
    }
}
