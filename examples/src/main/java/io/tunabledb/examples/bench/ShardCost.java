package io.tunabledb.examples.bench;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures what a statement about one row costs on a sharded table, as a part of what it costs on one that is not: both in
 * one database and one JVM, in short rounds that alternate, so that whatever else the machine does happens to both.
 */
@Command(
        name = "shards",
        description = "Measure statements about one row on a sharded table against an unsharded one.",
        mixinStandardHelpOptions = true)
public final class ShardCost implements Callable<Integer> {
    private static final List<String> TABLES = List.of("plain", "sharded");
    private static final int WARMING_THREADS = 4;

    @Option(names = "--shards", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}")
    private int shards = 4;

    @Option(
            names = "--levels",
            split = ",",
            defaultValue = "EVENTUAL,MONOTONIC_READ,READ_YOUR_WRITE,BOUNDED_STALENESS (1 SECOND),SEQUENTIAL,SNAPSHOT,"
                    + "LINEARIZABLE",
            description = "At which reads are measured. Default: all but READ_UNCOMMITTED")
    private List<String> levels = List.of();

    @Option(names = "--threads", split = ",", defaultValue = "1,4", description = "Default: ${DEFAULT-VALUE}")
    private List<Integer> threads = List.of();

    @Option(names = "--rounds", defaultValue = "100", description = "Pairs of rounds. Default: ${DEFAULT-VALUE}")
    private int rounds = 100;

    @Option(names = "--millis", defaultValue = "25", description = "Of a round. Default: ${DEFAULT-VALUE}")
    private int millis = 25;

    @Option(names = "--warm-up", defaultValue = "40", description = "Seconds, at first. Default: ${DEFAULT-VALUE}")
    private int warmUp = 40;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Made by the command line, which fills in the options. */
    public ShardCost() {}

    /** Work that is done by several threads at once. */
    private interface Part {
        void run(ShardClient client) throws SQLException;
    }

    @Override
    public Integer call() throws SQLException, InterruptedException, ExecutionException {
        PrintWriter out = spec.commandLine().getOut();
        String url = "jdbc:tunable:mem:bench-shards?consistencyTimeout=60000&shards=" + shards;
        List<ShardJob> jobs = ShardJob.all(levels);
        try (Connection keptOpen = DriverManager.getConnection(url)) {
            fill(keptOpen);
            warmUp(url, jobs);
            out.printf("%-32s threads      plain    sharded  ratio (quartiles)%n", "");
            for (ShardJob job : jobs) {
                for (int count : threads) {
                    try (Pair pair = new Pair(url, job, count)) {
                        out.println(pair.compare(rounds, millis));
                        out.flush();
                    }
                }
            }
        }
        return 0;
    }

    private static void fill(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE plain(id INT PRIMARY KEY, stock INT)");
            statement.execute("CREATE TABLE sharded(id INT PRIMARY KEY, stock INT) SHARD BY (id)");
        }
        for (String table : TABLES) {
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (?, 0)")) {
                for (int id = 0; id < ShardClient.ROWS; id++) {
                    insert.setInt(1, id);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        }
    }

    /** Until what is compiled is compiled: a write comes by far less often in a second than a read. */
    private void warmUp(String url, List<ShardJob> jobs) throws SQLException, InterruptedException, ExecutionException {
        long until = System.nanoTime() + warmUp * 1_000_000_000L;
        while (System.nanoTime() < until) {
            for (ShardJob job : jobs) {
                try (Pair pair = new Pair(url, job, WARMING_THREADS)) {
                    pair.round(0, 200);
                    pair.round(1, 200);
                }
            }
        }
    }

    /** A job on both tables, by as many threads as asked for, each with one connection for both. */
    private static final class Pair implements AutoCloseable {
        private final ShardJob job;
        private final List<Connection> connections = new ArrayList<>();
        private final List<List<ShardClient>> clients = List.of(new ArrayList<>(), new ArrayList<>());
        private final ExecutorService executor;

        Pair(String url, ShardJob job, int threads) throws SQLException {
            this.job = job;
            executor = Executors.newFixedThreadPool(threads);
            for (int thread = 0; thread < threads; thread++) {
                Connection connection = DriverManager.getConnection(url);
                connections.add(connection);
                for (int table = 0; table < TABLES.size(); table++) {
                    clients.get(table).add(new ShardClient(connection, job, TABLES.get(table), thread, threads));
                }
            }
        }

        /** Alternates, and gives one line of the report. */
        String compare(int rounds, int millis) throws InterruptedException, ExecutionException {
            int count = count(millis);
            double[][] micros = new double[TABLES.size()][rounds];
            double[] ratios = new double[rounds];
            for (int round = -rounds / 4; round < rounds; round++) {
                int first = Math.floorMod(round, TABLES.size());
                double here = round(first, count);
                double there = round(1 - first, count);
                if (round >= 0) {
                    micros[first][round] = here;
                    micros[1 - first][round] = there;
                    ratios[round] = micros[1][round] / micros[0][round];
                }
            }
            Arrays.stream(micros).forEach(Arrays::sort);
            Arrays.sort(ratios);
            return String.format(
                    Locale.ROOT,
                    "%-32s %7d %7.2f us %7.2f us  %.3f (%.3f to %.3f)",
                    job.name(),
                    connections.size(),
                    micros[0][rounds / 2],
                    micros[1][rounds / 2],
                    ratios[rounds / 2],
                    ratios[rounds / 4],
                    ratios[rounds * 3 / 4]);
        }

        /** How many executions a round of this length has. */
        private int count(int millis) throws InterruptedException, ExecutionException {
            double micros = 0;
            for (int count = 16; count <= 256; count *= 2) {
                micros = round(0, count);
            }
            return Math.max(8, (int) (millis * 1_000 / micros));
        }

        /** Microseconds that each of {@code count} executions of each thread took. */
        double round(int table, int count) throws InterruptedException, ExecutionException {
            List<ShardClient> all = clients.get(table);
            each(all, client -> client.prepare(count));
            long began = System.nanoTime();
            each(all, client -> client.run(count));
            double micros = (System.nanoTime() - began) / 1e3 / count;
            each(all, client -> client.tidy(count));
            return micros;
        }

        private void each(List<ShardClient> all, Part part) throws InterruptedException, ExecutionException {
            List<Callable<Boolean>> parts = new ArrayList<>();
            for (ShardClient client : all) {
                parts.add(() -> {
                    part.run(client);
                    return true;
                });
            }
            for (Future<Boolean> one : executor.invokeAll(parts)) {
                one.get();
            }
        }

        @Override
        public void close() throws SQLException {
            executor.shutdown();
            for (List<ShardClient> ofTable : clients) {
                for (ShardClient client : ofTable) {
                    client.close();
                }
            }
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }
}
