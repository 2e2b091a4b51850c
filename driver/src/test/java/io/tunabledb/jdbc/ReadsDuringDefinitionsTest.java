package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.EmbeddedCluster;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Queries of a table while its schema changes: at the leader they wait outside, and fail of nothing that storage calls it. */
class ReadsDuringDefinitionsTest {

    private static int read(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void aQueryOfATableThatIsLockedForASchemaChangeSaysItsLevelCantBeMet() throws Exception {
        String url = Urls.unique() + "&electionTimeout=20000&definitionTimeout=60000";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            statement.execute("CREATE TABLE U(ID INT PRIMARY KEY)");
            statement.execute("INSERT INTO T VALUES (1)");
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            int leader = cluster.leader();
            try (Connection reader = DriverManager.getConnection(url + "&home=" + leader)) {
                assertThat(read(reader, "SELECT COUNT(*) FROM T")).isEqualTo(1);
                // proposed and not answered, it keeps its locks
                cluster.isolate(leader);
                CompletableFuture<Boolean> definition = CompletableFuture.supplyAsync(() -> {
                    try {
                        return statement.execute("ALTER TABLE T ADD COLUMN N INT DEFAULT 5");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
                try {
                    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                    while (canRead(reader, "SELECT COUNT(*) FROM T WITH CONSISTENCY EVENTUAL WITHIN 50 MS")) {
                        assertThat(System.nanoTime())
                                .as("the table is locked by now")
                                .isLessThan(end);
                    }
                    assertThatThrownBy(() -> read(reader, "SELECT 7 FROM T WITH CONSISTENCY EVENTUAL WITHIN 50 MS"))
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo("TC001"));
                    assertThat(read(reader, "SELECT COUNT(*) FROM U WITH CONSISTENCY EVENTUAL"))
                            .isZero();
                } finally {
                    cluster.heal();
                }
                definition.get(60, TimeUnit.SECONDS);
                assertThat(read(reader, "SELECT N FROM T")).isEqualTo(5);
            }
        }
    }

    private static boolean canRead(Connection reader, String query) throws SQLException {
        try {
            read(reader, query);
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("TC001");
            return false;
        }
    }

    @Test
    void readersAndWritersGoOnWhileTheirTableChanges() throws Exception {
        String url = Urls.unique();
        Map<String, String> errors = new ConcurrentHashMap<>();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE Q(ID INT PRIMARY KEY, V INT)");
            statement.execute("INSERT INTO Q SELECT X, X FROM SYSTEM_RANGE(1, 200)");
            for (String sql : List.of(
                    "SELECT COUNT(*), SUM(V) FROM Q WHERE ID > ?",
                    "SELECT COUNT(*) FROM Q WHERE ID <> ? WITH CONSISTENCY EVENTUAL",
                    "UPDATE Q SET V = V + 1 WHERE ID = ?")) {
                Thread thread = new Thread(() -> {
                    try (Connection own = DriverManager.getConnection(url);
                            PreparedStatement prepared = own.prepareStatement(sql)) {
                        while (!stop.get()) {
                            prepared.setInt(1, 1);
                            prepared.execute();
                        }
                    } catch (SQLException e) {
                        errors.put(sql, e.getSQLState() + " " + e.getMessage());
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (String sql : List.of(
                    "CREATE INDEX QI ON Q(V)",
                    "COMMENT ON TABLE Q IS 'c'",
                    "CREATE OR REPLACE VIEW QV AS SELECT ID FROM Q",
                    "ALTER TABLE Q ADD CONSTRAINT QC CHECK (V > 0)",
                    "DROP INDEX QI",
                    "DROP VIEW QV",
                    "ALTER TABLE Q ADD COLUMN Z INT DEFAULT 1",
                    "CREATE TABLE OTHER(A INT)",
                    "ALTER TABLE Q DROP COLUMN Z")) {
                statement.execute(sql);
            }
        } finally {
            stop.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(errors).isEmpty();
    }

    @Test
    void whatAnotherHasJustDefinedIsFoundAtAWeakLevelEverywhere() throws Exception {
        String url = Urls.unique() + "&electionTimeout=20000";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE Q(ID INT PRIMARY KEY)");
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            int leader = cluster.leader();
            int late = leader == 1 ? 2 : 1;
            try (Connection reader = DriverManager.getConnection(url + "&home=" + late)) {
                // the definition is answered without it, and it has everything soon after
                cluster.cutOneWay(leader, late);
                statement.execute("ALTER TABLE Q ADD COLUMN N INT");
                cluster.heal();
                try (PreparedStatement prepared =
                        reader.prepareStatement("SELECT COUNT(N) FROM Q WITH CONSISTENCY EVENTUAL")) {
                    prepared.executeQuery().close();
                }
                cluster.cutOneWay(leader, late);
                statement.execute("ALTER TABLE Q ADD COLUMN M INT");
                cluster.heal();
                assertThat(read(reader, "SELECT COUNT(M) FROM Q WITH CONSISTENCY EVENTUAL"))
                        .isZero();
            }
        }
    }
}
