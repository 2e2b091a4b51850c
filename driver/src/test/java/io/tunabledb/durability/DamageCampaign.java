package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Each kind of file of a database, each damage, at one, two or three nodes: what was acknowledged is there, or the database
 * can't be opened and says what is damaged, what is whole and what to do. One replica lags behind the others when the process
 * is killed, and one's outbox holds weak writes that nobody carried out.
 */
final class DamageCampaign {
    private static final int NODES = 3;
    private static final int ROWS = 320;
    private static final int LATE_ROWS = 12;
    private static final int WEAK_ROWS = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Opening, checking and closing has taken a minute beside fifty others. */
    private static final Duration HANGS_AFTER = Duration.ofMinutes(4);

    private final Path template;
    private final Path older;
    private final Set<Long> strong = new HashSet<>();
    private final Set<Long> weak = new HashSet<>();
    /** The node whose outbox holds what is not carried out; the one that lags. */
    private int lagging;
    /** Whether the database has said that weak writes are lost. */
    private boolean isLossTold;

    DamageCampaign(Path folder) {
        this.template = folder.resolve("template");
        this.older = folder.resolve("older");
    }

    /** The node that lags, and whose outbox has writes that are not carried out. */
    int lagging() {
        return lagging;
    }

    /** Whether the last database said that weak writes are lost. */
    boolean isLossTold() {
        return isLossTold;
    }

    /** A kind of file. */
    enum Kind {
        PROPERTIES("", "tunable\\.properties", false),
        LOCK("", "tunable\\.lock", false),
        REACHED("", "reached", false),
        NODE("", "n%d", true),
        OUTBOX("", "n%d\\.outbox", true),
        GROUP("n%d", "[0-9a-f-]{36}", true),
        CURRENT("n%d/*", "current", true),
        SNAPSHOTS("n%d/*", "sm", true),
        VOTE("n%d/*/current", "raft-meta", false),
        CONFIGURATION("n%d/*/current", "raft-meta\\.conf", false),
        OPEN_SEGMENT("n%d/*/current", "log_inprogress_.*", false),
        CLOSED_SEGMENT("n%d/*/current", "log_\\d+-\\d+", false),
        LAST_SNAPSHOT("n%d/*/sm", "snapshot\\.\\d+_\\d+", false),
        EVERY_SNAPSHOT("n%d/*/sm", "snapshot\\.\\d+_\\d+", false),
        EVERY_SEGMENT("n%d/*/current", "log_.*", false),
        OUTBOX_GROUP("n%d.outbox", "[0-9a-f-]{36}", true),
        OUTBOX_CURRENT("n%d.outbox/*", "current", true),
        OUTBOX_LOCK("n%d.outbox/*", "in_use\\.lock", false),
        OUTBOX_CONFIGURATION("n%d.outbox/*/current", "raft-meta\\.conf", false),
        OUTBOX_VOTE("n%d.outbox/*/current", "raft-meta", false),
        OUTBOX_SEGMENT("n%d.outbox/*/current", "log_inprogress_.*", false),
        GROUP_LOCK("n%d/*", "in_use\\.lock", false);

        private final String where;
        private final String name;
        final boolean isFolder;

        Kind(String where, String name, boolean isFolder) {
            this.where = where;
            this.name = name;
            this.isFolder = isFolder;
        }

        boolean isOfNodes() {
            return (where + name).contains("%d");
        }

        boolean isOfOutbox() {
            return name().startsWith("OUTBOX");
        }

        /** Those of a node, of the last in order, or of all. */
        List<Path> of(Path database, int node) throws IOException {
            List<Path> folders = List.of(database);
            String path = where.formatted(node);
            for (String part : path.isEmpty() ? new String[0] : path.split("/", -1)) {
                List<Path> next = new ArrayList<>();
                for (Path folder : folders) {
                    next.addAll(list(folder, part.equals("*") ? ".*" : part.replace(".", "\\.")));
                }
                folders = next.stream().filter(Files::isDirectory).toList();
            }
            List<Path> found = new ArrayList<>();
            for (Path folder : folders) {
                List<Path> here = list(folder, name.formatted(node));
                boolean isEvery = name().startsWith("EVERY") || here.isEmpty();
                found.addAll(isEvery ? here : here.subList(here.size() - 1, here.size()));
            }
            return found;
        }

        private static List<Path> list(Path folder, String name) throws IOException {
            try (Stream<Path> content = Files.list(folder)) {
                return content.filter(path -> path.getFileName().toString().matches(name))
                        .sorted(java.util.Comparator.comparing((Path path) ->
                                        path.getFileName().toString().length())
                                .thenComparing(path -> path.getFileName().toString()))
                        .toList();
            }
        }
    }

    /** What is damaged how, and where. */
    record Case(Kind kind, FileDamage damage, Set<Integer> nodes) {
        boolean isOfMajority() {
            return !kind.isOfNodes() || 2 * nodes.size() > NODES || damage == FileDamage.SWAPPED_WITH_ANOTHERS;
        }
    }

    /** All cases: one node that lags, or that led; two with or without the one that lags; all. */
    List<Case> cases() {
        int other = lagging % NODES + 1;
        int led = other % NODES + 1;
        List<Set<Integer>> some =
                List.of(Set.of(lagging), Set.of(led), Set.of(lagging, other), Set.of(other, led), Set.of(1, 2, 3));
        List<Case> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (FileDamage damage : FileDamage.values()) {
                if ((kind.isFolder && !damage.isForFolders()) || (damage.isOfTwo() && !kind.isOfNodes())) {
                    continue;
                }
                (kind.isOfNodes() ? some : List.of(Set.of(1))).forEach(nodes -> all.add(new Case(kind, damage, nodes)));
            }
        }
        return all;
    }

    private static String url(Path database) {
        return "jdbc:tunable:file:" + database
                + "?replicas=3&snapshotAfter=3000000&outboxDrain=0&consistencyTimeout=20000&electionTimeout=300";
    }

    /** A database whose process was killed. */
    void prepare() throws Exception {
        try (Connection connection = DriverManager.getConnection(url(template));
                Statement statement = connection.createStatement()) {
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            statement.execute("CREATE TABLE STRONG(ID BIGINT PRIMARY KEY, NOTE VARCHAR)");
            statement.execute("CREATE TABLE WEAK(ID BIGINT PRIMARY KEY)");
            for (int node = 1; node <= NODES; node++) {
                writeWeak(node, 1000L * node);
            }
            insert(connection, 0, ROWS / 2);
            Folders.copy(template, older);
            insert(connection, ROWS / 2, ROWS);
            lagging = cluster.leader() % NODES + 1;
            cluster.isolate(lagging);
            insert(connection, ROWS, ROWS + LATE_ROWS);
            writeWeak(lagging, 10_000);
            for (int node = 1; node <= NODES; node++) {
                cluster.kill(node);
            }
        }
    }

    private void insert(Connection connection, int from, int to) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO STRONG VALUES (?, ?)")) {
            insert.setString(2, "x".repeat(20_000));
            for (long id = from; id < to; id++) {
                insert.setLong(1, id);
                insert.executeUpdate();
                strong.add(id);
            }
        }
    }

    private void writeWeak(int home, long from) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(template) + "&home=" + home);
                Statement statement = connection.createStatement()) {
            for (long id = from; id < from + WEAK_ROWS; id++) {
                statement.executeUpdate("INSERT INTO WEAK VALUES (" + id + ") WITH CONSISTENCY EVENTUAL");
                weak.add(id);
            }
        }
    }

    /** Runs a case in a copy of the database, and gives what became of it. Fails when that is not allowed. */
    String run(Case one, Path database, int times) throws Exception {
        FutureTask<String> running = new FutureTask<>(() -> runNow(one, database, times));
        Thread thread = new Thread(running, "case");
        thread.setDaemon(true);
        thread.start();
        try {
            return running.get(times * HANGS_AFTER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            StringBuilder where = new StringBuilder();
            for (StackTraceElement element : thread.getStackTrace()) {
                where.append("\n  at ").append(element);
            }
            throw new AssertionError("it hangs" + where, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError failed) {
                throw failed;
            }
            throw e;
        }
    }

    private String runNow(Case one, Path database, int times) throws Exception {
        isLossTold = false;
        Folders.copy(template, database);
        for (int node : one.nodes) {
            List<Path> others = one.kind.of(database, one.kind.isOfNodes() ? node % NODES + 1 : node);
            List<Path> damaged = one.kind.of(database, node);
            for (int i = 0; i < damaged.size(); i++) {
                Path path = damaged.get(i);
                Path other = i < others.size() ? others.get(i) : path;
                one.damage.inflict(path, older.resolve(database.relativize(path)), other);
            }
        }
        String result = "";
        for (int time = 0; time < times; time++) {
            try (Connection connection = DriverManager.getConnection(url(database));
                    Statement statement = connection.createStatement()) {
                check(one, statement, time);
                EmbeddedCluster cluster =
                        connection.unwrap(TunableConnection.class).cluster();
                for (int node = 1; node <= cluster.nodes(); node++) {
                    cluster.kill(node);
                }
                result = "whole";
            } catch (SQLException e) {
                if (one.isOfMajority() && time == 0 && e.getSQLState().equals("08001")) {
                    return "refused: " + e.getMessage();
                }
                throw new AssertionError("time " + time + ": " + e.getSQLState() + " " + e.getMessage(), e);
            }
        }
        return result;
    }

    private void check(Case one, Statement statement, int time) throws SQLException {
        Set<Long> lost = new TreeSet<>(strong);
        lost.removeAll(ids(statement, "STRONG"));
        assertThat(lost).as("acknowledged and lost").isEmpty();
        statement.executeUpdate("MERGE INTO STRONG VALUES (" + (100_000 + time) + ", '')");
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> Acknowledged.replicas(statement, "after the damage"));
        Awaitility.await("weak writes, or word of them")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> ids(statement, "WEAK").containsAll(weak)
                        || (one.kind.isOfOutbox() && (isLossTold |= saysSo(statement, one))));
    }

    private static boolean saysSo(Statement statement, Case one) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT NODE, LAST_ERROR FROM TUNABLE.OUTBOX")) {
            boolean isSaid = false;
            while (rows.next()) {
                int node = Integer.parseInt(rows.getString(1).substring(1));
                boolean isHere = one.damage.isOfTwo() || one.nodes.contains(node);
                isSaid |= isHere && rows.getString(2) != null;
            }
            return isSaid;
        }
    }

    private static Set<Long> ids(Statement statement, String table) throws SQLException {
        Set<Long> found = new HashSet<>();
        try (ResultSet rows = statement.executeQuery("SELECT ID FROM " + table + " WITH CONSISTENCY LINEARIZABLE")) {
            while (rows.next()) {
                found.add(rows.getLong(1));
            }
        }
        return found;
    }

    /** For a look from outside: a folder, then parts of cases' texts. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        DamageCampaign campaign = new DamageCampaign(folder);
        campaign.prepare();
        System.out.println("lagging n" + campaign.lagging);
        int number = 0;
        for (Case one : campaign.cases()) {
            String text = one.toString();
            if (!IntStream.range(1, arguments.length).allMatch(i -> text.contains(arguments[i]))) {
                continue;
            }
            Path database = folder.resolve("c" + number++);
            long began = System.nanoTime();
            String result;
            try {
                result = campaign.run(one, database, Integer.getInteger("times", 2));
            } catch (Exception | AssertionError e) {
                result = "FAILED " + e;
            }
            System.out.printf("%6d ms %s: %s%n", (System.nanoTime() - began) / 1_000_000, text, result);
            try {
                Folders.delete(database);
            } catch (IOException e) {
                // something still runs in it
                System.out.println("left: " + e);
            }
        }
        System.exit(0);
    }
}
