package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.jdbc.TunableConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A healthy database with several shards never says that it broke a promise: somebody may be woken by it. */
class AuditOverShardsTest {
    private static final String URL = "jdbc:tunable:mem:audit-over-shards?shards=4&auditSample=1";
    private static final int ROWS = 32;
    private static final int ROUNDS = 150;

    @Test
    void transactionsOverShardsRaiseNoAlarm() throws Exception {
        try (Connection keeper = DriverManager.getConnection(URL);
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, N INT) SHARD BY (ID)");
            for (int id = 0; id < ROWS; id++) {
                statement.execute("INSERT INTO T VALUES(" + id + ", 0)");
            }
            assertThat(keeper.unwrap(TunableConnection.class).cluster().shards())
                    .isEqualTo(4);
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            long seed = System.nanoTime();
            for (int i = 0; i < 4; i++) {
                int client = i;
                clients.add(CompletableFuture.runAsync(() -> load(new Random(seed + client), client % 2 == 0)));
            }
            CompletableFuture.allOf(clients.toArray(CompletableFuture<?>[]::new))
                    .get(2, TimeUnit.MINUTES);
            try (ResultSet rows = statement.executeQuery("SELECT * FROM TUNABLE.VIOLATIONS")) {
                StringBuilder found = new StringBuilder();
                while (rows.next()) {
                    for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                        found.append(rows.getString(column)).append(' ');
                    }
                }
                assertThat(found.toString()).as("seed %d", seed).isEmpty();
            }
        }
    }

    /** Transfers over two shards, cuts over all of them, and reads of what the session itself has just written. */
    private static void load(Random random, boolean readsAll) {
        try (Connection connection = DriverManager.getConnection(URL);
                Statement statement = connection.createStatement()) {
            for (int round = 0; round < ROUNDS; round++) {
                int one = random.nextInt(ROWS);
                try {
                    connection.setAutoCommit(false);
                    statement.executeUpdate("UPDATE T SET N = N - 1 WHERE ID = " + one);
                    statement.executeUpdate("UPDATE T SET N = N + 1 WHERE ID = " + random.nextInt(ROWS));
                    connection.commit();
                } catch (SQLException e) {
                    // a deadlock over shards, for example: what matters is what the audit says
                    connection.rollback();
                }
                connection.setAutoCommit(true);
                statement.executeQuery("SELECT N FROM T WHERE ID = " + one).close();
                statement
                        .executeQuery("SELECT N FROM T WHERE ID = " + random.nextInt(ROWS))
                        .close();
                if (readsAll) {
                    statement
                            .executeQuery("SELECT SUM(N) FROM T WITH CONSISTENCY SNAPSHOT")
                            .close();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
