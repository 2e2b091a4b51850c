package io.tunabledb.engine.execute.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.execute.Accounts;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.message.Condition;
import io.tunabledb.engine.message.ReadMessage.Answer;
import io.tunabledb.engine.message.ReadMessage.CloseRows;
import io.tunabledb.engine.message.ReadMessage.Execute;
import io.tunabledb.engine.message.ReadMessage.NextPage;
import io.tunabledb.engine.message.ReadMessage.Side;
import io.tunabledb.engine.message.ReadMessage.Snapshot;
import io.tunabledb.engine.message.ReadMessage.Statement;
import io.tunabledb.engine.message.ReadMessage.Terms;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.PlannedPlaces;
import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a node does with the messages of sessions that read there from elsewhere. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServedReadsTest {
    private static final Side BY = new Side(77, 0);
    private static final Condition NONE = new Condition.Applied(0);
    private static final Condition NEVER = new Condition.Applied(Long.MAX_VALUE);
    private static final Duration LONG = Accounts.PATIENCE;
    private static final String SCAN = "SELECT X FROM SYSTEM_RANGE(1, 100000)";

    private Accounts accounts;
    private ScheduledExecutorService scheduler;
    private ServedReads reads;

    @BeforeAll
    void open() throws Exception {
        scheduler = Executors.newSingleThreadScheduledExecutor();
        accounts = new Accounts();
        accounts.settle();
    }

    @BeforeEach
    void begin() {
        List<Replica> replicas = IntStream.range(0, Accounts.SHARDS)
                .mapToObj(shard -> accounts.nodes.replica(1, shard))
                .toList();
        reads = new ServedReads(replicas, scheduler);
    }

    @AfterAll
    void close() {
        if (accounts != null) {
            accounts.close();
        }
        scheduler.shutdownNow();
    }

    private static Execute execute(long number, String sql, Condition condition, Snapshot snapshot) {
        return execute(number, sql, condition, snapshot, new PlannedPlaces(List.of()), LONG);
    }

    private static Execute execute(
            long number, String sql, Condition condition, Snapshot snapshot, PlannedPlaces places, Duration within) {
        Level level = snapshot == Snapshot.OWN ? Level.SEQUENTIAL : Level.SNAPSHOT;
        return new Execute(
                BY,
                number,
                new Statement(
                        number,
                        sql,
                        StatementOptions.DEFAULT,
                        0,
                        0,
                        new byte[] {0},
                        List.of(),
                        List.of("PUBLIC.ACC"),
                        false,
                        null),
                new Terms(level, condition, null, snapshot, places, false, within, within));
    }

    private Answer ask(Execute asked) {
        try {
            return reads.execute(asked);
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    private Answer.Rows rows(Execute asked) {
        Answer answer = ask(asked);
        assertThat(answer).isInstanceOf(Answer.Rows.class);
        return (Answer.Rows) answer;
    }

    /** Waits at the replica by now, or will: whatever comes next must do for both. */
    private CompletableFuture<Answer> waiting(long number) {
        return CompletableFuture.supplyAsync(() -> ask(execute(number, SCAN, NEVER, Snapshot.OWN)));
    }

    @Test
    void whatFitsIntoOnePageLeavesNothingOpen() throws Exception {
        Answer.Rows answer = rows(execute(1, "SELECT N FROM ACC WHERE ID = 1", NONE, Snapshot.OWN));
        assertThat(answer.first().isLast()).isTrue();
        assertThat(answer.seen()).isPositive();
        assertThat(answer.role().alive()).isTrue();
        assertThatThrownBy(() -> reads.next(new NextPage(BY, 1, 1))).satisfies(ServedReadsTest::isLost);
    }

    private static void isLost(Throwable e) {
        assertThat(((SQLException) e).getSQLState()).isEqualTo(SqlState.RETRY_TRANSACTION.code());
    }

    @Test
    void aPageThatIsAskedForAgainIsTheSame() throws Exception {
        rows(execute(1, SCAN, NONE, Snapshot.OWN));
        byte[] page = reads.next(new NextPage(BY, 1, 1)).bytes();
        assertThat(reads.next(new NextPage(BY, 1, 1)).bytes()).isEqualTo(page);
        assertThat(reads.next(new NextPage(BY, 1, 2)).bytes()).isNotEqualTo(page);
        assertThatThrownBy(() -> reads.next(new NextPage(BY, 1, 1))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void severalResultsAreOpenAtATime() throws Exception {
        rows(execute(1, SCAN, NONE, Snapshot.OWN));
        rows(execute(2, SCAN, NONE, Snapshot.OWN));
        byte[] page = reads.next(new NextPage(BY, 1, 1)).bytes();
        assertThat(reads.next(new NextPage(BY, 2, 1)).bytes()).isEqualTo(page);
        reads.close(new CloseRows(BY, 1));
        assertThatThrownBy(() -> reads.next(new NextPage(BY, 1, 2))).satisfies(ServedReadsTest::isLost);
        assertThat(reads.next(new NextPage(BY, 2, 2)).isLast()).isFalse();
    }

    @Test
    void whatIsNotUsedIsLetGo() throws Exception {
        rows(execute(1, SCAN, NONE, Snapshot.OWN));
        reads.endUnused(LONG);
        assertThat(reads.next(new NextPage(BY, 1, 1)).isLast()).isFalse();
        reads.endUnused(Duration.ZERO);
        assertThat(reads.sides()).isZero();
        assertThatThrownBy(() -> reads.next(new NextPage(BY, 1, 2))).satisfies(ServedReadsTest::isLost);
        rows(execute(2, SCAN, NONE, Snapshot.OWN));
    }

    @Test
    void whoLeavesLeavesNothing() {
        rows(execute(1, SCAN, NONE, Snapshot.OWN));
        reads.leave(BY.session());
        assertThat(reads.sides()).isZero();
    }

    @Test
    void aConditionThatIsNotMetInTimeIsSaid() {
        Answer answer = ask(execute(1, SCAN, NEVER, Snapshot.OWN, new PlannedPlaces(List.of()), Duration.ofMillis(20)));
        assertThat(answer).isInstanceOf(Answer.NotMet.class);
    }

    @Test
    void aCancelEndsTheWait() throws Exception {
        CompletableFuture<Answer> waiting = waiting(1);
        Accounts.until(() -> {
            // one that comes before its read does nothing, so it is sent until that ends
            reads.cancel(BY, 1);
            return waiting.isDone();
        });
        assertThat(waiting.get()).isInstanceOf(Answer.Cancelled.class);
        // the thread that waited is whoever's it was, and the next read is not meant
        rows(execute(2, SCAN, NONE, Snapshot.OWN));
    }

    @Test
    void aCancelOfAnotherReadIsNotMeant() throws Exception {
        reads.cancel(BY, 2);
        reads.cancel(BY, 1);
        rows(execute(1, SCAN, NONE, Snapshot.OWN));
    }

    /** The session has lost the first one's answer, or it would not ask. */
    @Test
    void aLaterReadEndsAnEarlier() throws Exception {
        CompletableFuture<Answer> waiting = waiting(1);
        // whichever comes first
        Answer later = ask(execute(2, "SELECT N FROM ACC WHERE ID = 1", NONE, Snapshot.OWN));
        assertThat(later).isInstanceOf(Answer.Rows.class);
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isInstanceOf(Answer.Cancelled.class);
    }

    @Test
    void aSnapshotStaysUntilItIsLetGo() throws Exception {
        String sum = "SELECT SUM(N) FROM ACC";
        Answer.Rows first = rows(execute(1, sum, NONE, Snapshot.KEEP));
        SessionState writer = accounts.session();
        accounts.commit(writer, accounts.transfer(writer, 3, 0, 1));
        accounts.settle();
        Answer.Rows again = rows(execute(2, sum, NONE, Snapshot.KEPT));
        assertThat(again.first().bytes()).isEqualTo(first.first().bytes());
        assertThat(again.seen()).isEqualTo(first.seen());
        assertThat(rows(execute(3, sum, NONE, Snapshot.OWN)).first().bytes())
                .as("the control")
                .isNotEqualTo(first.first().bytes());
        reads.unpin(BY);
        assertThat(ask(execute(4, sum, NONE, Snapshot.KEPT)))
                .isInstanceOfSatisfying(
                        Answer.Failed.class, lost -> isLost(lost.error().exception()));
    }

    @Test
    void aTableThatIsElsewhereIsNotRead() {
        PlannedPlaces places = new PlannedPlaces(List.of(
                new PlannedPlaces.Table("PUBLIC.ACC", false, Catalog.place("PUBLIC", "ACC"), "elsewhere", "1")));
        assertThat(ask(execute(1, SCAN, NONE, Snapshot.OWN, places, LONG))).isInstanceOf(Answer.Moved.class);
    }

    @Test
    void aNodeHoldsSoManyResultsAndNoMore() throws Exception {
        OpenRows rows = new OpenRows(OpenRows.Limit.of(1));
        try (var connection = accounts.nodes.replica(1, 0).storage().openReader();
                var one = connection.createStatement();
                var two = connection.createStatement()) {
            rows.open(one.executeQuery(SCAN), 1);
            assertThatThrownBy(() -> rows.open(two.executeQuery(SCAN), 2))
                    .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo(SqlState.OVER_LIMIT.code()));
            rows.close(1);
            assertThat(rows.open(two.executeQuery(SCAN), 3).isLast()).isFalse();
            rows.closeAll();
            assertThat(rows.isEmpty()).isTrue();
        }
    }
}
