package io.tunabledb.guarantees;

import static io.tunabledb.guarantees.Anomaly.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which anomalies explicit transactions show: at the default, at H2's isolations above it, and at LINEARIZABLE; over shards as in one. */
class AnomaliesTest {
    private static Cluster cluster;
    /** Where rows 1 and 4 are in one shard, 2 and 3 in another. */
    private static Cluster sharded;

    private static final Set<Anomaly> OF_SNAPSHOTS =
            EnumSet.of(G2_ITEM_WRITE_SKEW, G2_PREDICATE_WRITE_SKEW, G2_READ_ONLY_TRANSACTION, G2_FOREIGN_KEY);

    /** How a transaction asks, and what it may show then. engine/TRANSACTIONS.md has this table. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody changes the sets
    enum Isolation {
        DEFAULT(
                Connection.TRANSACTION_READ_COMMITTED,
                "SEQUENTIAL",
                EnumSet.of(
                        PMP_PREDICATE_MANY_PRECEDERS,
                        P4_LOST_UPDATE,
                        G_SINGLE_READ_SKEW,
                        G_SINGLE_OF_PREDICATES,
                        G2_ITEM_WRITE_SKEW,
                        G2_PREDICATE_WRITE_SKEW,
                        G2_READ_ONLY_TRANSACTION,
                        G2_FOREIGN_KEY)),
        SERIALIZABLE(Connection.TRANSACTION_SERIALIZABLE, "SEQUENTIAL", OF_SNAPSHOTS),
        /** H2's own; its number is none of JDBC's. */
        SNAPSHOT(6, "SEQUENTIAL", OF_SNAPSHOTS),
        REPEATABLE_READ(Connection.TRANSACTION_REPEATABLE_READ, "SEQUENTIAL", OF_SNAPSHOTS),
        LINEARIZABLE(Connection.TRANSACTION_READ_COMMITTED, "LINEARIZABLE", EnumSet.noneOf(Anomaly.class)),
        LINEARIZABLE_SERIALIZABLE(Connection.TRANSACTION_SERIALIZABLE, "LINEARIZABLE", EnumSet.noneOf(Anomaly.class)),
        LINEARIZABLE_UNCOMMITTED(
                Connection.TRANSACTION_READ_UNCOMMITTED, "LINEARIZABLE", EnumSet.noneOf(Anomaly.class));

        private final int storage;
        private final String level;
        private final Set<Anomaly> shows;

        Isolation(int storage, String level, Set<Anomaly> shows) {
            this.storage = storage;
            this.level = level;
            this.shows = shows;
        }
    }

    @BeforeAll
    static void start() throws SQLException {
        cluster = Cluster.start(
                "CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
                "CREATE TABLE PARENT(ID INT PRIMARY KEY)",
                "CREATE TABLE CHILD(ID INT PRIMARY KEY, PARENT INT REFERENCES PARENT)");
        sharded = Cluster.sharded(
                2,
                "CREATE TABLE T(ID INT PRIMARY KEY, V INT) SHARD BY (ID)",
                "CREATE TABLE PARENT(ID INT PRIMARY KEY) SHARD BY (ID)",
                "CREATE TABLE CHILD(ID INT, PARENT INT REFERENCES PARENT, PRIMARY KEY(ID, PARENT)) SHARD BY (PARENT)");
    }

    @AfterAll
    static void stop() throws SQLException, IOException {
        cluster.healAndCompare();
        cluster.close();
        sharded.close();
    }

    static Stream<Arguments> all() {
        return Arrays.stream(Isolation.values())
                .flatMap(isolation -> Arrays.stream(Anomaly.values()).map(anomaly -> Arguments.of(isolation, anomaly)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void showsWhatIsDocumentedAndNothingElse(Isolation isolation, Anomaly anomaly) throws Exception {
        shows(cluster, isolation, anomaly, isolation.shows.contains(anomaly));
    }

    static Stream<Arguments> aboveTheDefault() {
        return all().filter(arguments -> arguments.get()[0] != Isolation.DEFAULT);
    }

    @ParameterizedTest
    @MethodSource("aboveTheDefault")
    void showsTheSameAcrossShards(Isolation isolation, Anomaly anomaly) throws Exception {
        shows(sharded, isolation, anomaly, isolation.shows.contains(anomaly));
    }

    /** Those that show whichever replica a read is served from. */
    @ParameterizedTest
    @EnumSource(names = {"P4_LOST_UPDATE", "G2_ITEM_WRITE_SKEW"})
    void theDefaultShowsItsAnomaliesAcrossShardsToo(Anomaly anomaly) throws Exception {
        shows(sharded, Isolation.DEFAULT, anomaly, true);
    }

    private static void shows(Cluster on, Isolation isolation, Anomaly anomaly, boolean expected) throws Exception {
        reset(on);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(client(on, isolation));
        }
        try (Interleaving run = new Interleaving(clients)) {
            run.run(anomaly.steps());
            run.rows(rows(on));
            assertThat(anomaly.occurredIn(run)).as(run.toString()).isEqualTo(expected);
            assertThat(run.failures()).as("a conflict is to be retried").allMatch("40001"::equals);
            assertThat(List.of(run.committed(1), run.committed(2), run.committed(3)))
                    .as("somebody gets on: %s", run)
                    .contains(true);
        }
    }

    private static Client client(Cluster on, Isolation isolation) throws SQLException {
        // next to the leader, or a follower a moment behind would hide what the weaker levels show
        Client client = on.at(on == cluster ? on.leader() : 0, "consistency=" + isolation.level);
        client.connection().setTransactionIsolation(isolation.storage);
        client.execute("SET LOCK_TIMEOUT 10000");
        client.begin();
        return client;
    }

    private static void reset(Cluster on) throws SQLException {
        for (String sql : List.of(
                "DELETE FROM T",
                "INSERT INTO T VALUES (1, 10), (2, 20)",
                "DELETE FROM CHILD",
                "DELETE FROM PARENT",
                "INSERT INTO PARENT VALUES (1)")) {
            on.run(sql);
        }
    }

    private static String rows(Cluster on) throws SQLException {
        try (Client client = on.at(0);
                Statement statement = client.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT V FROM T ORDER BY ID WITH CONSISTENCY LINEARIZABLE")) {
            return Interleaving.values(rows);
        }
    }
}
