package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Level;
import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** ALTER TABLE … SHARD BY, REFERENCE and UNSHARDED of tables with rows, while others read and write them. */
class MovedTableTest {
    private static final int ROWS = 60;
    private static final int EACH = 10;
    private static final String[] WAYS = {"SHARD BY (ID)", "UNSHARDED", "REFERENCE", "SHARD BY (ID)", "REFERENCE"};

    private static final String[] FEW_WAYS = {"REFERENCE", "SHARD BY (ID)"};

    private static Cluster cluster;
    private static Client client;

    @BeforeAll
    static void start() throws SQLException {
        cluster = Cluster.sharded(3);
        client = cluster.at(0);
    }

    @AfterEach
    void compare() throws SQLException, IOException {
        cluster.healAndCompare();
        client.execute("DROP TABLE IF EXISTS CHILD, T");
    }

    @AfterAll
    static void stop() throws SQLException {
        client.close();
        cluster.close();
    }

    private static void fill(String more) throws SQLException {
        client.execute("CREATE TABLE T(ID INT PRIMARY KEY, N INT NOT NULL, S VARCHAR)" + more);
        client.execute("CREATE INDEX IX ON T(N)");
        client.execute("INSERT INTO T SELECT X, " + EACH + ", 'row ' || X FROM SYSTEM_RANGE(1, " + ROWS + ")");
        // weak reads may be served by a replica that has not got the rows yet, and are right then
        for (int node = 1; node <= 3; node++) {
            try (Client near = cluster.at(node)) {
                Cluster.await(
                        "the rows at n" + node,
                        () -> near.number("SELECT COUNT(*) FROM T WITH CONSISTENCY EVENTUAL") == ROWS);
            }
        }
    }

    /** Each row is found by its key, where the plan looks for it, and no more than once. */
    private static void assertAllThere(int rows) throws SQLException {
        assertThat(client.number("SELECT COUNT(*) FROM T WITH CONSISTENCY LINEARIZABLE"))
                .isEqualTo(rows);
        assertThat(client.number("SELECT COUNT(DISTINCT ID) FROM T")).isEqualTo(rows);
        for (int id = 1; id <= rows; id++) {
            assertThat(client.number("SELECT COUNT(*) FROM T WHERE ID = ?", id))
                    .as("row %d", id)
                    .isEqualTo(1);
        }
    }

    /** The shards that have rows. */
    private static List<Integer> shards() throws SQLException {
        List<Integer> served = new ArrayList<>();
        for (int id = 1; id <= ROWS; id++) {
            client.number("SELECT N FROM T WHERE ID = ?", id);
            served.add(client.receipt().served().get(0).shard());
        }
        return served.stream().distinct().sorted().toList();
    }

    @Test
    void rowsGoWhereTheirKeysSay() throws SQLException {
        fill("");
        for (String way : WAYS) {
            client.execute("ALTER TABLE T " + way);
            assertAllThere(ROWS);
            if (way.startsWith("SHARD")) {
                assertThat(shards()).containsExactly(0, 1, 2);
            }
            assertThat(client.number("SELECT SUM(N) FROM T WHERE N = ?", EACH)).isEqualTo(ROWS * EACH);
            assertThat(client.update("UPDATE T SET S = S || '.' WHERE ID = 7")).isEqualTo(1);
        }
        assertThat(client.number("SELECT LENGTH(S) FROM T WHERE ID = 7")).isEqualTo("row 7".length() + WAYS.length);
    }

    @Test
    void anotherKeyAndRowsWithoutKeysOfTheirOwn() throws SQLException {
        client.execute("CREATE TABLE T(A INT NOT NULL, B VARCHAR NOT NULL, C CLOB)");
        client.execute("INSERT INTO T SELECT MOD(X, 7), 'b' || MOD(X, 11), 'c' FROM SYSTEM_RANGE(1, 200)");
        // equal rows are rows too
        client.execute("INSERT INTO T VALUES (1, 'b1', 'c'), (1, 'b1', 'c')");
        String hash = "SELECT SUM(ORA_HASH(A || B || C)) FROM T WHERE A >= ?";
        long before = client.number(hash, 0);
        for (String way : new String[] {"SHARD BY (A)", "SHARD BY (B)", "REFERENCE", "SHARD BY (A)", "UNSHARDED"}) {
            client.execute("ALTER TABLE T " + way);
            assertThat(client.number("SELECT COUNT(*) FROM T")).as(way).isEqualTo(202);
            assertThat(client.number(hash, 0)).as(way).isEqualTo(before);
            client.execute("INSERT INTO T VALUES (100, 'new', 'c')");
            assertThat(client.update("DELETE FROM T WHERE A = ?", 100)).as(way).isEqualTo(1);
        }
    }

    @Test
    void identitiesStayUnique() throws SQLException {
        client.execute("CREATE TABLE T(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, N INT, S VARCHAR)");
        int rows = 0;
        for (String way : new String[] {"UNSHARDED", "SHARD BY (ID)", "UNSHARDED", "SHARD BY (ID)", "REFERENCE"}) {
            client.execute("ALTER TABLE T " + way);
            for (int i = 0; i < 40; i++) {
                client.update("INSERT INTO T(N) VALUES (?)", i);
                rows++;
            }
            assertThat(client.number("SELECT COUNT(DISTINCT ID) FROM T"))
                    .as(way)
                    .isEqualTo(rows);
        }
        // the values of rows that are gone are gone too
        long highest = client.number("SELECT MAX(ID) FROM T");
        client.execute("DELETE FROM T");
        client.execute("ALTER TABLE T SHARD BY (ID)");
        for (int i = 0; i < 40; i++) {
            client.update("INSERT INTO T(N) VALUES (?)", i);
        }
        assertThat(client.number("SELECT MIN(ID) FROM T")).isGreaterThan(highest);
    }

    @Test
    void whatCantBeMovedStaysAsItIs() throws SQLException {
        client.execute("CREATE TABLE T(ID INT PRIMARY KEY, N INT, S VARCHAR)");
        client.execute("INSERT INTO T SELECT X, NULLIF(X, 5), 's' FROM SYSTEM_RANGE(1, " + ROWS + ")");
        client.execute("CREATE TABLE CHILD(T INT REFERENCES T)");
        assertThat(Refusal.expect("TC005", () -> client.execute("ALTER TABLE T SHARD BY (ID)")))
                .contains("FOREIGN KEY(T) of PUBLIC.CHILD");
        client.execute("DROP TABLE CHILD");
        assertThat(Refusal.expect("TC005", () -> client.execute("ALTER TABLE T SHARD BY (N)")))
                .contains("PRIMARY KEY(ID) of PUBLIC.T does not contain the shard key N");
        client.execute("ALTER TABLE T DROP PRIMARY KEY");
        Refusal.expect("90081", () -> client.execute("ALTER TABLE T SHARD BY (N)"));
        assertThat(client.update("UPDATE T SET N = 5 WHERE ID = 5")).isEqualTo(1);
        client.execute("INSERT INTO T SELECT X, X, 'more' FROM SYSTEM_RANGE(1001, 2000)");
        try (Client careful = cluster.at(0, "maxMoveRows=500")) {
            assertThat(Refusal.expect("TC006", () -> careful.execute("ALTER TABLE T SHARD BY (ID)")))
                    .contains("maxMoveRows=500");
        }
        client.execute("DELETE FROM T WHERE ID > 1000");
        client.execute("ALTER TABLE T SHARD BY (ID)");
        assertAllThere(ROWS);
    }

    /** It could fail in the last shard, when the others have it. */
    @Test
    void whatIsTooLargeToBeTriedFirstIsRefused() throws SQLException {
        fill("SHARD BY (ID)");
        String change = "ALTER TABLE T ADD CONSTRAINT POSITIVE CHECK (ID > 0)";
        try (Client careful = cluster.at(0, "maxTrialRows=10")) {
            assertThat(Refusal.expect("TC006", () -> careful.execute(change)))
                    .contains("maxTrialRows=10")
                    .contains("PUBLIC.T");
            // these can't fail on rows
            careful.execute("CREATE INDEX I ON T(ID)");
            careful.execute("COMMENT ON TABLE T IS 'large'");
        }
        client.execute("INSERT INTO T(ID, N) VALUES(-1, 0)");
        client.execute("DELETE FROM T WHERE ID = -1");
        client.execute(change);
        Refusal.expect("23513", () -> client.execute("INSERT INTO T(ID, N) VALUES(-1, 0)"));
    }

    @Test
    void nobodySeesARowTwiceOrNotAtAll() throws SQLException {
        fill("");
        AtomicLong reads = new AtomicLong();
        try (Background load = new Background()) {
            int readers = 0;
            for (Level level : Level.values()) {
                int seat = readers++;
                String sum = "SELECT SUM(N) FROM T WITH CONSISTENCY " + level
                        + (level == Level.BOUNDED_STALENESS ? " (1 SECONDS)" : "");
                Random random = new Random(seat);
                load.repeat(cluster, seat % 4, reader -> {
                    try {
                        assertThat(reader.number(sum)).as(sum).isEqualTo(ROWS * EACH);
                        long one = reader.number(
                                "SELECT COUNT(*) FROM T WHERE ID = ? WITH CONSISTENCY " + level
                                        + (level == Level.BOUNDED_STALENESS ? " (1 SECONDS)" : ""),
                                1 + random.nextInt(ROWS));
                        assertThat(one).as("%s by key", level).isEqualTo(1);
                        reads.incrementAndGet();
                    } catch (SQLException e) {
                        requireRefusal(e);
                    }
                });
            }
            for (String way : FEW_WAYS) {
                client.execute("ALTER TABLE T " + way);
            }
        }
        assertThat(reads).hasPositiveValue();
        assertAllThere(ROWS);
    }

    @Test
    void aBankThatMovesKeepsItsMoney() throws SQLException {
        long seed = Seeds.next();
        System.out.println("seed " + seed);
        fill("");
        AtomicLong transfers = new AtomicLong();
        AtomicLong exact = new AtomicLong();
        AtomicLong torn = new AtomicLong();
        try (Background load = new Background()) {
            for (int thread = 0; thread < 2; thread++) {
                Random random = new Random(seed + thread);
                load.repeat(cluster, 0, teller -> transfer(teller, random, transfers));
            }
            for (String level : new String[] {"LINEARIZABLE", "SNAPSHOT"}) {
                load.repeat(cluster, 0, reader -> {
                    try {
                        assertThat(reader.number("SELECT SUM(N) FROM T WITH CONSISTENCY " + level))
                                .as(level)
                                .isEqualTo(ROWS * EACH);
                        exact.incrementAndGet();
                    } catch (SQLException e) {
                        requireRefusal(e);
                    }
                });
            }
            load.repeat(cluster, 0, reader -> {
                try {
                    if (reader.number("SELECT SUM(N) FROM T WITH CONSISTENCY EVENTUAL") != ROWS * EACH) {
                        torn.incrementAndGet();
                    }
                } catch (SQLException e) {
                    requireRefusal(e);
                }
            });
            for (String way : FEW_WAYS) {
                client.execute("ALTER TABLE T " + way);
                long from = transfers.get();
                Cluster.await("transfers after " + way, () -> transfers.get() > from + 20);
            }
            Cluster.await("a wrong sum at EVENTUAL, which promises no more", () -> torn.get() > 0);
        }
        assertThat(exact).hasPositiveValue();
        assertThat(client.number("SELECT SUM(N) FROM T WITH CONSISTENCY LINEARIZABLE"))
                .isEqualTo(ROWS * EACH);
        assertAllThere(ROWS);
    }

    private static void transfer(Client teller, Random random, AtomicLong transfers) throws SQLException {
        int from = 1 + random.nextInt(ROWS);
        int to = 1 + (from + random.nextInt(ROWS - 1)) % ROWS;
        try {
            teller.begin();
            assertThat(teller.update("UPDATE T SET N = N - 1 WHERE ID = ?", from))
                    .isEqualTo(1);
            assertThat(teller.update("UPDATE T SET N = N + 1 WHERE ID = ?", to)).isEqualTo(1);
            teller.commit();
            transfers.incrementAndGet();
        } catch (SQLException e) {
            teller.rollback();
            requireRefusal(e);
        }
    }

    private static void requireRefusal(SQLException e) throws SQLException {
        if (!Refusal.CERTAIN.contains(e.getSQLState())) {
            throw e;
        }
    }

    @Test
    void batchesAndRowsOfManyShardsFindTheirWay() throws Exception {
        client.execute("CREATE TABLE T(ID INT PRIMARY KEY, N INT NOT NULL, S VARCHAR)");
        AtomicLong next = new AtomicLong();
        try (Background load = new Background()) {
            load.repeat(cluster, 0, writer -> insertBatch(writer, next));
            for (String way : WAYS) {
                long from = next.get();
                Cluster.await("rows", () -> next.get() > from + 30);
                client.execute("ALTER TABLE T " + way);
            }
        }
        assertThat(client.number("SELECT COUNT(*) FROM T WITH CONSISTENCY LINEARIZABLE"))
                .isEqualTo(next.get());
        assertAllThere((int) next.get());
    }

    /** A move may take longer than a statement waits for it; what is refused is not in. */
    private static void insertBatch(Client writer, AtomicLong next) throws SQLException {
        long first = next.get() + 1;
        List<Long> missing = LongStream.range(first, first + 6).boxed().toList();
        while (!missing.isEmpty()) {
            missing = refused(writer, missing);
        }
        while (!insertTwo(writer, first + 6)) {
            Thread.onSpinWait();
        }
        next.addAndGet(8);
    }

    /** Inserts rows in a batch; those of them that are not in. */
    private static List<Long> refused(Client writer, List<Long> ids) throws SQLException {
        try (PreparedStatement insert = writer.connection().prepareStatement("INSERT INTO T VALUES (?, 1, 'x')")) {
            for (long id : ids) {
                insert.setLong(1, id);
                insert.addBatch();
            }
            insert.executeBatch();
            return List.of();
        } catch (BatchUpdateException e) {
            requireRefusal(e);
            int[] counts = e.getUpdateCounts();
            return IntStream.range(0, ids.size())
                    .filter(i -> i >= counts.length || counts[i] == Statement.EXECUTE_FAILED)
                    .mapToObj(ids::get)
                    .toList();
        }
    }

    private static boolean insertTwo(Client writer, long id) throws SQLException {
        try (Statement insert = writer.connection().createStatement()) {
            insert.execute("INSERT INTO T VALUES (" + id + ", 1, 'y'), (" + (id + 1) + ", 1, 'y')");
            return true;
        } catch (SQLException e) {
            requireRefusal(e);
            return false;
        }
    }

    @Test
    void aMoveThatIsGivenUpHalfWayIsFinishedOrUndone() throws Exception {
        Random random = new Random(Seeds.next());
        fill("");
        for (int turn = 0; turn < 12; turn++) {
            String way = WAYS[turn % WAYS.length];
            CompletableFuture<Thread> runs = new CompletableFuture<>();
            CompletableFuture<Boolean> ended = CompletableFuture.supplyAsync(
                    () -> {
                        runs.complete(Thread.currentThread());
                        try (Client other = cluster.at(0)) {
                            other.execute("ALTER TABLE T " + way);
                            return true;
                        } catch (SQLException e) {
                            return false;
                        } finally {
                            // not for whatever this thread does next
                            Thread.interrupted();
                        }
                    },
                    task -> new Thread(task).start());
            Thread thread = runs.get(5, TimeUnit.SECONDS);
            LockSupport.parkNanos(random.nextInt(60) * 1_000_000L);
            if (!ended.isDone()) {
                thread.interrupt();
            }
            join(ended);
            // whoever meets the table finishes what was begun
            assertThat(client.update("UPDATE T SET N = N WHERE ID = ?", 1 + random.nextInt(ROWS)))
                    .isEqualTo(1);
            assertAllThere(ROWS);
        }
        client.execute("ALTER TABLE T SHARD BY (ID)");
        assertThat(shards()).containsExactly(0, 1, 2);
        try (Statement statement = client.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT SUM(N) FROM T")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(ROWS * EACH);
        }
    }

    @Test
    void weakWritesLandWhereTheirRowsAreNow() throws SQLException {
        fill("");
        String weak = " WITH CONSISTENCY EVENTUAL";
        int node = 1 + cluster.nodes().leader(0) % 3;
        try (Client far = cluster.at(node)) {
            cluster.nodes().isolate(node);
            for (int id = 1; id <= 10; id++) {
                far.update("UPDATE T SET N = N + 5 WHERE ID = ?" + weak, id);
            }
            far.update("UPDATE T SET S = 'all' WHERE N >= ?" + weak, EACH);
            far.update("INSERT INTO T VALUES (101, 1, 'a'), (102, 1, CAST(CURRENT_TIMESTAMP AS VARCHAR))" + weak);
            far.update("DELETE FROM T WHERE ID IN (20, 21, 22)" + weak);
            far.update("INSERT INTO T SELECT ID + 1000, N, S FROM T WHERE ID < 3" + weak);
            assertThat(far.receipt().served().get(0).role()).isEqualTo("OUTBOX");
            far.begin();
            far.update("UPDATE T SET N = 0 WHERE ID = 30" + weak);
            far.update("UPDATE T SET N = 0 WHERE ID = 31" + weak);
            far.commit();
            far.connection().setAutoCommit(true);
            // so that what is written now is later than what was
            long accepted = client.number("SELECT EXTRACT(EPOCH FROM CURRENT_TIMESTAMP)");
            client.execute("ALTER TABLE T SHARD BY (ID)");
            client.execute("ALTER TABLE T REFERENCE");
            client.execute("ALTER TABLE T SHARD BY (ID)");
            Cluster.await(
                    "a second to pass",
                    () -> client.number("SELECT EXTRACT(EPOCH FROM CURRENT_TIMESTAMP)") > accepted + 1);
            cluster.nodes().heal();
            Cluster.await("the outbox to be carried out", () -> {
                try (Client other = cluster.at(0)) {
                    return other.number("SELECT COUNT(*) FROM TUNABLE.OUTBOX WHERE PENDING > 0") == 0;
                }
            });
            assertThat(client.number("SELECT SUM(N) FROM T WHERE ID <= 10")).isEqualTo(10 * (EACH + 5));
            assertThat(client.number("SELECT COUNT(*) FROM T WHERE S = 'all'")).isEqualTo(ROWS - 3);
            assertThat(client.number("SELECT COUNT(*) FROM T WHERE ID = ? AND S = 'a'", 101))
                    .isEqualTo(1);
            assertThat(client.number(
                            "SELECT EXTRACT(EPOCH FROM CAST(S AS TIMESTAMP WITH TIME ZONE)) FROM T WHERE ID = ?", 102))
                    .as("when it was accepted")
                    .isLessThanOrEqualTo(accepted);
            assertThat(client.number("SELECT COUNT(*) FROM T WHERE ID IN (20, 21, 22)"))
                    .isZero();
            assertThat(client.number("SELECT SUM(N) FROM T WHERE ID IN (30, 31)"))
                    .isZero();
            // what would read now what it should have read then is kept, not guessed
            assertThat(client.number(
                            "SELECT COUNT(*) FROM TUNABLE.REJECTED_WRITES WHERE TEXT LIKE 'INSERT INTO T SELECT%'"))
                    .isEqualTo(1);
            assertThat(client.number("SELECT COUNT(*) FROM TUNABLE.REJECTED_WRITES"))
                    .isEqualTo(1);
        }
    }

    /** A later shard's rows must not come between the trial and the change. */
    @Test
    void aSchemaChangeIsDoneInAllShardsOrNone() throws SQLException {
        fill(" SHARD BY (ID)");
        int done = 0;
        int refused = 0;
        Random random = new Random(Seeds.next());
        try (Background load = new Background()) {
            load.repeat(cluster, 0, writer -> {
                int id = 1000 + random.nextInt(50);
                try {
                    writer.update("INSERT INTO T VALUES (?, -1, 'bad')", id);
                } catch (SQLException e) {
                    // the check, or a row whose DELETE was refused before
                    if (!"23513".equals(e.getSQLState()) && !"23505".equals(e.getSQLState())) {
                        requireRefusal(e);
                    }
                }
                try {
                    writer.update("DELETE FROM T WHERE ID = ?", id);
                } catch (SQLException e) {
                    requireRefusal(e);
                }
            });
            for (int turn = 0; turn < 60 && (turn < 8 || done == 0 || refused == 0); turn++) {
                try {
                    client.execute("ALTER TABLE T ADD CONSTRAINT POSITIVE CHECK (N >= 0)");
                    done++;
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("23513");
                    assertThat(e.getMessage()).doesNotContain("is done in the shards before");
                    refused++;
                    continue;
                }
                assertThat(client.number("SELECT COUNT(*) FROM T WHERE N < 0")).isZero();
                client.execute("ALTER TABLE T DROP CONSTRAINT POSITIVE");
            }
        }
        assertThat(done).as("done").isPositive();
        assertThat(refused).as("refused because of a row").isPositive();
    }

    private static void join(CompletableFuture<Boolean> ended) throws InterruptedException, TimeoutException {
        try {
            ended.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }
}
