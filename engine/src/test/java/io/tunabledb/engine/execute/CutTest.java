package io.tunabledb.engine.execute;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.cut.Coordinator;
import io.tunabledb.engine.execute.read.Cuts;
import io.tunabledb.engine.execute.read.ReadPath;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.transaction.CrossCommit.Branch;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Reader.Mode;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.cut.CutPin;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The epoch protocol, each of its waits made long by a transaction over shards that is prepared and undecided: a shard that
 * has prepared it can't close its epoch, the others can.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CutTest {
    private static final Duration MOMENT = Duration.ofMillis(60);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Accounts accounts;
    /** Each test has a row of its own. */
    private int row;

    @BeforeAll
    void open() throws Exception {
        accounts = new Accounts();
    }

    @BeforeEach
    void takeRow() {
        row++;
    }

    @AfterEach
    void nothingIsLostOrInDoubt() throws Exception {
        accounts.nodes.network().heal();
        accounts.settle();
    }

    @AfterAll
    void close() {
        threads.shutdownNow();
        if (accounts != null) {
            accounts.close();
        }
    }

    // ---- what tests do ----

    /** A transaction over shards that is prepared in all but its home, and decided by the test. */
    private record Prepared(TransactionId transactionId, List<Branch> branches, long vote) {}

    private Prepared prepare(int... shards) throws Exception {
        return prepare(0, Accounts.PATIENCE, shards);
    }

    /**
     * @param seen the highest epoch its session has seen
     * @param patience so long home waits for the decision
     */
    private Prepared prepare(long seen, Duration patience, int... shards) throws Exception {
        SessionState session = accounts.session();
        List<Branch> branches = accounts.transfer(session, row, shards);
        TransactionId transactionId = new TransactionId(session.id(), session.nextNumber());
        branches.get(0).leader().coordinate(branches.get(0).held(), transactionId, Deadline.in(patience));
        long vote = seen;
        for (Branch branch : branches.subList(1, branches.size())) {
            vote = Math.max(
                    vote,
                    branch.leader()
                            .prepare(part(branch), transactionId, shards[0], seen)
                            .get(10, TimeUnit.SECONDS)
                            .vote());
        }
        return new Prepared(transactionId, branches, vote);
    }

    private static ShardLeader.Part part(Branch branch) {
        return new ShardLeader.Part(branch.held(), branch.changes(), branch.readSet());
    }

    private static ShardLeader.Decided decide(Prepared prepared) throws Exception {
        Branch home = prepared.branches.get(0);
        List<Integer> participants = prepared.branches.stream()
                .skip(1)
                .map(branch -> branch.session().shard())
                .toList();
        return home.leader()
                .decide(part(home), prepared.transactionId, Outcome.DONE, participants, prepared.vote)
                .get(10, TimeUnit.SECONDS);
    }

    private void finish(Prepared prepared, boolean commit, long epoch) throws Exception {
        if (!commit) {
            Branch home = prepared.branches.get(0);
            home.leader().rollBack(home.held());
        }
        for (Branch branch : prepared.branches.subList(1, prepared.branches.size())) {
            accounts.leader(branch.session().shard())
                    .finish(prepared.transactionId, commit, epoch)
                    .get(10, TimeUnit.SECONDS);
        }
        if (commit) {
            accounts.leader(prepared.branches.get(0).session().shard()).forget(prepared.transactionId);
        }
    }

    /** One shard's write as a session does it; its answer would be held back by the session. */
    private void write(SessionState session, int shard, String sql) throws SQLException {
        assertThat(accounts.commit(session, List.of(accounts.branch(session, shard, sql))))
                .isInstanceOf(Resolution.Committed.class);
    }

    /** What an account has at the cut that this session takes now, by shard. */
    private List<Long> balancesAtCut(SessionState session) throws Exception {
        Map<CutPin, Reader> readers = new HashMap<>();
        List<CutPin> pins = take(session, Deadline.in(Accounts.PATIENCE), readers);
        assertThat(pins).isNotNull();
        List<Long> balances = new ArrayList<>();
        for (CutPin pin : pins) {
            try (Statement statement =
                            readers.get(pin).connection(Mode.SNAPSHOT).createStatement();
                    ResultSet rows = statement.executeQuery("SELECT N FROM ACC WHERE ID = " + row)) {
                assertThat(rows.next()).isTrue();
                balances.add(rows.getLong(1));
            }
            pin.withdraw();
        }
        return balances;
    }

    /** Whose snapshots the pins are is put into {@code readers}. */
    private static List<CutPin> take(SessionState session, Deadline deadline, Map<CutPin, Reader> readers)
            throws Exception {
        return new Cuts(session, false)
                .take(
                        replica -> {
                            ShardSession side = session.at(replica.shard());
                            CutPin pin = new ReadPath(side).readyForCut(replica, deadline);
                            readers.put(pin, side.reader(replica));
                            return pin;
                        },
                        session.vector().epoch(),
                        deadline);
    }

    /** It can't come to its end while the transaction is undecided, which only a new leader of its home would undo. */
    private static void assertWaits(Future<?> waiting, Prepared prepared) throws Exception {
        try {
            waiting.get(MOMENT.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(prepared.branches.get(0).held().isOpen())
                    .as("done, though it is undecided")
                    .isFalse();
        } catch (TimeoutException e) {
            assertThat(waiting.isDone()).isFalse();
        }
    }

    private Coordinator coordinator() {
        Accounts.until(() -> accounts.nodes.coordinator(0) != null);
        Coordinator found = accounts.nodes.coordinator(0);
        return found == null ? coordinator() : found;
    }

    private long newest() {
        return accounts.leader(0).replica().newestCut();
    }

    private long epoch(int shard) {
        return accounts.leader(shard).replica().epoch();
    }

    /** All shards in one epoch, which everybody knows. */
    private long level() throws Exception {
        return level(accounts);
    }

    private static long level(Accounts accounts) {
        long[] taken = new long[1];
        Accounts.until(() -> {
            Coordinator coordinator = accounts.nodes.coordinator(0);
            if (coordinator == null) {
                return false;
            }
            taken[0] = coordinator.next();
            return coordinator
                    .request(taken[0])
                    .handle((done, failure) -> failure == null)
                    .join();
        });
        return taken[0];
    }

    // ---- cuts ----

    @Test
    void aCutHasAWholeTransactionOrNothingOfIt() throws Exception {
        List<Long> before = balancesAtCut(accounts.session());
        Prepared prepared = prepare(0, 1, 2);
        Future<List<Long>> during = threads.submit(() -> balancesAtCut(accounts.session()));
        assertWaits(during, prepared);
        ShardLeader.Decided decided = decide(prepared);
        finish(prepared, true, decided.epoch());
        List<Long> after = List.of(before.get(0) + 2, before.get(1) - 1, before.get(2) - 1);
        assertThat(during.get(10, TimeUnit.SECONDS)).isIn(before, after);
        assertThat(balancesAtCut(accounts.session())).isEqualTo(after);
    }

    @Test
    void whileNothingIsWrittenACutLogsNothing() throws Exception {
        level();
        List<Long> logged = new ArrayList<>();
        for (int shard = 0; shard < Accounts.SHARDS; shard++) {
            logged.add(accounts.leader(shard).replica().status().lastIndex());
        }
        balancesAtCut(accounts.session());
        for (int shard = 0; shard < Accounts.SHARDS; shard++) {
            assertThat(accounts.leader(shard).replica().status().lastIndex()).isEqualTo(logged.get(shard));
        }
    }

    @Test
    void aReplicaWithATransactionInDoubtDoesNotStandStill() throws Exception {
        level();
        Replica leader = accounts.leader(1).replica();
        CutPin quiet = new CutPin(leader.openReader(connection -> {}));
        assertThat(leader.pinStanding(quiet)).isEqualTo(new Replica.Standing(leader.applied(), leader.epoch()));
        quiet.withdraw();
        Prepared prepared = prepare(0, 1);
        CutPin pin = new CutPin(leader.openReader(connection -> {}));
        assertThat(leader.pinStanding(pin)).isNull();
        pin.withdraw();
        finish(prepared, false, 0);
    }

    @Test
    void commitsGoOnWhileACutIsTakenAndOnlyTheirAnswersWait() throws Exception {
        long level = level();
        Prepared prepared = prepare(0, 1);
        Future<List<Long>> cut = threads.submit(() -> balancesAtCut(accounts.session()));
        Accounts.until(() -> epoch(2) > level);
        SessionState writer = accounts.session();
        long balance = accounts.balance(2, row);
        write(writer, 2, Accounts.move(row, 5));
        // done, and seen by whoever asks for no more than what is there; but not told
        assertThat(accounts.balance(2, row)).isEqualTo(balance + 5);
        assertWaits(threads.submit(() -> writer.awaitReleased(Deadline.in(Accounts.PATIENCE))), prepared);
        finish(prepared, false, 0);
        assertThat(writer.awaitReleased(Deadline.in(Accounts.PATIENCE))).isTrue();
        assertThat(cut.get(10, TimeUnit.SECONDS).get(2))
                .as("what came after the shard's close")
                .isIn(balance, balance + 5);
    }

    @Test
    void whatASessionHasSeenIsInNoLaterEpochThanWhatItWrites() throws Exception {
        for (boolean isCarried : new boolean[] {true, false}) {
            row++;
            long level = level();
            List<Long> before = balancesAtCut(accounts.session());
            Prepared prepared = prepare(0, 1);
            SessionState reader = accounts.session();
            Future<List<Long>> cut = threads.submit(() -> balancesAtCut(reader));
            Accounts.until(() -> epoch(2) > level);
            SessionState first = accounts.session();
            write(first, 2, Accounts.move(row, 5));
            // somebody reads it there, before it is acknowledged, and writes because of it where the epoch has not
            // ended
            SessionState second = accounts.session();
            if (isCarried) {
                second.vector().merge(first.vector().token());
            }
            Future<?> effect = threads.submit(() -> {
                write(second, 1, Accounts.move(row + Accounts.ROWS / 2, 7));
                return null;
            });
            if (isCarried) {
                // for its cause's epoch
                assertWaits(effect, prepared);
            } else {
                effect.get(10, TimeUnit.SECONDS);
                // the negative control: in the earlier epoch, though its cause is in the later one
                assertThat(epoch(1)).isLessThan(epoch(2));
            }
            finish(prepared, false, 0);
            effect.get(10, TimeUnit.SECONDS);
            List<Long> balances = cut.get(10, TimeUnit.SECONDS);
            if (isCarried && reader.vector().epoch() == level) {
                assertThat(balances.get(2)).isEqualTo(before.get(2));
            }
        }
    }

    @Test
    void aTransactionCommitsInOneEpochEverywhere() throws Exception {
        long level = level();
        // its session has seen the next epoch, which has begun nowhere here
        var unused = coordinator().request(coordinator().next());
        Accounts.until(() -> epoch(0) > level && epoch(1) > level);
        long next = level + 1;
        long home = accounts.balance(0, row);
        long other = accounts.balance(1, row);
        Prepared prepared = prepare(next + 1, Accounts.PATIENCE, 0, 1);
        assertThat(prepared.vote).isEqualTo(next + 1);
        ShardLeader.Decided decided = decide(prepared);
        assertThat(decided.epoch()).isEqualTo(next + 1);
        assertThat(decided.isWaiting()).as("home is not in that epoch").isTrue();
        assertThat(accounts.balance(0, row)).as("decided, and not shown").isEqualTo(home);
        assertThat(accounts.leader(0).decision(prepared.transactionId).get(10, TimeUnit.SECONDS))
                .as("it is committed for all that")
                .isEqualTo(new Decision.Committed(next + 1));
        // nobody tells anybody: the shards find out by themselves, and come to its epoch for it
        Accounts.until(() -> accounts.leader(0).replica().undelivered() == 0);
        assertThat(accounts.balance(0, row)).isEqualTo(home + 1);
        assertThat(accounts.balance(1, row)).isEqualTo(other - 1);
        assertThat(epoch(0)).isEqualTo(next + 1);
        assertThat(epoch(1)).isEqualTo(next + 1);
        catchUpWithLog(next + 1);
    }

    /** Shards that were led ahead of the cuts by hand: as if those had been begun. */
    private void catchUpWithLog(long epoch) throws Exception {
        while (newest() < epoch) {
            accounts.leader(0).startCut(newest() + 1).get(10, TimeUnit.SECONDS);
        }
        coordinator().finishNewest();
        Accounts.until(() -> accounts.nodes.released(0) >= epoch);
    }

    @Test
    void aDecisionThatWaitsForItsEpochSurvivesItsHomesLeader() throws Exception {
        long level = level();
        long home = accounts.balance(0, row);
        long other = accounts.balance(1, row);
        Prepared prepared = prepare(level + 1, Accounts.PATIENCE, 0, 1);
        ShardLeader.Decided decided = decide(prepared);
        assertThat(decided.isWaiting()).isTrue();
        Replica leader = prepared.branches.get(0).leader().replica();
        accounts.nodes.network().isolate(leader.node());
        Accounts.until(() -> accounts.leader(0).replica() != leader);
        accounts.settleInDoubt(0, 1);
        accounts.nodes.network().heal();
        assertThat(accounts.balance(0, row)).isEqualTo(home + 1);
        assertThat(accounts.balance(1, row)).isEqualTo(other - 1);
        accounts.settle();
        catchUpWithLog(level + 1);
    }

    @Test
    void aShardClosesPastWhatIsKnownToCommitLater() throws Exception {
        long level = level();
        Prepared prepared = prepare(0, 1);
        // home closes first, so it commits in the next epoch, which the participant did not vote
        accounts.leader(0).beginEpoch(level + 1).get(10, TimeUnit.SECONDS);
        assertThat(prepared.vote).isEqualTo(level);
        CompletableFuture<Void> closed = accounts.leader(1).beginEpoch(level + 1);
        ShardLeader.Decided decided = decide(prepared);
        assertThat(decided.epoch()).isEqualTo(level + 1);
        closed.get(10, TimeUnit.SECONDS);
        finish(prepared, true, decided.epoch());
        catchUpWithLog(level + 1);
    }

    /** Of what is in the epoch that it begins somebody may have been told 08007: who asks after that must see what became of it. */
    @Test
    void nobodyJoinsACutThatIsBegun() throws Exception {
        level();
        Prepared prepared = prepare(0, 1);
        Coordinator coordinator = coordinator();
        long cut = coordinator.next();
        CompletableFuture<Void> asked = coordinator.request(cut);
        Accounts.until(() -> newest() == cut);
        assertThat(coordinator.next()).isEqualTo(cut + 1);
        assertThat(coordinator.request(cut)).isCompletedExceptionally();
        assertThat(asked).failsWithin(Duration.ofSeconds(60));
        finish(prepared, false, 0);
    }

    @Test
    void aCutThatCanNotBeEndedIsGivenUp() throws Exception {
        level();
        Prepared prepared = prepare(0, 1);
        long cut = coordinator().next();
        CompletableFuture<Void> asked = coordinator().request(cut);
        assertThat(asked).failsWithin(Duration.ofSeconds(10));
        Accounts.until(() -> accounts.leader(0).replica().isNewestCutCancelled());
        assertThat(newest()).isEqualTo(cut);
        // what was held back for it may go
        Accounts.until(() -> accounts.nodes.released(0) >= cut);
        finish(prepared, false, 0);
        assertThat(level()).as("the next one").isGreaterThan(cut);
    }

    @Test
    void aNewCoordinatorEndsWhatTheOldOneBeganAndNobodyJoins() throws Exception {
        int[] separated = accounts.separated();
        long level = level();
        Prepared prepared = prepare(0, Duration.ofSeconds(2), separated[1], 2 + 1 - separated[1]);
        Coordinator old = coordinator();
        long cut = old.next();
        CompletableFuture<Void> asked = old.request(cut);
        Accounts.until(() -> newest() == cut);
        accounts.nodes.network().isolate(old.node());
        Accounts.until(() -> accounts.nodes.coordinator(0) != old && coordinator() != old);
        accounts.settleInDoubt(0, 1, 2);
        assertThat(coordinator().next()).as("not the inherited one").isEqualTo(cut + 1);
        SessionState waiting = accounts.session();
        waiting.vector().sawEpoch(cut);
        assertThat(waiting.awaitReleased(Deadline.in(Accounts.PATIENCE))).isTrue();
        accounts.nodes.network().heal();
        assertThat(asked).as("its readers").failsWithin(Duration.ofSeconds(20));
        assertThat(level).isLessThan(cut + 1);
        assertThat(prepared.branches.get(0).held().isOpen())
                .as("undone at its deadline")
                .isFalse();
    }

    @Test
    void aNodeThatWasNotToldOfAReleaseAsks() throws Exception {
        level();
        int deaf = 1 + coordinator().node() % Accounts.NODES;
        accounts.nodes.network().isolate(deaf);
        for (int shard = 0; shard < Accounts.SHARDS; shard++) {
            int moved = shard;
            Accounts.until(() -> accounts.leader(moved).replica().node() != deaf);
        }
        long cut = level();
        SessionState session = accounts.session(deaf);
        // somebody brought a token there
        session.vector().sawEpoch(cut);
        assertThat(session.awaitReleased(Deadline.in(MOMENT)))
                .as("known where nobody was told")
                .isFalse();
        accounts.nodes.network().heal();
        assertThat(session.awaitReleased(Deadline.in(Accounts.PATIENCE))).isTrue();
        assertThat(newest()).as("without another cut").isEqualTo(cut);
    }

    @Test
    void requestsThatWaitTogetherShareACut() throws Exception {
        long level = level();
        Prepared prepared = prepare(0, 1);
        List<Future<List<Long>>> readers = new ArrayList<>();
        for (int reader = 0; reader < 8; reader++) {
            readers.add(threads.submit(() -> balancesAtCut(accounts.session())));
        }
        Accounts.until(() -> epoch(2) > level);
        finish(prepared, false, 0);
        for (Future<List<Long>> reader : readers) {
            reader.get(10, TimeUnit.SECONDS);
        }
        // the first, those that came while it was taken, and who was refused by a cut that was given up
        assertThat(newest() - level).isLessThan(8);
    }

    @Test
    void aReplicaThatIsRestartedKnowsItsEpochAndFailsItsPins() throws Exception {
        level();
        Replica follower = accounts.nodes.replica(1 + coordinator().node() % Accounts.NODES, 1);
        CutPin pin = new CutPin(follower.openReader(connection -> {}));
        assertThat(follower.register(pin, follower.epoch() + 1)).isTrue();
        assertThat(follower.register(pin, follower.epoch())).as("gone by").isFalse();
        accounts.nodes.kill(follower.node());
        assertThat(pin.pinned()).failsWithin(Duration.ofSeconds(5));
        accounts.nodes.restart(follower.node());
        long cut = level();
        Accounts.until(() -> accounts.nodes.replica(follower.node(), 1).epoch() == cut);
    }

    @Test
    void epochsOutliveTheProcess(@TempDir Path directory) throws Exception {
        long level;
        try (Accounts first = new Accounts(DatabaseDirectory.open(directory, Accounts.NODES, Accounts.SHARDS))) {
            first.create();
            level(first);
            level = level(first);
            assertThat(level).isEqualTo(first.leader(0).replica().newestCut()).isGreaterThan(1);
        }
        try (Accounts second = new Accounts(DatabaseDirectory.open(directory, Accounts.NODES, Accounts.SHARDS))) {
            assertThat(second.leader(0).replica().newestCut()).isEqualTo(level);
            assertThat(second.leader(2).replica().epoch()).isEqualTo(level);
            SessionState session = second.session();
            // whoever comes back with what it saw then is answered
            session.vector().sawEpoch(level);
            assertThat(session.awaitReleased(Deadline.in(Accounts.PATIENCE))).isTrue();
            assertThat(level(second)).isGreaterThan(level);
        }
    }
}
