package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.cut.Coordinator;
import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.outbox.Batch;
import io.tunabledb.engine.outbox.OutboxEntry;
import io.tunabledb.engine.outbox.QueuedWrite;
import io.tunabledb.engine.session.Token;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.url.DatabaseUrl;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What sessions do with epochs. A shard is led into the next one by hand, as if a cut had been begun that nobody ends: the
 * others come there only for the sake of what somebody carries.
 */
class SessionEpochTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration MOMENT = Duration.ofMillis(60);
    private static final String URL =
            "jdbc:tunable:mem:sessionEpoch?replicas=1&shards=3&consistencyTimeout=20000&tokenScope=connection";
    private static final int AHEAD = 2;
    private static final int BEHIND = 1;

    private static ExecutorService threads;
    private static EmbeddedSession session;
    private static Nodes nodes;
    /** A row of each shard. */
    private static final int[] ROWS = new int[3];

    private long level;

    @BeforeAll
    static void open() throws SQLException {
        threads = Executors.newCachedThreadPool();
        session = connect();
        nodes = session.cluster().inside();
        run(session, "CREATE TABLE T(ID INT PRIMARY KEY, N INT NOT NULL) SHARD BY (ID)");
        for (int id = 1; id <= 30; id++) {
            run(session, "INSERT INTO T VALUES (" + id + ", 0)");
            ROWS[session.lastReceipt().served().get(0).shard()] = id;
        }
        assertThat(ROWS).doesNotContain(0);
    }

    @AfterAll
    static void close() {
        session.close();
        threads.shutdownNow();
    }

    /** All shards in one epoch, which everybody knows; then one of them is ahead. */
    @BeforeEach
    void lead() throws Exception {
        level();
        level = epoch(0);
        leader(AHEAD).beginEpoch(level + 1).get(10, TimeUnit.SECONDS);
        assertEpochs(level, level, level + 1);
    }

    private static EmbeddedSession connect() throws SQLException {
        return Database.connect(DatabaseUrl.parse(URL, new Properties()));
    }

    private static Result run(EmbeddedSession session, String sql) throws SQLException {
        return session.prepare(sql, StatementOptions.DEFAULT).execute(Parameters.NONE);
    }

    private static String update(int shard) {
        return "UPDATE T SET N = N + 1 WHERE ID = " + ROWS[shard];
    }

    private static long value(int shard) throws SQLException {
        // no session that goes on
        try (EmbeddedSession other = connect();
                var rows = run(other, "SELECT N FROM T WHERE ID = " + ROWS[shard] + " WITH CONSISTENCY EVENTUAL")
                        .rows()) {
            assertThat(rows.next()).isTrue();
            return rows.getLong(1);
        }
    }

    private static ShardLeader leader(int shard) {
        return nodes.leader(1, shard);
    }

    private static long epoch(int shard) {
        return leader(shard).replica().epoch();
    }

    private static void assertEpochs(long... epochs) {
        assertThat(new long[] {epoch(0), epoch(1), epoch(2)}).containsExactly(epochs);
    }

    /** As if the cuts up to the highest epoch had been begun, and ends them. */
    private static void level() throws Exception {
        long highest = Math.max(epoch(0), Math.max(epoch(1), epoch(2)));
        while (leader(0).replica().newestCut() < highest) {
            leader(0).startCut(leader(0).replica().newestCut() + 1).get(10, TimeUnit.SECONDS);
        }
        Coordinator coordinator = nodes.coordinator(0);
        coordinator.finishNewest();
        until(() -> nodes.released(0) >= highest);
        until(() -> epoch(0) == highest && epoch(1) == highest && epoch(2) == highest);
    }

    private static void until(BooleanSupplier state) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(PATIENCE)
                .until(state::getAsBoolean);
    }

    /** Nobody can release its epoch until the test does. */
    private static void assertHeldBack(Future<?> answer) {
        assertThatThrownBy(() -> answer.get(MOMENT.toMillis(), TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
    }

    private Future<Result> submit(Callable<Result> statement) {
        return threads.submit(statement);
    }

    @Test
    void anErrorOfALinearizableStatementIsHeldBackToo() throws Exception {
        String twice = "INSERT INTO T VALUES (" + ROWS[AHEAD] + ", 0)";
        try (EmbeddedSession strong = connect();
                EmbeddedSession weak = connect()) {
            assertThatThrownBy(() -> run(weak, twice))
                    .as("at SEQUENTIAL, which tells nobody")
                    .hasFieldOrPropertyWithValue("SQLState", "23505");
            Future<Result> failed = submit(() -> run(strong, twice + " WITH CONSISTENCY LINEARIZABLE"));
            assertHeldBack(failed);
            level();
            assertThatThrownBy(() -> failed.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .hasFieldOrPropertyWithValue("SQLState", "23505");
        }
    }

    @Test
    void theAnswersOfAWriteAndOfALinearizableReadAreHeldBack() throws Exception {
        try (EmbeddedSession writer = connect();
                EmbeddedSession reader = connect()) {
            Future<Result> written = submit(() -> run(writer, update(AHEAD)));
            Future<Result> read = submit(
                    () -> run(reader, "SELECT N FROM T WHERE ID = " + ROWS[AHEAD] + " WITH CONSISTENCY LINEARIZABLE"));
            assertHeldBack(written);
            assertHeldBack(read);
            level();
            assertThat(written.get(10, TimeUnit.SECONDS).count()).isEqualTo(1);
            read.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aWriteAfterATokenIsInNoEarlierEpochThanWhatTheTokenHasSeen() throws Exception {
        beginCut();
        try (EmbeddedSession first = connect();
                EmbeddedSession second = connect()) {
            run(second, update(BEHIND));
            assertThat(epoch(BEHIND)).as("the negative control").isEqualTo(level);
            run(second, update(BEHIND) + " WITH CONSISTENCY SEQUENTIAL AFTER '" + see(first) + "'");
            assertThat(epoch(BEHIND)).isEqualTo(level + 1);
        }
    }

    /** Else tokens of the new epoch would be of the future. Whoever waits for its end sees to it. */
    private void beginCut() throws Exception {
        leader(0).startCut(level + 1).get(10, TimeUnit.SECONDS);
    }

    /** A session that reads in the shard that is ahead; its token. */
    private String see(EmbeddedSession reader) throws Exception {
        run(reader, "SELECT N FROM T WHERE ID = " + ROWS[AHEAD] + " WITH CONSISTENCY EVENTUAL");
        assertThat(Token.decode(reader.token()).epoch()).isEqualTo(level + 1);
        return reader.token();
    }

    @Test
    void weakWritesAreCarriedOutInNoEarlierEpochThanTheirWritersHaveSeen() throws Exception {
        try (EmbeddedSession ahead = connect();
                EmbeddedSession behind = connect()) {
            long before = value(BEHIND);
            run(behind, update(BEHIND) + " WITH CONSISTENCY EVENTUAL");
            until(() -> valueOf(BEHIND) == before + 1);
            // the negative control
            assertEpochs(level, level, level + 1);
            see(ahead);
            run(ahead, update(BEHIND) + " WITH CONSISTENCY EVENTUAL");
            until(() -> valueOf(BEHIND) == before + 2);
            assertThat(epoch(BEHIND)).isEqualTo(level + 1);
            assertThat(nodes.released(0)).as("nobody ended it").isEqualTo(level);
        }
    }

    @Test
    void weakWritesAfterATokenToo() throws Exception {
        beginCut();
        try (EmbeddedSession first = connect();
                EmbeddedSession second = connect()) {
            long before = value(BEHIND);
            run(second, update(BEHIND) + " WITH CONSISTENCY EVENTUAL AFTER '" + see(first) + "'");
            until(() -> valueOf(BEHIND) == before + 1);
            assertThat(epoch(BEHIND)).isEqualTo(level + 1);
            assertThat(nodes.released(0)).isEqualTo(level);
        }
    }

    private static long valueOf(int shard) {
        try {
            return value(shard);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aWeakWriteWhoseTableHasMovedIsInNoEarlierEpochEither() throws Exception {
        long before = value(BEHIND);
        byte[] values;
        try (PreparedStatement statement =
                session.paths().metadata().connection().prepareStatement(update(BEHIND))) {
            values = BoundValues.encode(statement);
        }
        // accepted for the first shard, where the table was
        OutboxEntry entry = new OutboxEntry(
                0, Instant.now(), 1, level + 1, List.of(), List.of(new OutboxEntry.Step(update(BEHIND), values)));
        QueuedWrite pending = new QueuedWrite(1, 0, entry.encode());
        Batch batch = new Batch(1, System.nanoTime(), 0, 0, List.of(pending));
        assertThat(nodes.rerouting().isElsewhere(0, entry, "PUBLIC")).isTrue();
        nodes.rerouting().carryOut(1, batch, pending);
        assertThat(value(BEHIND)).isEqualTo(before + 1);
        assertEpochs(level + 1, level + 1, level + 1);
        nodes.rerouting().carryOut(1, batch, pending);
        assertThat(value(BEHIND)).as("once").isEqualTo(before + 1);
    }

    @Test
    void aTokenOfAnEpochThatNoCutHasBegunLeadsNoShardThere() throws Exception {
        level();
        long now = epoch(0);
        try (EmbeddedSession first = connect();
                EmbeddedSession second = connect()) {
            run(first, update(BEHIND));
            Token token = Token.decode(first.token());
            String future = new Token(token.database(), token.read(), token.write(), now + 5, List.of()).encode();
            String before = second.token();
            assertThatThrownBy(() -> second.useToken(future))
                    .hasMessageContaining("epoch " + (now + 5))
                    .hasFieldOrPropertyWithValue("SQLState", "TC004");
            assertThatThrownBy(
                            () -> run(second, update(BEHIND) + " WITH CONSISTENCY SEQUENTIAL AFTER '" + future + "'"))
                    .hasFieldOrPropertyWithValue("SQLState", "TC004");
            assertThatThrownBy(() -> run(second, update(BEHIND) + " WITH CONSISTENCY EVENTUAL AFTER '" + future + "'"))
                    .hasFieldOrPropertyWithValue("SQLState", "TC004");
            assertThat(second.token()).isEqualTo(before);
            run(second, update(BEHIND));
            assertEpochs(now, now, now);
            assertThat(leader(0).replica().newestCut()).isEqualTo(now);
        }
    }
}
