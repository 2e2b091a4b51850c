package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Local temporary tables are in the leader's memory alone: when they go with it, their session is told so, and once to retry. */
@ParameterizedClass
@ValueSource(ints = {1, 4})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LostTemporaryTablesTest {
    private static final String COUNT = "SELECT COUNT(*) FROM SCRATCH";

    @Parameter
    int shards;

    private Cluster cluster;

    /** How a session loses its leader. */
    private enum Loss {
        CUT_OFF {
            @Override
            void of(Cluster cluster, int node) {
                cluster.nodes().isolate(node);
            }
        },
        KILLED {
            @Override
            void of(Cluster cluster, int node) {
                cluster.nodes().kill(node);
            }
        };

        abstract void of(Cluster cluster, int node);
    }

    @BeforeEach
    void start() throws SQLException {
        if (cluster != null) {
            return;
        }
        String by = shards == 1 ? "" : " SHARD BY (ID)";
        cluster = Cluster.sharded(
                shards,
                "CREATE TABLE T(ID INT PRIMARY KEY, V INT)" + by,
                "INSERT INTO T VALUES (1, 0), (2, 0), (3, 0)");
    }

    @AfterEach
    void healAndCompare() throws SQLException, IOException {
        cluster.run("DROP TABLE IF EXISTS SCRATCH");
        cluster.healAndCompare();
    }

    @AfterAll
    void stop() throws SQLException {
        cluster.close();
    }

    private static void fill(Client client) throws SQLException {
        client.execute("CREATE LOCAL TEMPORARY TABLE SCRATCH(ID INT PRIMARY KEY)");
        client.execute("CREATE LOCAL TEMPORARY TABLE OTHER(ID INT PRIMARY KEY)");
        client.execute("INSERT INTO SCRATCH VALUES (1), (2)");
        assertThat(client.number(COUNT)).isEqualTo(2);
    }

    private void lose(Loss loss) {
        loss.of(cluster, cluster.leader());
    }

    private static void assertToldOnce(Client client, List<Refusal.Call> statements) throws SQLException {
        assertThat(Refusal.expect("40001", statements.get(0)))
                .contains("OTHER, SCRATCH", "gone with their rows", "leader of shard 0")
                .contains("create and fill them again");
        client.rollback();
        for (Refusal.Call statement : statements) {
            Refusal.expect("42S02", statement);
        }
        client.execute("CREATE LOCAL TEMPORARY TABLE SCRATCH(ID INT PRIMARY KEY)");
        client.update("INSERT INTO SCRATCH VALUES (7)");
        assertThat(client.number(COUNT)).isEqualTo(1);
        Refusal.expect("42S02", () -> client.number("SELECT COUNT(*) FROM OTHER"));
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void outsideOfATransaction(Loss loss) throws SQLException {
        try (Client client = cluster.at(0, "consistencyTimeout=60000")) {
            fill(client);
            lose(loss);
            // who does not name them notices nothing
            assertThat(client.update("UPDATE T SET V = V + 1 WHERE ID = 1")).isEqualTo(1);
            assertThat(client.number("SELECT COUNT(*) FROM T")).isEqualTo(3);
            assertToldOnce(
                    client,
                    List.of(
                            () -> client.number(COUNT),
                            () -> client.update("INSERT INTO SCRATCH VALUES (3)"),
                            () -> client.execute("TRUNCATE TABLE SCRATCH"),
                            () -> client.execute("DROP TABLE SCRATCH"),
                            () -> client.number("SELECT COUNT(*) FROM T JOIN SCRATCH USING (ID)")));
        }
    }

    @Test
    void withAStatementThatNamesThemAtOnce() throws SQLException {
        try (Client client = cluster.at(0, "consistencyTimeout=60000")) {
            fill(client);
            lose(Loss.CUT_OFF);
            assertToldOnce(client, List.of(() -> client.number("SELECT COUNT(*) FROM T JOIN SCRATCH USING (ID)")));
        }
    }

    @Test
    void inATransaction() throws SQLException {
        try (Client client = cluster.at(0, "consistencyTimeout=60000")) {
            fill(client);
            client.begin();
            client.update("INSERT INTO SCRATCH VALUES (3)");
            client.update("UPDATE T SET V = V + 1");
            lose(Loss.CUT_OFF);
            Refusal.expect("40001", () -> {
                client.number(COUNT);
                client.commit();
            });
            client.rollback();
            client.begin();
            client.update("UPDATE T SET V = V + 1 WHERE ID = 1");
            assertToldOnce(client, List.of(() -> client.number(COUNT)));
            client.rollback();
        }
    }

    /** Another session may have made a table of that name, which everybody has: it is not theirs. */
    @Test
    void noOtherTableIsTakenForThem() throws SQLException {
        try (Client client = cluster.at(0, "consistencyTimeout=60000")) {
            fill(client);
            lose(Loss.CUT_OFF);
            cluster.run("CREATE TABLE SCRATCH(ID INT PRIMARY KEY)");
            Refusal.expect("40001", () -> client.number(COUNT));
            assertThat(Refusal.expect("42S02", () -> client.execute("DROP TABLE IF EXISTS SCRATCH")))
                    .contains("local temporary table SCRATCH is gone with its rows");
            Refusal.expect("42S02", () -> client.update("INSERT INTO SCRATCH VALUES (3)"));
        }
    }
}
