package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.ConsistencyListener;
import io.tunabledb.consistency.Violation;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What TUNABLE.LEVELS and TUNABLE.PBS say after statements whose end is known. */
class SlaTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1 WITH CONSISTENCY ";

    /** Registered as a service of this JVM, see META-INF/services. */
    public static final class Told implements ConsistencyListener {
        static final List<Violation> BY_SERVICE = new CopyOnWriteArrayList<>();

        @Override
        public void violated(Violation violation) {
            BY_SERVICE.add(violation);
        }
    }

    private Cluster cluster;
    private Client client;

    @BeforeEach
    void start() throws SQLException {
        cluster = Cluster.start("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");
        client = cluster.at(cluster.follower());
    }

    @AfterEach
    void stop() throws SQLException {
        client.close();
        cluster.close();
    }

    private List<String> rows(String sql) throws SQLException {
        try (Statement statement = client.connection().createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                found.add(String.join(" ", row));
            }
            return found;
        }
    }

    private List<String> levels(String decidedBy) throws SQLException {
        return rows("SELECT OPERATION, LEVEL, STATEMENTS, MET, VIOLATED, FELL_BACK, RAISED, DOWNGRADED, TIMED_OUT"
                + " FROM TUNABLE.LEVELS WHERE TABLE_NAME = 'PUBLIC.T' AND DECIDED_BY = '" + decidedBy
                + "' ORDER BY 1, 2");
    }

    @Test
    void everyEndIsCountedWhereItBelongs() throws SQLException {
        for (int i = 0; i < 30; i++) {
            client.number(READ + "SEQUENTIAL");
        }
        client.number(READ + "LINEARIZABLE");
        client.execute("SET CONSISTENCY FOR READ = MONOTONIC_READ");
        client.number("SELECT V FROM T");
        client.number("SELECT V FROM T");
        cluster.nodes().isolate(cluster.follower());
        client.number(READ + "LINEARIZABLE WITHIN 50 MS ELSE EVENTUAL");
        Refusal.expect("TC002", () -> client.number(READ + "LINEARIZABLE WITHIN 50 MS"));
        Refusal.expect("42S02", () -> client.number("SELECT * FROM NOSUCH WITH CONSISTENCY EVENTUAL"));
        assertThat(levels("CLAUSE"))
                .containsExactly(
                        "SELECT EVENTUAL 1 1 0 1 0 0 0",
                        "SELECT LINEARIZABLE 2 1 0 0 0 0 1",
                        "SELECT SEQUENTIAL 30 30 0 0 0 0 0");
        assertThat(levels("SET CONSISTENCY")).containsExactly("SELECT MONOTONIC_READ 2 2 0 0 0 0 0");
        assertThat(rows("SELECT TABLE_NAME FROM TUNABLE.LEVELS WHERE TABLE_NAME LIKE 'TUNABLE%'"))
                .isEmpty();
        assertThat(client.connection().sla().levels())
                .anyMatch(figures -> figures.key().table().equals("PUBLIC.T") && figures.count() == 30);
    }

    @Test
    void waitsAndAgesAreSpread() throws SQLException {
        for (int i = 0; i < 100; i++) {
            client.update("UPDATE T SET V = V + 1");
            client.number(READ + "BOUNDED_STALENESS (1 MINUTE)");
        }
        assertThat(rows("SELECT WAIT_P50_MS > 0, WAIT_P50_MS <= WAIT_P99_MS, WAIT_P99_MS <= WAIT_MAX_MS,"
                        + " LATENCY_P50_MS > 0, STALENESS_P50_MS IS NULL FROM TUNABLE.LEVELS"
                        + " WHERE OPERATION = 'UPDATE'"))
                .containsExactly("TRUE TRUE TRUE TRUE TRUE");
        assertThat(rows("SELECT STALENESS_P50_MS >= 0, STALENESS_MAX_MS < 60000 FROM TUNABLE.LEVELS"
                        + " WHERE LEVEL = 'BOUNDED_STALENESS' AND OPERATION = 'SELECT'"))
                .containsExactly("TRUE TRUE");
    }

    @Test
    void theProbabilityOfSeeingAWriteGrowsWithTimeAndDropsWithACut() throws SQLException {
        for (int i = 0; i < 50; i++) {
            client.update("UPDATE T SET V = V + 1");
        }
        String seen = "SELECT PROBABILITY FROM TUNABLE.PBS WHERE TABLE_NAME = 'PUBLIC.T' AND T_MS = ";
        Cluster.await(
                "the first measurements",
                () -> !rows(seen + 1000).isEmpty()
                        && rows("SELECT MAX(SAMPLES) >= 153 FROM TUNABLE.PBS").equals(List.of("TRUE")));
        double soon = Double.parseDouble(rows(seen + 0).get(0));
        double later = Double.parseDouble(rows(seen + 1000).get(0));
        assertThat(soon).isBetween(1 / 3.0, 1.0);
        assertThat(later).isEqualTo(1);
        cluster.nodes().isolate(Cluster.third(cluster.leader(), cluster.follower()));
        for (int i = 0; i < 50; i++) {
            client.update("UPDATE T SET V = V + 1");
        }
        Cluster.await(
                "the replica that is cut off to show",
                () -> Double.parseDouble(rows(seen + 1000).get(0)) < 0.9);
    }

    @Test
    void aListenerThatIsAServiceIsTold() throws SQLException {
        int liar = cluster.follower();
        cluster.nodes().isolate(liar);
        try (Client writer = cluster.at(cluster.leader());
                Client reader = cluster.at(liar, "auditSample=1")) {
            writer.update("UPDATE T SET V = 77");
            reader.use(writer.token());
            cluster.nodes().lie(liar, cluster.replica(cluster.leader()).applied());
            Told.BY_SERVICE.clear();
            reader.number(READ + "READ_YOUR_WRITE");
            Cluster.await("the service to be told", () -> !Told.BY_SERVICE.isEmpty());
        }
        assertThat(Told.BY_SERVICE.get(0).decidedBy()).isEqualTo("CLAUSE");
    }
}
