package io.tunabledb.engine.execute.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.Accounts;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.transaction.CrossCommit.Branch;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A transaction over shards takes effect in all of them or in none, whoever dies at whatever point. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public class CrossCommitTest {
    private Accounts accounts;
    /** Each test has a row of its own. */
    private int row;

    private long before;

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
        accounts.restartKilled();
        accounts.assertWhole();
    }

    @AfterAll
    void close() {
        if (accounts != null) {
            accounts.close();
        }
    }

    /** Has taken effect in every shard, or in none, since {@code before} was read in shard 0. */
    private void assertTransferred(boolean committed, int... shards) throws SQLException {
        long moved = committed ? shards.length - 1 : 0;
        assertThat(accounts.balance(shards[0], row)).as("home").isEqualTo(before + moved);
    }

    private SessionState begin(int home) throws SQLException {
        before = accounts.balance(home, row);
        return accounts.session();
    }

    /** Home's part is named and the participants are prepared, as the coordinator does. */
    public static TransactionId prepare(SessionState session, List<Branch> branches, Duration patience)
            throws Exception {
        TransactionId transactionId = new TransactionId(session.id(), session.nextNumber());
        Branch home = branches.get(0);
        home.leader().coordinate(home.held(), transactionId, Deadline.in(patience));
        for (Branch branch : branches.subList(1, branches.size())) {
            branch.leader()
                    .prepare(part(branch), transactionId, home.session().shard(), 0)
                    .get(60, TimeUnit.SECONDS);
        }
        return transactionId;
    }

    private static ShardLeader.Part part(Branch branch) {
        return new ShardLeader.Part(branch.held(), branch.changes(), branch.readSet());
    }

    public static void decide(TransactionId transactionId, List<Branch> branches) throws Exception {
        Branch home = branches.get(0);
        List<Integer> participants = branches.stream()
                .skip(1)
                .map(branch -> branch.session().shard())
                .toList();
        home.leader()
                .decide(part(home), transactionId, Outcome.DONE, participants, 0)
                .get(60, TimeUnit.SECONDS);
    }

    /** Nothing is decided while a participant has not promised: who is given up then takes no effect, and says so. */
    @Test
    void givenUpBeforeItIsDecidedItNeverIs() throws Exception {
        int[] shards = accounts.separated();
        SessionState session = begin(shards[0]);
        List<Branch> branches = accounts.transfer(session, row, shards);
        accounts.nodes.network().slow(branches.get(1).leader().replica().node(), Duration.ofMillis(100));
        CompletableFuture<Resolution> committing = CompletableFuture.supplyAsync(() -> {
            session.underway().begin();
            try {
                return accounts.commit(session, branches);
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("57014");
                return new Resolution.NotCommitted();
            } finally {
                session.underway().end();
            }
        });
        Accounts.until(() -> session.underway().isProposed());
        assertThat(session.underway().giveUp()).as("not known").isFalse();
        assertThat(committing.get(20, TimeUnit.SECONDS)).isInstanceOf(Resolution.NotCommitted.class);
        accounts.nodes.network().heal();
        accounts.settle();
        assertTransferred(false, shards);
    }

    @Test
    void commitsInTwoAndInThreeShards() throws Exception {
        for (int[] shards : new int[][] {{0, 1}, {2, 0}, {1, 2, 0}}) {
            SessionState session = begin(shards[0]);
            Resolution resolution = accounts.commit(session, accounts.transfer(session, row, shards));
            assertThat(resolution).isInstanceOf(Resolution.Committed.class);
            // acknowledged, so it shows at every leader, and the session knows from where on
            assertTransferred(true, shards);
            assertThat(accounts.total()).isEqualTo(Accounts.SHARDS * Accounts.ROWS * Accounts.EACH);
            for (int shard : shards) {
                assertThat(session.vector().write(shard)).isPositive();
                assertThat(session.vector().write(shard))
                        .isLessThanOrEqualTo(accounts.leader(shard).replica().applied());
            }
        }
    }

    @Test
    void oneShardAloneLogsOneEntry() throws Exception {
        accounts.settle();
        SessionState session = accounts.session();
        long applied = accounts.leader(1).replica().applied();
        List<Branch> alone = List.of(accounts.branch(session, 1, "INSERT INTO ACC VALUES(100, 0)"));
        assertThat(accounts.commit(session, alone)).isInstanceOf(Resolution.Committed.class);
        assertThat(accounts.leader(1).replica().applied()).isEqualTo(applied + 1);
    }

    @Test
    void aPartThatIsLostUndoesTheRest() throws Exception {
        SessionState session = begin(0);
        List<Branch> branches = accounts.transfer(session, row, 0, 1, 2);
        branches.get(1).leader().rollBack(branches.get(1).held());
        assertThat(accounts.commit(session, branches)).isInstanceOf(Resolution.NotCommitted.class);
        assertTransferred(false, 0, 1, 2);
        // the others' locks are gone when it returns
        assertThat(accounts.commit(session, accounts.transfer(session, row, 0, 1, 2)))
                .isInstanceOf(Resolution.Committed.class);
        assertTransferred(true, 0, 1, 2);
    }

    /** The control: without the protocol the total does show what is torn in two. */
    @Test
    void withoutTheProtocolATransferIsTornInTwo() throws Exception {
        SessionState session = begin(0);
        List<Branch> branches = accounts.transfer(session, row, 0, 1);
        assertThat(accounts.commit(session, branches.subList(0, 1))).isInstanceOf(Resolution.Committed.class);
        branches.get(1).leader().rollBack(branches.get(1).held());
        assertThat(accounts.commit(session, branches.subList(1, 2))).isInstanceOf(Resolution.NotCommitted.class);
        assertThat(accounts.total()).isNotEqualTo(Accounts.SHARDS * Accounts.ROWS * Accounts.EACH);
        assertThat(accounts.commit(session, List.of(accounts.branch(session, 1, Accounts.move(row, -1)))))
                .isInstanceOf(Resolution.Committed.class);
    }

    /** Home undoes it when its own leader stalls so long that another is elected: then this has to be tried again. */
    @Test
    void whatIsPreparedKeepsItsLocksThroughAFailover() throws Exception {
        for (int round = 0; !keepsItsLocksThroughAFailover(); round++) {
            assertThat(round)
                    .as("rounds in which home's leader changed by itself")
                    .isLessThan(5);
            accounts.restartKilled();
            accounts.settle();
        }
    }

    private boolean keepsItsLocksThroughAFailover() throws Exception {
        int[] shards = accounts.separated();
        SessionState session = begin(shards[0]);
        List<Branch> branches = accounts.transfer(session, row, shards);
        TransactionId transactionId = prepare(session, branches, Accounts.PATIENCE);
        accounts.nodes.kill(branches.get(1).leader().replica().node());
        AtomicReference<Branch> admitted = new AtomicReference<>();
        Throwable refusal =
                catchThrowable(() -> admitted.set(accounts.branch(session, shards[1], Accounts.move(row, 5))));
        Branch other = admitted.get();
        if (other != null) {
            // another leader of home said that it is undone; the one that was deposed learns that in a moment
            other.leader().rollBack(other.held());
            Accounts.until(() -> !branches.get(0).held().phase().equals("OPEN"));
            return false;
        }
        boolean isPrepared = accounts.leader(shards[1]).replica().transactions().stream()
                .anyMatch(held -> held.phase().equals("PREPARED"));
        if (!isPrepared || !branches.get(0).held().phase().equals("OPEN")) {
            // the same, between the refusal and this look; were the locks alone gone, home's part would stay open
            Accounts.until(() -> !branches.get(0).held().phase().equals("OPEN"));
            return false;
        }
        assertThat(refusal)
                .as("the new leader has the row locked")
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("lock");
        decide(transactionId, branches);
        accounts.settleInDoubt(shards[1]);
        assertTransferred(true, shards);
        accounts.leader(shards[1])
                .rollBack(accounts.branch(session, shards[1], Accounts.move(row, 0))
                        .held());
        return true;
    }

    /** Who has not heard that he is deposed lets in whom the one after him would not; nothing of that is ever committed. */
    @Test
    void aDeposedParticipantAdmitsWhatIsNeverCommitted() throws Exception {
        int[] shards = accounts.separated();
        ShardLeader deposed = accounts.leader(shards[1]);
        int cutOff = deposed.replica().node();
        accounts.nodes.network().isolate(cutOff);
        Branch other = accounts.branchAt(deposed, accounts.session(), Accounts.move(row, 5));
        Accounts.until(() -> accounts.leader(shards[1]).replica().node() != cutOff);
        SessionState session = begin(shards[0]);
        List<Branch> branches = accounts.transfer(session, row, shards);
        TransactionId transactionId = prepare(session, branches, Accounts.PATIENCE);
        CompletableFuture<Resolution> committing = CompletableFuture.supplyAsync(() -> commitAlone(other));
        accounts.nodes.network().heal();
        assertThat(committing.get(60, TimeUnit.SECONDS)).isInstanceOf(Resolution.NotCommitted.class);
        decide(transactionId, branches);
        accounts.settleInDoubt(shards[1]);
        assertTransferred(true, shards);
    }

    private Resolution commitAlone(Branch only) {
        try {
            return accounts.commit(only.session().state(), List.of(only));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theCoordinatorFinishesAtTheNextLeaderOfAParticipant() throws Exception {
        for (int round = 0; !finishesAtTheNextLeader(); round++) {
            assertThat(round).as("rounds in which it was done too soon").isLessThan(20);
        }
    }

    /** False when it was not seen prepared, as on a machine that lets nobody look in between. */
    private boolean finishesAtTheNextLeader() throws Exception {
        int[] shards = accounts.separated();
        SessionState session = begin(shards[0]);
        List<Branch> branches = accounts.transfer(session, row, shards);
        int node = branches.get(1).leader().replica().node();
        AtomicBoolean isOver = new AtomicBoolean();
        // from a moment after the promise is made
        CompletableFuture<Boolean> killer = CompletableFuture.supplyAsync(() -> {
            while (accounts.nodes.replica(node, shards[1]).inDoubt().isEmpty()) {
                if (isOver.get()) {
                    // nor may it kill in the middle of what comes next
                    return false;
                }
                Thread.onSpinWait();
            }
            accounts.nodes.kill(node);
            return true;
        });
        Resolution resolution;
        try {
            resolution = accounts.commit(session, branches);
        } finally {
            isOver.set(true);
        }
        boolean isKilled = killer.get(60, TimeUnit.SECONDS);
        assertTransferred(resolution instanceof Resolution.Committed, shards);
        return isKilled;
    }

    @Test
    void homeKilledBeforeItDecidedAborts() throws Exception {
        SessionState session = begin(0);
        List<Branch> branches = accounts.transfer(session, row, 0, 1, 2);
        prepare(session, branches, Accounts.PATIENCE);
        accounts.nodes.kill(branches.get(0).leader().replica().node());
        accounts.settleInDoubt(1, 2);
        assertTransferred(false, 0, 1, 2);
    }

    @Test
    void homeKilledAfterItDecidedCommits() throws Exception {
        SessionState session = begin(0);
        List<Branch> branches = accounts.transfer(session, row, 0, 1, 2);
        TransactionId transactionId = prepare(session, branches, Accounts.PATIENCE);
        decide(transactionId, branches);
        accounts.nodes.kill(branches.get(0).leader().replica().node());
        accounts.settleInDoubt(1, 2);
        assertTransferred(true, 0, 1, 2);
    }

    @Test
    void aCoordinatorThatIsGoneBeforeItDecidedAborts() throws Exception {
        SessionState session = begin(0);
        List<Branch> branches = accounts.transfer(session, row, 0, 1);
        prepare(session, branches, Duration.ofMillis(600));
        assertThat(branches.get(0).held().isOpen()).as("it has its time").isTrue();
        accounts.settleInDoubt(1);
        assertTransferred(false, 0, 1);
        assertThat(branches.get(0).held().isOpen()).as("and then no more").isFalse();
    }

    @Test
    void aCoordinatorThatIsGoneAfterItDecidedHasCommitted() throws Exception {
        SessionState session = begin(0);
        List<Branch> branches = accounts.transfer(session, row, 0, 1, 2);
        decide(prepare(session, branches, Duration.ofMillis(1)), branches);
        accounts.settleInDoubt(1, 2);
        assertTransferred(true, 0, 1, 2);
    }

    @Test
    void aDeposedHomeDecidesNothing() throws Exception {
        int[] shards = {0, 1};
        SessionState session = begin(shards[0]);
        List<Branch> branches = accounts.transfer(session, row, shards);
        TransactionId transactionId = prepare(session, branches, Accounts.PATIENCE);
        int node = branches.get(0).leader().replica().node();
        accounts.nodes.network().isolate(node);
        // not committed: the others elect another home, which knows nothing of it
        var decision = branches.get(0)
                .leader()
                .decide(part(branches.get(0)), transactionId, Outcome.DONE, List.of(shards[1]), 0);
        accounts.settleInDoubt(shards[1]);
        accounts.nodes.network().heal();
        assertThatThrownBy(() -> decision.get(60, TimeUnit.SECONDS)).isNotNull();
        accounts.settle();
        assertTransferred(false, shards);
    }

    @Test
    void anEndIsToldTwiceOrForNothing() throws Exception {
        SessionState session = begin(0);
        List<Branch> branches = accounts.transfer(session, row, 0, 1);
        TransactionId transactionId = prepare(session, branches, Accounts.PATIENCE);
        decide(transactionId, branches);
        for (int i = 0; i < 2; i++) {
            accounts.leader(1).finish(transactionId, true, 0).get(60, TimeUnit.SECONDS);
        }
        accounts.leader(1).finish(transactionId, false, 0).get(60, TimeUnit.SECONDS);
        accounts.leader(2).finish(transactionId, true, 0).get(60, TimeUnit.SECONDS);
        assertTransferred(true, 0, 1);
    }

    @Test
    void aSchemaChangeWaitsForWhatIsPrepared() throws Exception {
        SessionState session = begin(0);
        List<Branch> branches = accounts.transfer(session, row, 0, 1);
        TransactionId transactionId = prepare(session, branches, Accounts.PATIENCE);
        assertThatThrownBy(() -> accounts.define(1, "ALTER TABLE ACC ADD COLUMN C INT"))
                .hasMessageContaining("stay locked");
        decide(transactionId, branches);
        accounts.settle();
        accounts.define(1, "ALTER TABLE ACC ADD COLUMN C INT");
        accounts.define(1, "ALTER TABLE ACC DROP COLUMN C");
        assertTransferred(true, 0, 1);
    }

    @Test
    void everythingStopsAndStartsAgain(@TempDir Path folder) throws Exception {
        DatabaseDirectory directory = DatabaseDirectory.open(folder, Accounts.SHARDS, Accounts.NODES);
        try (Accounts files = new Accounts(directory)) {
            files.create();
            SessionState session = files.session();
            prepare(session, files.transfer(session, 1, 0, 1), Accounts.PATIENCE);
            List<Branch> decided = files.transfer(session, 2, 1, 2);
            decide(prepare(session, decided, Accounts.PATIENCE), decided);
            // killed all at once: what is prepared and decided is in the logs
            for (int node = 1; node <= Accounts.NODES; node++) {
                files.nodes.kill(node);
            }
            for (int node = 1; node <= Accounts.NODES; node++) {
                files.nodes.restart(node);
            }
            files.assertWhole();
            assertThat(files.balance(0, 1)).isEqualTo(Accounts.EACH);
            assertThat(files.balance(1, 2)).isEqualTo(Accounts.EACH + 1);
            prepare(session, files.transfer(session, 3, 0, 1), Accounts.PATIENCE);
            List<Branch> last = files.transfer(session, 4, 1, 2);
            decide(prepare(session, last, Accounts.PATIENCE), last);
        }
        // closed: they are in the snapshots
        try (Accounts files = new Accounts(DatabaseDirectory.open(folder, Accounts.SHARDS, Accounts.NODES))) {
            files.assertWhole();
            assertThat(files.balance(0, 3)).isEqualTo(Accounts.EACH);
            assertThat(files.balance(1, 4)).isEqualTo(Accounts.EACH + 1);
        }
    }
}
