package io.tunabledb.engine.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Decisions;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.TransactionId;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A schema change meets queries and pinned snapshots on one replica, which has no log but what the test applies. */
class ReaderGateTest {
    private static final Duration GRACE = Duration.ofMillis(200);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);
    private final Replica replica =
            new Replica(1, 0, new ReplicaOptions("GATE", GRACE, 1 << 30, false), new Alone(threads), threads);
    private long last;

    @BeforeEach
    void start() throws Exception {
        var unused = replica.stateMachine().restore(directory);
        change("CREATE TABLE T(ID INT PRIMARY KEY)");
    }

    @AfterEach
    void close() {
        replica.close(false);
        threads.shutdownNow();
    }

    private void change(String sql) {
        Entry.Define entry = new Entry.Define(7, ++last, 1, "PUBLIC", sql, Map.of());
        replica.stateMachine().apply(new LogPosition(1, last), entry.encode(), null);
    }

    private Reader entered() throws Exception {
        Reader reader = replica.openReader(connection -> {});
        assertThat(reader.enter(List.of("PUBLIC.T"), Deadline.in(MINUTE))).isTrue();
        return reader;
    }

    @Test
    void aSchemaChangeWaitsForWhatEndsInTime() throws Exception {
        Reader reader = entered();
        Future<?> changing = threads.submit(() -> change("ALTER TABLE T ADD COLUMN V INT"));
        // closed to others, while the one inside goes on
        Reader other = replica.openReader(connection -> {});
        await().atMost(MINUTE).until(() -> {
            boolean isIn = other.enter(Deadline.in(Duration.ZERO));
            if (isIn) {
                other.exit();
            }
            return !isIn || changing.isDone();
        });
        reader.exit();
        changing.get(60, TimeUnit.SECONDS);
        assertThat(reader.isDiscarded()).isFalse();
        assertThat(other.enter(Deadline.in(MINUTE))).as("open again").isTrue();
        other.exit();
    }

    @Test
    void aQueryThatRunsOnIsEnded() throws Exception {
        Reader reader = entered();
        try (Statement statement = reader.connection(Reader.Mode.COMMITTED).createStatement()) {
            statement.setQueryTimeout(60);
            reader.running(statement);
            Future<?> changing = threads.submit(() -> change("ALTER TABLE T ADD COLUMN V INT"));
            assertThatThrownBy(() -> statement.executeQuery("SELECT SUM(A.X * B.X) FROM SYSTEM_RANGE(1, 10000000) A,"
                            + " SYSTEM_RANGE(1, 10000000) B WHERE MOD(A.X + B.X, 7) = 3"))
                    .isInstanceOf(SQLException.class);
            assertThat(reader.wasEvicted()).isTrue();
            reader.idle();
            reader.exit();
            changing.get(60, TimeUnit.SECONDS);
        }
        assertThat(replica.applied()).isEqualTo(2);
    }

    @Test
    void whatCanNotBeEndedIsLeftBesideItAndDiscarded() throws Exception {
        Reader reader = entered();
        // nothing that storage could cancel runs in it
        change("ALTER TABLE T ADD COLUMN V INT");
        assertThat(replica.applied()).isEqualTo(2);
        assertThat(reader.isDiscarded()).isTrue();
        reader.exit();
        assertThat(reader.enter(Deadline.in(MINUTE))).isTrue();
        assertThat(reader.isDiscarded()).as("the next query is another one").isFalse();
        reader.exit();
    }

    @Test
    void aPinnedSnapshotIsTakenAfterAGrace() throws Exception {
        Reader reader = entered();
        reader.pinNow();
        reader.exit();
        assertThat(reader.holdsPin()).isTrue();
        change("ALTER TABLE T ADD COLUMN V INT");
        assertThat(reader.holdsPin()).isFalse();
        assertThat(reader.wasEvicted()).isTrue();
        reader.unpin();
    }

    @Test
    void whoReadsATableIsKnownWhileItIsInside() throws Exception {
        Reader reader = entered();
        assertThat(replica.isRead(tables -> tables.contains("PUBLIC.T"))).isTrue();
        assertThat(replica.isRead(tables -> tables.contains("PUBLIC.OTHER"))).isFalse();
        reader.exit();
        assertThat(replica.isRead(tables -> tables.contains("PUBLIC.T"))).isFalse();
    }

    @Test
    void anotherStorageEndsWhatIsInside() throws Exception {
        Reader reader = entered();
        reader.pinNow();
        var unused = replica.stateMachine().restore(directory);
        assertThat(reader.wasEvicted()).isTrue();
        assertThat(reader.holdsPin()).isFalse();
        reader.exit();
        assertThat(replica.applied()).as("there was no snapshot").isZero();
        last = 0;
        change("CREATE TABLE OTHER(ID INT)");
        assertThat(replica.storage().hasTable("PUBLIC", "OTHER")).isTrue();
    }

    /** A node of this replica only. */
    private record Alone(Executor executor) implements ReplicaListener {
        @Override
        public void catalogChanged(Replica replica, long index, Map<String, String> settings) {}

        @Override
        public void applied(Replica replica, long index) {}

        @Override
        public void released(Replica replica, long cut) {}

        @Override
        public SystemSchema systemSchema() {
            return SystemSchema.EMPTY;
        }

        @Override
        public Decisions decisions() {
            return new Decisions() {
                @Override
                public CompletableFuture<Decision> ask(int from, int home, TransactionId transaction) {
                    return CompletableFuture.failedFuture(new IllegalStateException("there is nobody to ask"));
                }

                @Override
                public CompletableFuture<LogPosition> tell(int from, int shard, TransactionId transaction, long epoch) {
                    return CompletableFuture.failedFuture(new IllegalStateException("there is nobody to tell"));
                }
            };
        }
    }
}
