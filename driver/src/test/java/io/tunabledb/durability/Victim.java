package io.tunabledb.durability;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/**
 * Writes until it is killed. Prints {@code TRY what} before and {@code ACK what} after each write, so that whoever reads
 * its output knows what must be there and what may be.
 */
final class Victim {
    static final int ACCOUNTS = 8;
    static final int BALANCE = 1_000;
    static final int WRITERS = 4;

    private final String url;
    private final long round;
    private final long seed;

    private Victim(String url, long round, long seed) {
        this.url = url;
        this.round = round;
        this.seed = seed;
    }

    /** Arguments: URL, number of the round (unique ids are made of it), seed. */
    public static void main(String[] arguments) throws Exception {
        new Victim(arguments[0], Long.parseLong(arguments[1]), Long.parseLong(arguments[2])).run();
    }

    static void createTables(Statement statement) throws SQLException {
        statement.execute("CREATE TABLE IF NOT EXISTS EVENTS(ID BIGINT PRIMARY KEY, NOTE VARCHAR)");
        statement.execute("CREATE TABLE IF NOT EXISTS COUNTERS(ID INT PRIMARY KEY, N BIGINT NOT NULL)");
        statement.execute("CREATE TABLE IF NOT EXISTS ACCOUNTS(ID INT PRIMARY KEY, BALANCE BIGINT NOT NULL)");
        statement.execute("CREATE TABLE IF NOT EXISTS TRANSFERS(ID BIGINT PRIMARY KEY, DEBIT INT NOT NULL,"
                + " CREDIT INT NOT NULL, AMOUNT BIGINT NOT NULL)");
        statement.execute("CREATE TABLE IF NOT EXISTS TICKETS(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                + " MARK BIGINT NOT NULL)");
        statement.execute("CREATE TABLE IF NOT EXISTS LOOSE(MARK BIGINT NOT NULL)");
        for (int i = 0; i <= WRITERS; i++) {
            statement.execute("MERGE INTO COUNTERS USING (VALUES (" + i + ")) V(ID) ON COUNTERS.ID = V.ID"
                    + " WHEN NOT MATCHED THEN INSERT VALUES (" + i + ", 0)");
        }
        for (int i = 0; i < ACCOUNTS; i++) {
            statement.execute("MERGE INTO ACCOUNTS USING (VALUES (" + i + ")) V(ID) ON ACCOUNTS.ID = V.ID"
                    + " WHEN NOT MATCHED THEN INSERT VALUES (" + i + ", " + BALANCE + ")");
        }
    }

    private void run() throws SQLException {
        Connection keeper = DriverManager.getConnection(url);
        try (Statement statement = keeper.createStatement()) {
            createTables(statement);
        }
        say("READY");
        for (int i = 1; i <= WRITERS; i++) {
            int writer = i;
            new Thread(() -> guarded(() -> write(writer)), "writer-" + writer).start();
        }
        new Thread(() -> guarded(this::define), "definer").start();
        EmbeddedCluster cluster = keeper.unwrap(TunableConnection.class).cluster();
        new Thread(() -> guarded(() -> disturb(cluster)), "disturber").start();
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void guarded(Work work) {
        try {
            work.run();
        } catch (Throwable e) {
            e.printStackTrace();
            say("FAILED " + e);
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line + ";");
        System.out.flush();
    }

    /** A write, and what it is called. */
    private interface Write {
        String run() throws SQLException;
    }

    /** Again while the answer is that nothing happened. */
    private static void acknowledged(String what, Write write) throws SQLException {
        say("TRY " + what);
        while (true) {
            try {
                say("ACK " + what + write.run());
                return;
            } catch (SQLException e) {
                if ("08007".equals(e.getSQLState())) {
                    say("UNKNOWN " + what);
                    return;
                }
                if (!"40001".equals(e.getSQLState()) && !"HYT00".equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }

    private void write(int writer) throws SQLException {
        Random random = new Random(seed * 31 + writer);
        try (Connection connection = DriverManager.getConnection(url);
                Connection manual = DriverManager.getConnection(url);
                PreparedStatement event = connection.prepareStatement("INSERT INTO EVENTS VALUES (?, ?)");
                PreparedStatement count = connection.prepareStatement("UPDATE COUNTERS SET N = N + 1 WHERE ID = ?");
                PreparedStatement ticket = connection.prepareStatement(
                        "INSERT INTO TICKETS(MARK) VALUES (?)", Statement.RETURN_GENERATED_KEYS);
                PreparedStatement loose = connection.prepareStatement("INSERT INTO LOOSE VALUES (?)")) {
            manual.setAutoCommit(false);
            for (long n = 0; ; n++) {
                long id = (round * 100 + writer) * 1_000_000 + n;
                int kind = random.nextInt(6);
                if (kind == 0) {
                    acknowledged("EVENT " + id, () -> {
                        event.setLong(1, id);
                        event.setString(2, "note of " + id + " " + "x".repeat(random.nextInt(200)));
                        event.executeUpdate();
                        return "";
                    });
                } else if (kind == 1) {
                    int counter = random.nextBoolean() ? 0 : writer;
                    acknowledged("COUNT " + counter, () -> {
                        count.setInt(1, counter);
                        count.executeUpdate();
                        return "";
                    });
                } else if (kind == 2) {
                    acknowledged("TICKET " + id, () -> {
                        ticket.setLong(1, id);
                        ticket.executeUpdate();
                        try (ResultSet keys = ticket.getGeneratedKeys()) {
                            keys.next();
                            return " " + keys.getLong(1);
                        }
                    });
                } else if (kind == 3) {
                    acknowledged("LOOSE " + id, () -> {
                        loose.setLong(1, id);
                        loose.executeUpdate();
                        return "";
                    });
                } else {
                    int debit = random.nextInt(ACCOUNTS);
                    int credit = (debit + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
                    int amount = 1 + random.nextInt(9);
                    if (random.nextInt(10) == 0) {
                        undone(manual, -id, debit, credit, amount);
                    } else {
                        acknowledged("TRANSFER " + id, () -> {
                            transfer(manual, id, debit, credit, amount);
                            return "";
                        });
                    }
                }
            }
        }
    }

    private static void transfer(Connection manual, long id, int debit, int credit, int amount) throws SQLException {
        boolean done = false;
        try (Statement statement = manual.createStatement()) {
            move(statement, id, debit, credit, amount);
            manual.commit();
            done = true;
        } finally {
            if (!done) {
                manual.rollback();
            }
        }
    }

    private static void undone(Connection manual, long id, int debit, int credit, int amount) throws SQLException {
        try (Statement statement = manual.createStatement()) {
            move(statement, id, debit, credit, amount);
        } catch (SQLException e) {
            if (!"40001".equals(e.getSQLState()) && !"HYT00".equals(e.getSQLState())) {
                throw e;
            }
        } finally {
            manual.rollback();
        }
    }

    private static void move(Statement statement, long id, int debit, int credit, int amount) throws SQLException {
        statement.executeUpdate("UPDATE ACCOUNTS SET BALANCE = BALANCE - " + amount + " WHERE ID = " + debit);
        statement.executeUpdate("UPDATE ACCOUNTS SET BALANCE = BALANCE + " + amount + " WHERE ID = " + credit);
        statement.executeUpdate(
                "INSERT INTO TRANSFERS VALUES (" + id + ", " + debit + ", " + credit + ", " + amount + ")");
    }

    /** Tables come, grow and go; one thread, so that at most the last step is in doubt. */
    private void define() throws SQLException, InterruptedException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (long n = 0; ; n++) {
                String table = "D" + (round * 1_000 + n);
                define(statement, "CREATE " + table, "CREATE TABLE " + table + "(ID INT PRIMARY KEY)");
                define(statement, "GROW " + table, "ALTER TABLE " + table + " ADD COLUMN NOTE VARCHAR DEFAULT 'x'");
                if (n % 2 == 1) {
                    define(statement, "DROP " + table, "DROP TABLE " + table);
                }
                Thread.sleep(50);
            }
        }
    }

    private static void define(Statement statement, String what, String sql) throws SQLException {
        acknowledged(what, () -> {
            statement.execute(sql);
            return "";
        });
    }

    /** Followers that lag get snapshots while the crash comes. */
    private void disturb(EmbeddedCluster cluster) throws InterruptedException {
        Random random = new Random(seed);
        for (int round = 0; round < 1_000; round++) {
            Thread.sleep(100 + random.nextInt(300));
            int node = 1 + random.nextInt(cluster.nodes());
            if (node != cluster.leader()) {
                cluster.isolate(node);
                Thread.sleep(50 + random.nextInt(400));
                cluster.heal();
            }
        }
    }
}
