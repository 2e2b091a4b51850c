package io.tunabledb.durability;

import io.tunabledb.jdbc.TunableConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/**
 * Asks one thing after the other for more memory than the JVM has, while another session counts. Says how each ended, and
 * what became of the database.
 */
final class Hungry {
    private static final String LONG_TEXT = "x".repeat(1 << 20);
    private static final int MOST = 100_000;

    private final String url;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong counted = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();
    private final Set<String> states = new TreeSet<>();

    private Hungry(String url) {
        this.url = url;
    }

    /** Arguments: the URL, then what is asked: SQL, or one of the words below. */
    public static void main(String[] arguments) throws Exception {
        new Hungry(arguments[0]).run(List.of(arguments).subList(1, arguments.length));
    }

    private void run(List<String> asked) throws Exception {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, N INT, L INT, V VARCHAR)"
                    + (url.contains("shards=1&") ? "" : " SHARD BY (ID)"));
            statement.execute("INSERT INTO T SELECT X, 0, 2147483647, 'x' FROM SYSTEM_RANGE(1, 1000)");
            statement.execute("CREATE TABLE BIG(ID INT PRIMARY KEY, V VARCHAR)"
                    + (url.contains("shards=1&") ? "" : " SHARD BY (ID)"));
            Thread counter = new Thread(this::count, "counter");
            counter.setDaemon(true);
            counter.start();
            for (String each : asked) {
                System.out.println("ENDED " + end(each) + " | " + each);
            }
            statement.execute("TRUNCATE TABLE BIG");
            awaitCounting();
            stop.set(true);
            counter.join();
            say(connection, statement);
        }
    }

    private String end(String asked) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            switch (asked) {
                case "TRANSACTIONS" -> fill(connection, 5_000, "y".repeat(200));
                case "LONG TEXTS" -> fill(connection, 1, LONG_TEXT);
                case "RESULTS" -> keepResults(connection);
                case "BATCH" -> addWithoutEnd(connection);
                case "WRITES" -> awaitCounting();
                default -> {
                    if (statement.execute(asked)) {
                        statement.getResultSet().close();
                    }
                }
            }
            return "00000";
        } catch (SQLException e) {
            return e.getSQLState() + " " + e.getMessage().lines().findFirst().orElse("");
        } catch (OutOfMemoryError e) {
            return e.toString();
        }
    }

    private static void fill(Connection connection, int rows, String text) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO BIG VALUES (?, ?)")) {
            for (int id = 0; id < Integer.MAX_VALUE - rows; id += rows) {
                for (int i = 0; i < rows; i++) {
                    insert.setInt(1, id + i);
                    insert.setString(2, text + i);
                    insert.executeUpdate();
                }
                connection.commit();
            }
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        }
    }

    private static void addWithoutEnd(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO BIG VALUES (?, ?)")) {
            for (int id = 0; ; id++) {
                insert.setInt(1, id);
                insert.setString(2, "z" + id);
                insert.addBatch();
            }
        }
    }

    private static void keepResults(Connection connection) throws SQLException {
        List<Statement> kept = new ArrayList<>();
        try {
            for (int i = 0; i < MOST; i++) {
                Statement statement = connection.createStatement();
                kept.add(statement);
                statement.executeQuery("SELECT X, X || '-' || X FROM SYSTEM_RANGE(1, 50000)");
            }
        } finally {
            for (Statement each : kept) {
                each.close();
            }
        }
    }

    private void count() {
        while (!stop.get()) {
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                while (!stop.get()) {
                    statement.executeUpdate("UPDATE T SET N = N + 1 WHERE ID = 1");
                    counted.incrementAndGet();
                }
            } catch (SQLException e) {
                states.add(e.getSQLState());
                if ("08007".equals(e.getSQLState())) {
                    unknown.incrementAndGet();
                }
            }
        }
    }

    private void awaitCounting() {
        long before = counted.get();
        Awaitility.await("writes go on").atMost(Duration.ofSeconds(60)).until(() -> counted.get() > before + 10);
    }

    /** Each node reads, and writes through it are carried out, whoever was rebuilt meanwhile. */
    private void awaitServing() {
        for (int node = 1; node <= 3; node++) {
            String home = url + "&home=" + node;
            Awaitility.await("n" + node + " serves")
                    .atMost(Duration.ofMinutes(2))
                    .ignoreExceptionsMatching(e -> e instanceof SQLException)
                    .until(() -> {
                        try (Connection connection = DriverManager.getConnection(home);
                                Statement statement = connection.createStatement()) {
                            statement.executeUpdate("UPDATE T SET V = 'y' WHERE ID = 2");
                            try (ResultSet rows =
                                    statement.executeQuery("SELECT COUNT(*) FROM T WITH CONSISTENCY EVENTUAL")) {
                                return rows.next() && rows.getInt(1) >= 1000;
                            }
                        }
                    });
        }
        System.out.println("SERVING 3");
    }

    private void say(Connection connection, Statement statement) throws SQLException {
        System.out.println("STATES " + states);
        try (ResultSet rows = statement.executeQuery("SELECT N FROM T WHERE ID = 1 WITH CONSISTENCY LINEARIZABLE")) {
            rows.next();
            long found = rows.getLong(1);
            boolean isRight = found >= counted.get() && found <= counted.get() + unknown.get();
            System.out.println("COUNT " + isRight + " " + found + " counted " + counted + " unknown " + unknown);
        }
        awaitServing();
        Set<String> hashes = new TreeSet<>();
        int replicas = 0;
        try (ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            while (rows.next()) {
                hashes.add(rows.getString("SHARD") + " " + rows.getString("HASH"));
                replicas++;
            }
        }
        System.out.println("REPLICAS " + replicas + " HASHES " + hashes.size() + " " + hashes);
        System.out.println("REBUILDS "
                + connection.unwrap(TunableConnection.class).cluster().rebuilds());
    }
}
