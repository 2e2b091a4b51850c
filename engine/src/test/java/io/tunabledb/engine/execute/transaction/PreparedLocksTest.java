package io.tunabledb.engine.execute.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.Accounts;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.transaction.CrossCommit.Branch;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is prepared has its locks at every leader from before that admits anybody, however it came to lead. */
class PreparedLocksTest {
    private static final int HOME = 0;
    private static final int PARTICIPANT = 1;
    private static final int ROW = 7;

    private final CountDownLatch goesOn = new CountDownLatch(1);
    private volatile int heldBack;

    private Accounts accounts;
    private SessionState session;
    private List<Branch> branches;
    private TransactionId transactionId;

    @BeforeEach
    void open() throws Exception {
        // nobody is elected but who is asked to lead
        accounts = new Accounts(DatabaseDirectory.temporary(), Duration.ofSeconds(3), this::applied);
        accounts.create();
        accounts.lead(HOME, 1);
        accounts.lead(PARTICIPANT, 2);
    }

    @AfterEach
    void close() {
        goesOn.countDown();
        accounts.close();
    }

    private void applied(int node, int shard, long index) {
        if (node == heldBack && shard == PARTICIPANT) {
            try {
                Deadline.in(Accounts.PATIENCE).await(nanos -> goesOn.await(nanos, TimeUnit.NANOSECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void prepare() throws Exception {
        session = accounts.session();
        branches = accounts.transfer(session, ROW, HOME, PARTICIPANT);
        transactionId = CrossCommitTest.prepare(session, branches, Accounts.PATIENCE);
    }

    private void assertLocked() {
        assertThatThrownBy(() ->
                        accounts.branch(accounts.session(), PARTICIPANT, "SET LOCK_TIMEOUT 20", Accounts.move(ROW, 5)))
                .as("at n%d", accounts.leader(PARTICIPANT).replica().node())
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HYT00"));
    }

    private void decideAndLook() throws Exception {
        CrossCommitTest.decide(transactionId, branches);
        accounts.assertWhole();
        assertThat(accounts.balance(HOME, ROW)).isEqualTo(Accounts.EACH + 1);
        assertThat(accounts.balance(PARTICIPANT, ROW)).isEqualTo(Accounts.EACH - 1);
    }

    @Test
    void oneThatLagsHasAppliedItBefore() throws Exception {
        heldBack = 3;
        Branch before =
                accounts.branch(accounts.session(), PARTICIPANT, Accounts.move(ROW + 1, 3), Accounts.move(ROW + 2, -3));
        assertThat(accounts.commit(before.session().state(), List.of(before))).isInstanceOf(Resolution.Committed.class);
        prepare();
        Replica next = accounts.nodes.replica(3, PARTICIPANT);
        Accounts.until(() -> {
            for (int node = 1; node < 3; node++) {
                Replica old = accounts.nodes.replica(node, PARTICIPANT);
                if (old.status().leading()) {
                    old.handOver(3);
                }
            }
            return next.status().leader() == 3;
        });
        ShardLeader leader = accounts.nodes.leader(3, PARTICIPANT);
        assertThat(next.inDoubt()).as("in its log, and not known yet").isEmpty();
        assertThat(leader.leadingTerm()).isZero();
        assertThatThrownBy(() -> leader.begin(leader.openWriter(), 1)).isInstanceOf(NotLeaderException.class);
        heldBack = 0;
        goesOn.countDown();
        assertLocked();
        assertThat(accounts.leader(PARTICIPANT).replica()).isSameAs(next);
        decideAndLook();
    }

    @Test
    void whoLeadsAgainHasThemAgain() throws Exception {
        prepare();
        for (int node : new int[] {3, 2, 1}) {
            accounts.lead(PARTICIPANT, node);
            assertLocked();
        }
        decideAndLook();
    }

    @Test
    void oneThatWasWipedHasThem() throws Exception {
        accounts.lead(2, 1);
        prepare();
        accounts.nodes.kill(3);
        accounts.nodes.wipe(3, true);
        accounts.nodes.restart(3);
        Accounts.until(() -> accounts.nodes.isVoting(3)
                && !accounts.nodes.replica(3, PARTICIPANT).inDoubt().isEmpty());
        accounts.lead(PARTICIPANT, 3);
        assertLocked();
        decideAndLook();
    }

    /** Home has decided, and its node and the participant's can't reach each other. */
    @Test
    void whatIsDecidedHasThemUntilItIsFinished() throws Exception {
        accounts.lead(PARTICIPANT, 3);
        prepare();
        accounts.nodes.network().cut(1, 3);
        CrossCommitTest.decide(transactionId, branches);
        assertLocked();
        accounts.nodes.network().heal();
        accounts.assertWhole();
        assertThat(accounts.balance(PARTICIPANT, ROW)).isEqualTo(Accounts.EACH - 1);
    }
}
