package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections are not meant for many threads at once, but must survive them. */
@Timeout(60)
class SharedConnectionTest {

    private static final int THREADS = 6;
    private static final int ROUNDS = 200;

    private static void inThreads(Callable<?> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(threads.submit(work));
            }
            for (Future<?> each : all) {
                each.get(50, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void threadsWithStatementsOfTheirOwnGetTheirOwnRows() throws Exception {
        try (Connection connection = Urls.open()) {
            inThreads(() -> {
                long id = Thread.currentThread().getId();
                for (int i = 0; i < ROUNDS; i++) {
                    try (PreparedStatement p =
                            connection.prepareStatement("SELECT CAST(? AS BIGINT), CAST(? AS INT)")) {
                        p.setLong(1, id);
                        p.setInt(2, i);
                        try (ResultSet rows = p.executeQuery()) {
                            assertThat(rows.next()).isTrue();
                            assertThat(rows.getLong(1)).isEqualTo(id);
                            assertThat(rows.getInt(2)).isEqualTo(i);
                        }
                    }
                }
                return null;
            });
        }
    }

    @Test
    void writesOfManyThreadsAreAllCounted() throws Exception {
        try (Connection connection = Urls.open();
                Statement setup = connection.createStatement()) {
            setup.execute("CREATE TABLE C(ID INT PRIMARY KEY, N INT)");
            setup.execute("INSERT INTO C VALUES (1, 0)");
            inThreads(() -> {
                try (PreparedStatement p = connection.prepareStatement("UPDATE C SET N = N + 1 WHERE ID = 1")) {
                    for (int i = 0; i < ROUNDS / 4; i++) {
                        assertThat(p.executeUpdate()).isEqualTo(1);
                    }
                }
                return null;
            });
            try (ResultSet rows = setup.executeQuery("SELECT N FROM C")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(THREADS * (ROUNDS / 4));
            }
        }
    }

    /**
     * An execution closes the rows of the one before, also while another thread reads them. That thread must be told by
     * an SQLException; which one depends on where in storage's driver it was, as with H2 itself. What it must never get
     * is a wrong row, an unchecked exception or a statement that is of no use afterwards.
     */
    @Test
    void oneStatementInManyThreadsGivesItsRowsOrAnSqlException() throws Exception {
        try (Connection connection = Urls.open();
                Statement shared = connection.createStatement()) {
            inThreads(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    try {
                        ResultSet rows = shared.executeQuery("SELECT 7");
                        assertThat(rows.next() ? rows.getInt(1) : 7).isEqualTo(7);
                    } catch (SQLException e) {
                        assertThat(e.getSQLState()).as(e.getMessage()).isIn("90007", "02000", "58030");
                    }
                }
                return null;
            });
            try (ResultSet rows = shared.executeQuery("SELECT 8")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(8);
            }
        }
    }
}
