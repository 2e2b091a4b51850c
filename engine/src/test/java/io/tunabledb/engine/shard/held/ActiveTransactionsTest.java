package io.tunabledb.engine.shard.held;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.shard.ReplicaOptions;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever undoes held work comes late on a busy machine: by then it may be on its way to the log, or of a later term. */
class ActiveTransactionsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static Nodes nodes;
    private static ShardLeader leader;
    private static int sessions = 100;

    /** What it was given is run when the test says so. */
    private final Queue<Runnable> later = new ConcurrentLinkedQueue<>();

    private final ActiveTransactions work = new ActiveTransactions(later::add);

    @BeforeAll
    static void start() throws Exception {
        nodes = Nodes.start(
                DatabaseDirectory.temporary(),
                new Nodes.NodeOptions(
                        1,
                        1,
                        Duration.ofMillis(500),
                        Duration.ofSeconds(5),
                        false,
                        1 << 20,
                        new ReplicaOptions("OPENWORK", Duration.ofSeconds(1), 1 << 30, false),
                        new OutboxOptions(1_000, 1 << 20, Duration.ofSeconds(5), Duration.ZERO, false),
                        (node, shard, index) -> {},
                        List.of()),
                Duration.ofSeconds(60));
        leader = nodes.leader(1, 0);
        leader.define(
                        new TransactionId(1, 1),
                        new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT PRIMARY KEY)"),
                        List.of(),
                        false)
                .get(60, TimeUnit.SECONDS);
    }

    @AfterAll
    static void close() {
        nodes.close();
    }

    /** One that has inserted a row. */
    private ActiveTransaction begun(int id) throws SQLException {
        Writer writer = leader.openWriter();
        LockOwner owner = LockOwner.now(++sessions);
        ActiveTransaction held = work.begin(term -> new ActiveTransaction(term, owner, writer, null));
        assertThat(held.enter()).isTrue();
        try {
            insert(writer, id);
        } finally {
            held.leave();
        }
        return held;
    }

    private static void insert(Writer writer, int id) throws SQLException {
        try (Statement statement = writer.connection().createStatement()) {
            statement.execute("SET LOCK_TIMEOUT 1");
            assertThat(statement.executeUpdate("INSERT INTO T VALUES (" + id + ")"))
                    .isEqualTo(1);
        }
    }

    private static void assertLocked(int id) throws SQLException {
        try (Writer other = leader.openWriter()) {
            assertThatThrownBy(() -> insert(other, id))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HYT00"));
        }
    }

    private void runLater() {
        for (Runnable task = later.poll(); task != null; task = later.poll()) {
            task.run();
        }
    }

    @Test
    void whatIsProposedWhileItIsLookedForKeepsItsLocks() throws Exception {
        work.admit(1);
        ActiveTransaction held = begun(1);
        ActiveTransaction open = begun(2);
        work.rollBackOpen(any -> true, "a schema change could wait no longer", Deadline.in(Duration.ZERO));
        assertThat(held.propose()).isTrue();
        runLater();
        assertThat(held.phase()).isEqualTo("PROPOSED");
        assertLocked(1);
        assertThat(work.transactions()).containsExactly(held);
        assertThat(open.phase()).isEqualTo("ROLLED_BACK");
        held.rollBack("the test is over");
    }

    @Test
    void whatBeganInALaterTermIsLetBe() throws Exception {
        work.admit(1);
        ActiveTransaction first = begun(11);
        long lost = work.refuse();
        work.admit(2);
        ActiveTransaction second = begun(12);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            var undone = threads.submit(() -> work.rollBackUnproposed(lost));
            while (later.isEmpty()) {
                assertThat(undone.isDone()).isFalse();
            }
            runLater();
            undone.get(60, TimeUnit.SECONDS);
        } finally {
            threads.shutdownNow();
        }
        assertThat(first.phase()).isEqualTo("ROLLED_BACK");
        assertThat(second.isOpen()).isTrue();
        assertLocked(12);
        second.rollBack("the test is over");
    }

    /** Somebody who read the rows of before would be logged behind it. */
    @Test
    void nobodyIsLetInWhileWhatLostItsLocksIsToComeInTheLog() throws Exception {
        ActiveTransactions now = new ActiveTransactions(Runnable::run);
        now.admit(3);
        Writer writer = leader.openWriter();
        ActiveTransaction held = now.begin(term -> new ActiveTransaction(term, LockOwner.now(21), writer, null));
        ActiveTransaction open =
                now.begin(term -> new ActiveTransaction(term, LockOwner.now(22), uncheckedWriter(), null));
        assertThat(held.propose()).isTrue();
        now.rollBack(any -> true, "a schema change could wait no longer");
        assertThat(open.isOpen()).isFalse();
        assertThat(now.isHeldUp()).isTrue();
        assertThat(now.term()).isEqualTo(3);
        assertThat(now.admittedTerm()).isZero();
        assertThatThrownBy(() -> now.begin(term -> open)).isInstanceOf(NotLeaderException.class);
        now.end(held);
        assertThat(now.admittedTerm()).isEqualTo(3);

        // that of an earlier term can't come any more
        ActiveTransaction next =
                now.begin(term -> new ActiveTransaction(term, LockOwner.now(23), uncheckedWriter(), null));
        assertThat(next.propose()).isTrue();
        now.rollBack(any -> true, "a schema change could wait no longer");
        assertThat(now.admittedTerm()).isZero();
        now.admit(4);
        assertThat(now.admittedTerm()).isEqualTo(4);
    }

    /** It has read the rows of before, and what was prepared may yet be committed: logged in between, it would be overwritten. */
    @Test
    void whoGetsALockThatIsLostWithHimProposesNothing() throws Exception {
        work.admit(6);
        ActiveTransaction prepared = begun(41);
        assertThat(prepared.propose() && prepared.prepare()).isTrue();
        Writer writer = leader.openWriter();
        ActiveTransaction waiting = work.begin(term -> new ActiveTransaction(term, LockOwner.now(42), writer, null));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            var got = threads.submit(() -> insertPatiently(waiting, 41));
            await().atMost(MINUTE).until(waiting::isWaiting);
            var undone = threads.submit(() -> work.rollBack(any -> true, "a schema change could wait no longer"));
            await().atMost(MINUTE).until(() -> later.size() == 2);
            // on a busy machine the first has let go before anybody comes to the second
            later.remove().run();
            got.get(60, TimeUnit.SECONDS);
            assertThat(waiting.propose()).as("may be logged").isFalse();
            assertThat(waiting.endUnchanged()).as("what it has read counts").isFalse();
            runLater();
            undone.get(60, TimeUnit.SECONDS);
            assertThat(work.count(any -> true)).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    private static boolean insertPatiently(ActiveTransaction held, int id) throws SQLException {
        assertThat(held.enter()).isTrue();
        try (Statement statement = held.writer().connection().createStatement()) {
            statement.execute("SET LOCK_TIMEOUT 60000");
            return statement.executeUpdate("INSERT INTO T VALUES (" + id + ")") == 1;
        } finally {
            held.leave();
        }
    }

    private static Writer uncheckedWriter() {
        try {
            return leader.openWriter();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aStatementThatDoesNotEndIsNotWaitedForWithoutEnd() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            ActiveTransactions impatient = new ActiveTransactions(threads, Duration.ofMillis(50));
            impatient.admit(5);
            ActiveTransaction held =
                    impatient.begin(term -> new ActiveTransaction(term, LockOwner.now(31), uncheckedWriter(), null));
            assertThat(held.enter()).isTrue();
            try {
                assertThat(impatient.rollBackAll("the node was stopped", Duration.ofMillis(50)))
                        .isFalse();
                assertThatThrownBy(() -> impatient.rollBackBefore(6))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("after it was cancelled, and keeps its locks from the log")
                        .hasMessageContaining("the shard's leader changed");
            } finally {
                held.leave();
            }
            impatient.rollBack(any -> true, "it has ended");
            assertThat(impatient.count(any -> true)).isZero();
        } finally {
            threads.shutdownNow();
        }
    }
}
