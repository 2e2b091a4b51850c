package io.tunabledb.durability;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What an application does with a healthy database, all at once, in a JVM of its own that others stop or starve: rows of its own,
 * money moved in transactions (over shards, if there are several), reads at every level, weak writes, long values, connections that come and go,
 * schema changes. Every error is printed as it comes; the end says what was done, and whether the database holds what was acknowledged.
 *
 * <p>Arguments: the URL, how many threads, a seed, and the folder of a database that has one. It says how far it is at each line of its standard input, and
 * what it holds if that asks for figures; it ends with its input.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // of its ids a client alone writes
final class MixedLoad {
    private static final int ACCOUNTS = 20;
    private static final long START_MONEY = 1_000;
    private static final int LEDGER_SESSIONS = 10_000;
    private static final String[] LEVELS = {
        "LINEARIZABLE",
        "SEQUENTIAL",
        "SNAPSHOT",
        "READ_YOUR_WRITE",
        "MONOTONIC_READ",
        "BOUNDED_STALENESS (500 MS)",
        "EVENTUAL",
        "READ_UNCOMMITTED"
    };

    private final String url;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong turns = new AtomicLong();
    private final List<Own> owns = new ArrayList<>();
    private final Map<String, Long> errors = new TreeMap<>();

    private MixedLoad(String url) {
        this.url = url;
    }

    public static void main(String[] arguments) throws Exception {
        MixedLoad load = new MixedLoad(arguments[0]);
        int threads = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        Path folder = arguments.length > 3 ? Path.of(arguments[3]) : null;
        try (Connection keeper = load.open()) {
            load.createTables(keeper);
            if (folder != null) {
                fillCaches(keeper);
                load.fillLedger(keeper);
            }
            EmbeddedCluster cluster = keeper.unwrap(TunableConnection.class).cluster();
            long term = term(cluster);
            List<Thread> clients = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                Random random = new Random(seed + thread);
                Own own = new Own(thread);
                load.owns.add(own);
                Thread client = new Thread(() -> load.client(own, random), "client-" + thread);
                client.start();
                clients.add(client);
            }
            say("READY");
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String asked = in.readLine(); asked != null; asked = in.readLine()) {
                say("TURNS " + load.turns + " terms " + (term(cluster) - term) + " errors " + load.errors());
                if (asked.equals("figures")) {
                    say("FIGURES " + Figures.now(folder));
                }
            }
            load.stop.set(true);
            for (Thread client : clients) {
                client.join();
            }
            say("TERMS " + (term(cluster) - term));
            load.check(keeper);
            say("DONE " + load.turns + " turns, errors " + load.errors());
        }
    }

    private static void say(String line) {
        synchronized (System.out) {
            System.out.println(line);
            System.out.flush();
        }
    }

    private static long term(EmbeddedCluster cluster) {
        long term = 0;
        for (int shard = 0; shard < cluster.shards(); shard++) {
            term += cluster.replicas(shard).stream()
                    .mapToLong(EmbeddedCluster.ReplicaStatus::term)
                    .max()
                    .orElse(0);
        }
        return term;
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(url);
    }

    private Map<String, Long> errors() {
        synchronized (errors) {
            return new TreeMap<>(errors);
        }
    }

    private void createTables(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE ITEM(ID BIGINT PRIMARY KEY, CLIENT INT, N INT, TEXT VARCHAR(200)) SHARD BY (ID)");
            statement.execute("CREATE TABLE ACCOUNT(ID INT PRIMARY KEY, MONEY BIGINT) SHARD BY (ID)");
            statement.execute("CREATE TABLE EVENT(ID BIGINT PRIMARY KEY, CLIENT INT)");
            statement.execute(
                    "CREATE TABLE DOCUMENT(ID BIGINT PRIMARY KEY, CLIENT INT, LENGTH INT, BODY CLOB, DATA BLOB)"
                            + " SHARD BY (ID)");
            for (int id = 0; id < ACCOUNTS; id++) {
                statement.executeUpdate("INSERT INTO ACCOUNT VALUES (" + id + ", " + START_MONEY + ")");
            }
        }
    }

    /** What is kept of statements is full from the beginning: how many were seen must make no difference to who looks for leaks. */
    private static void fillCaches(Connection connection) throws SQLException {
        for (int text = 0; text < 12_000; text++) {
            connection
                    .prepareStatement("UPDATE ITEM SET N = N + 1 WHERE ID = -" + text)
                    .close();
        }
    }

    /** Nor how many sessions wrote: the ledger remembers the last 10,000, which came to 9 MB on three replicas. */
    private void fillLedger(Connection keeper) throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE SEEN(ID INT PRIMARY KEY, N INT)");
            statement.executeUpdate("INSERT INTO SEEN VALUES (1, 0)");
            for (int session = 0; session < LEDGER_SESSIONS; session++) {
                try (Connection connection = open();
                        Statement one = connection.createStatement()) {
                    one.executeUpdate("UPDATE SEEN SET N = N + 1");
                }
            }
            statement.execute("DROP TABLE SEEN");
        }
    }

    /** One client: what it does is drawn anew each time, and what fails is told and gone over. */
    private void client(Own own, Random random) {
        while (!stop.get()) {
            try (Connection connection = open()) {
                for (int turn = 0; turn < 200 && !stop.get(); turn++) {
                    try {
                        turn(connection, own, random);
                        turns.incrementAndGet();
                    } catch (SQLException e) {
                        failed(e);
                        reset(connection);
                    }
                }
            } catch (SQLException e) {
                failed(e);
            }
        }
    }

    /** The rows of one client, which nobody else touches: ids from a range of its own, so many of them at most. */
    private static final class Own {
        private static final long RANGE = 1L << 40;
        private final int client;
        private final Ids items;
        private final Ids events;
        private final Ids documents;

        private Own(int client) {
            this.client = client;
            items = new Ids(300);
            events = new Ids(300);
            documents = new Ids(10);
        }

        private final class Ids {
            private final int most;
            private volatile long first = client * RANGE;
            private volatile long next = first;

            private Ids(int most) {
                this.most = most;
            }

            boolean isFull() {
                return next - first >= most;
            }

            long any(Random random) {
                return first + (long) (random.nextDouble() * most);
            }

            long count() {
                return next - first;
            }
        }
    }

    private void turn(Connection connection, Own own, Random random) throws SQLException {
        int drawn = random.nextInt(100);
        if (drawn < 30) {
            insert(connection, own);
        } else if (drawn < 45) {
            update(connection, own, random);
        } else if (drawn < 75) {
            read(connection, own, random);
        } else if (drawn < 85) {
            transfer(connection, random);
        } else if (drawn < 92) {
            weak(connection, own);
        } else if (drawn < 95) {
            batch(connection, own);
        } else if (drawn < 97) {
            document(connection, own, random);
        } else if (drawn < 98) {
            sum(connection, random);
        } else if (drawn < 99) {
            fail(connection, own);
        } else {
            define(connection, own, random);
        }
    }

    private static void insert(Connection connection, Own own) throws SQLException {
        Own.Ids items = own.items;
        if (items.isFull()) {
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate(
                        "DELETE FROM ITEM WHERE ID BETWEEN " + items.first + " AND " + (items.first + 9));
                items.first += 10;
            }
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO ITEM VALUES (?, ?, 0, ?)")) {
            insert.setLong(1, items.next);
            insert.setInt(2, own.client);
            insert.setString(3, "x".repeat(100));
            insert.executeUpdate();
            items.next++;
        }
    }

    private void update(Connection connection, Own own, Random random) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE ITEM SET N = N + 1 WHERE ID = " + own.items.any(random));
        }
    }

    private void read(Connection connection, Own own, Random random) throws SQLException {
        String level = LEVELS[random.nextInt(LEVELS.length)];
        try (PreparedStatement select =
                connection.prepareStatement("SELECT N FROM ITEM WHERE ID = ? WITH CONSISTENCY " + level)) {
            select.setLong(1, own.items.any(random));
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
            }
        }
    }

    private void transfer(Connection connection, Random random) throws SQLException {
        int one = random.nextInt(ACCOUNTS - 1);
        int other = one + 1 + random.nextInt(ACCOUNTS - 1 - one);
        connection.setAutoCommit(false);
        try (PreparedStatement add = connection.prepareStatement("UPDATE ACCOUNT SET MONEY = MONEY + ? WHERE ID = ?")) {
            // always in the order of their ids: no two wait for each other
            add.setInt(1, -1);
            add.setInt(2, one);
            add.executeUpdate();
            add.setInt(1, 1);
            add.setInt(2, other);
            add.executeUpdate();
            connection.commit();
        } finally {
            if (!connection.isClosed()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    private static void weak(Connection connection, Own own) throws SQLException {
        Own.Ids events = own.events;
        try (Statement statement = connection.createStatement()) {
            if (events.isFull()) {
                statement.executeUpdate("DELETE FROM EVENT WHERE ID = " + events.first + " WITH CONSISTENCY EVENTUAL");
                events.first++;
            }
            statement.executeUpdate(
                    "INSERT INTO EVENT VALUES (" + events.next + ", " + own.client + ") WITH CONSISTENCY EVENTUAL");
            events.next++;
        }
    }

    private static void batch(Connection connection, Own own) throws SQLException {
        Own.Ids items = own.items;
        if (items.isFull()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO ITEM VALUES (?, ?, 1, 'batch')")) {
            for (int row = 0; row < 10; row++) {
                insert.setLong(1, items.next + row);
                insert.setInt(2, own.client);
                insert.addBatch();
            }
            insert.executeBatch();
            items.next += 10;
        }
    }

    /** Long values are written whole, and read as they were written. */
    private static void document(Connection connection, Own own, Random random) throws SQLException {
        Own.Ids documents = own.documents;
        if (documents.isFull()) {
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("DELETE FROM DOCUMENT WHERE ID = " + documents.first);
                documents.first++;
            }
        }
        int length = 1 + random.nextInt(60_000);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO DOCUMENT VALUES (?, ?, ?, ?, ?)")) {
            insert.setLong(1, documents.next);
            insert.setInt(2, own.client);
            insert.setInt(3, length);
            insert.setCharacterStream(4, new StringReader("ü".repeat(length)), length);
            insert.setBytes(5, new byte[length]);
            insert.executeUpdate();
            documents.next++;
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT LENGTH, BODY, DATA FROM DOCUMENT WHERE ID = ?")) {
            select.setLong(1, documents.next - 1);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()
                        || row.getClob(2).length() != length
                        || row.getBlob(3).length() != length
                        || row.getInt(1) != length) {
                    throw new SQLException("a document of " + length + " characters is not as it was written", "WRONG");
                }
            }
        }
    }

    private void sum(Connection connection, Random random) throws SQLException {
        String level = LEVELS[random.nextInt(3)];
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT SUM(MONEY) FROM ACCOUNT WITH CONSISTENCY " + level)) {
            row.next();
            if (row.getLong(1) != ACCOUNTS * START_MONEY) {
                throw new SQLException("money is " + row.getLong(1) + " at " + level, "WRONG");
            }
        }
    }

    /** What fails as it should leaves nothing behind either. */
    private static void fail(Connection connection, Own own) throws SQLException {
        expect("23505", () -> {
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("INSERT INTO ACCOUNT VALUES (0, " + own.client + ")");
            }
        });
        expect("42S02", () -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT * FROM NOWHERE" + own.items.next);
            }
        });
        expect("57014", () -> {
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(1);
                statement
                        .executeQuery("SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000) A, SYSTEM_RANGE(1, 1000000) B"
                                + " WHERE A.X + B.X < 0")
                        .close();
            }
        });
    }

    /** What is to fail. */
    private interface Failing {
        void run() throws SQLException;
    }

    private static void expect(String state, Failing failing) throws SQLException {
        try {
            failing.run();
        } catch (SQLException e) {
            if (state.equals(e.getSQLState())) {
                return;
            }
            throw e;
        }
        throw new SQLException("what should fail with " + state + " succeeded", "WRONG");
    }

    private void define(Connection connection, Own own, Random random) throws SQLException {
        if (random.nextInt(5) > 0) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE OWN" + own.client + "(ID INT PRIMARY KEY, T VARCHAR(10))"
                    + (random.nextBoolean() ? " SHARD BY (ID)" : ""));
            statement.execute("INSERT INTO OWN" + own.client + " VALUES (1, 'one')");
            statement.execute("ALTER TABLE OWN" + own.client + " ADD COLUMN MORE INT DEFAULT 7");
            statement.execute("DROP TABLE OWN" + own.client);
        }
    }

    private void failed(SQLException e) {
        synchronized (errors) {
            errors.merge(e.getSQLState(), 1L, Long::sum);
        }
        say("ERROR " + e.getSQLState() + " " + Instant.now() + " "
                + Thread.currentThread().getName() + " " + e.getMessage().replace('\n', ' '));
    }

    private static void reset(Connection connection) throws SQLException {
        if (!connection.isClosed()) {
            if (!connection.getAutoCommit()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    /** What was acknowledged is there, and the same everywhere. */
    private void check(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            require(statement, "SELECT SUM(MONEY) FROM ACCOUNT WITH CONSISTENCY LINEARIZABLE", ACCOUNTS * START_MONEY);
            if (errors().isEmpty()) {
                require(
                        statement,
                        "SELECT COUNT(*) FROM ITEM WITH CONSISTENCY LINEARIZABLE",
                        owns.stream().mapToLong(own -> own.items.count()).sum());
                require(
                        statement,
                        "SELECT COUNT(*) FROM DOCUMENT WHERE CHAR_LENGTH(BODY) = LENGTH AND OCTET_LENGTH(DATA) = LENGTH"
                                + " WITH CONSISTENCY LINEARIZABLE",
                        owns.stream().mapToLong(own -> own.documents.count()).sum());
                require(
                        statement,
                        "SELECT COUNT(*) FROM EVENT WITH CONSISTENCY READ_YOUR_WRITE",
                        owns.stream().mapToLong(own -> own.events.count()).sum());
            }
            try (ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
                while (rows.next()) {
                    if (!rows.getBoolean("SAME")) {
                        say("ERROR WRONG a replica differs: " + rows.getString("REPLICA"));
                    }
                }
            }
        }
    }

    private static void require(Statement statement, String query, long expected) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            if (row.getLong(1) != expected) {
                say("ERROR WRONG " + query + " is " + row.getLong(1) + ", not " + expected);
            }
        }
    }
}
