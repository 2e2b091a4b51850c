package io.tunabledb.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.EmbeddedSession;
import io.tunabledb.engine.load.RuleCounts.Count;
import io.tunabledb.jdbc.TunableStatement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A real load: it becomes weaker where a rule says so, keeps its speed, and comes back. */
@Timeout(60)
class DowngradeTest {
    private static final Logger LOG = LoggerFactory.getLogger(DowngradeTest.class);
    private static final int THREADS = 16;
    private static final int CAPACITY = 8;
    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final String URL =
            "?replicas=3&loadSources=inFlight&loadCapacity=" + CAPACITY + "&loadEnter=500ms&loadLeave=1s";
    private static final AtomicInteger NEXT = new AtomicInteger();

    /** What one thread's reads of one table got. */
    private static final class Reads {
        private final List<Long> asAskedNanos = new ArrayList<>();
        private final List<Long> downgradedNanos = new ArrayList<>();
        private final List<String> wrong = new ArrayList<>();

        void got(Receipt receipt, List<String> warnings, long nanos) {
            boolean isDowngraded = receipt.granted().level() != Level.LINEARIZABLE;
            (isDowngraded ? downgradedNanos : asAskedNanos).add(nanos);
            boolean warned = warnings.size() == 1 && warnings.get(0).startsWith("01T02 downgraded from LINEARIZABLE");
            boolean said = receipt.asked().first().level() == Level.LINEARIZABLE
                    && receipt.decidedBy().startsWith("RULE ")
                    && String.valueOf(receipt.reason()).contains("the load passed 0.75");
            if (isDowngraded ? !(warned && said) : !warnings.isEmpty()) {
                wrong.add(receipt + " " + warnings);
            }
        }
    }

    /** Readers of a table without a pause, until they are stopped. */
    private static final class Crowd implements AutoCloseable {
        private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        private final AtomicBoolean stop = new AtomicBoolean();
        private final List<Future<Reads>> all = new ArrayList<>();

        Crowd(String url, String... tables) {
            for (int i = 0; i < THREADS; i++) {
                String table = tables[i % tables.length];
                all.add(threads.submit(() -> read(url, table)));
            }
        }

        private Reads read(String url, String table) throws SQLException {
            Reads reads = new Reads();
            try (Client client = new Client(url);
                    PreparedStatement statement =
                            client.connection().prepareStatement("SELECT V FROM " + table + " WHERE ID = 1")) {
                while (!stop.get()) {
                    long startedNanos = System.nanoTime();
                    try (ResultSet rows = statement.executeQuery()) {
                        rows.next();
                    }
                    reads.got(
                            statement.unwrap(TunableStatement.class).receipt(),
                            Client.warnings(statement.getWarnings()),
                            System.nanoTime() - startedNanos);
                }
            }
            return reads;
        }

        /** Stops them; what the readers of the table at that place of the list got. */
        List<Reads> stop(int table, int tables) throws Exception {
            stop.set(true);
            List<Reads> found = new ArrayList<>();
            for (int i = table; i < THREADS; i += tables) {
                found.add(all.get(i).get());
            }
            return found;
        }

        @Override
        public void close() {
            stop.set(true);
            threads.shutdown();
        }
    }

    private static Client start(String url) throws SQLException {
        return new Client(url)
                .run(
                        "CREATE TABLE LAX(ID INT PRIMARY KEY, V INT)",
                        "CREATE TABLE STRICT(ID INT PRIMARY KEY, V INT)",
                        "INSERT INTO LAX VALUES (1, 1)",
                        "INSERT INTO STRICT VALUES (1, 1)",
                        "CREATE CONSISTENCY RULE strict ON strict FOR READ USING LINEARIZABLE",
                        "CREATE CONSISTENCY RULE lax ON lax FOR READ USING LINEARIZABLE"
                                + " DOWNGRADE TO BOUNDED_STALENESS (10 SECONDS) WHEN LOAD > 0.75");
    }

    private static void await(String what, java.util.concurrent.Callable<Boolean> state) {
        Awaitility.await(what)
                .atMost(DEADLINE)
                .pollInterval(Duration.ofMillis(20))
                .until(state);
    }

    private static boolean isDowngraded(Client client) throws SQLException {
        return client.column("SHOW CONSISTENCY LOAD", "DOWNGRADED").contains("true");
    }

    @Test
    void itGoesDownKeepsItsSpeedAndComesBack() throws Exception {
        String url = "jdbc:tunable:mem:load" + NEXT.incrementAndGet() + URL;
        try (Client client = start(url)) {
            client.run("SELECT * FROM LAX");
            assertThat(client.receipt().granted().level()).as("calm").isEqualTo(Level.LINEARIZABLE);
            // a majority costs a journey, as between machines
            for (int node = 1; node <= 3; node++) {
                client.connection().cluster().slow(node, Duration.ofMillis(2));
            }
            List<Reads> lax;
            List<Reads> strict;
            try (Crowd crowd = new Crowd(url, "LAX", "STRICT")) {
                await("the load to pass", () -> isDowngraded(client));
                long seen = downgradedSoFar(client);
                await("many downgraded reads", () -> downgradedSoFar(client) > seen + 20_000);
                lax = crowd.stop(0, 2);
                strict = crowd.stop(1, 2);
            }
            await("the load to be left", () -> !isDowngraded(client));
            client.run("SELECT * FROM LAX");
            assertThat(client.receipt().granted().level()).as("calm again").isEqualTo(Level.LINEARIZABLE);
            assertThat(client.warnings()).isEmpty();

            List<Long> asAsked = all(lax, true);
            List<Long> downgraded = all(lax, false);
            assertThat(asAsked).as("reads before the load passed").isNotEmpty();
            assertThat(lax.stream().flatMap(reads -> reads.wrong.stream()))
                    .as("silent or wrong")
                    .isEmpty();
            assertThat(all(strict, false)).as("no rule allows it").isEmpty();
            assertThat(strict.stream().flatMap(reads -> reads.wrong.stream())).isEmpty();
            assertThat(client.connection()
                            .unwrap(EmbeddedSession.class)
                            .ruleCounts()
                            .of("LAX"))
                    .as("every one is counted")
                    .isEqualTo(new Count(0, downgraded.size()));
            assertThat(client.column("SHOW CONSISTENCY LOAD", "SWITCHES"))
                    .as("down once, up once")
                    .contains("2");
            LOG.info(
                    "p99 as asked {}, downgraded {}, strict under the same load {}",
                    p99(asAsked),
                    p99(downgraded),
                    p99(all(strict, true)));
        }
    }

    @Test
    void withoutARuleNothingIsEverWeaker() throws Exception {
        String url = "jdbc:tunable:mem:load" + NEXT.incrementAndGet() + URL;
        try (Client client = start(url)
                        .run(
                                "CREATE OR REPLACE CONSISTENCY RULE lax ON lax FOR READ USING LINEARIZABLE",
                                // somebody else's rule, so that the load is read and passed
                                "CREATE CONSISTENCY RULE other ON * FOR READ TO USER TYPE 'nobody' USING LINEARIZABLE"
                                        + " DOWNGRADE TO EVENTUAL WHEN LOAD > 0.75");
                Crowd crowd = new Crowd(url, "LAX", "STRICT")) {
            await("the load to pass", () -> isDowngraded(client));
            for (int table = 0; table < 2; table++) {
                List<Reads> got = crowd.stop(table, 2);
                assertThat(all(got, true)).isNotEmpty();
                assertThat(all(got, false)).isEmpty();
                assertThat(got.stream().flatMap(reads -> reads.wrong.stream())).isEmpty();
            }
        }
    }

    private static long downgradedSoFar(Client client) throws SQLException {
        return client.connection()
                .unwrap(EmbeddedSession.class)
                .ruleCounts()
                .of("LAX")
                .downgraded();
    }

    private static List<Long> all(List<Reads> reads, boolean asAsked) {
        List<Long> nanos = new ArrayList<>();
        reads.forEach(one -> nanos.addAll(asAsked ? one.asAskedNanos : one.downgradedNanos));
        return nanos;
    }

    private static String p99(List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted.length + " reads, p50 " + sorted[sorted.length / 2] / 1_000 + " us, p99 "
                + sorted[(int) (sorted.length * 0.99)] / 1_000 + " us";
    }
}
