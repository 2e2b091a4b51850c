package io.tunabledb.engine.execute.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.Accounts;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.transaction.CrossCommit.Branch;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Where all work is rolled back, one statement may get the lock that another lost: what is prepared, or on its way to the log,
 * may still be committed, so what such a statement found is no result.
 */
class LostLockTest {
    private static final ExecutorService OTHER = Executors.newCachedThreadPool();
    private static Accounts accounts;
    private static int row;

    @BeforeAll
    static void open() throws Exception {
        accounts = new Accounts();
    }

    @AfterAll
    static void close() {
        accounts.close();
        OTHER.shutdownNow();
    }

    private static WritePath.Write write(String sql, boolean isAlone) {
        Ladder ladder = Ladder.of(Level.SEQUENTIAL);
        return new WritePath.Write(
                StorageStatement.plain(sql),
                new Agreement(ladder, "DEFAULT", ladder, null),
                List.of("PUBLIC.ACC"),
                PlacementVersion.NONE,
                isAlone);
    }

    private static Result execute(WritePath path, String sql, boolean isAlone) throws SQLException {
        return path.writeBatch(write(sql, isAlone), List.of(Parameters.NONE)).get(0);
    }

    /** Runs a statement that gets the lock of one which is rolled back with it, and comes first. */
    private static Future<Result> getsALostLock(SessionState session, Callable<Result> statement) throws Exception {
        Branch lost = accounts.branch(accounts.session(), 0, Accounts.move(row, 1));
        ShardLeader leader = lost.leader();
        Future<Result> result = OTHER.submit(statement);
        Accounts.until(() -> leader.replica().transactions().stream()
                .anyMatch(held -> held.session() == session.id() && held.isWaiting()));
        for (ActiveTransaction held : leader.replica().transactions()) {
            held.condemn("the shard's leader changed");
        }
        leader.rollBack(lost.held());
        return result;
    }

    @Test
    void aStatementInATransactionFails() throws Exception {
        row++;
        SessionState session = accounts.session();
        try (WritePath path = new WritePath(session.at(0))) {
            execute(path, "SET LOCK_TIMEOUT 60000", false);
            Future<Result> result = getsALostLock(
                    session, () -> execute(path, "SELECT N FROM ACC WHERE ID = " + row + " FOR UPDATE", false));
            assertThatThrownBy(() -> result.get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"))
                    .hasMessageContaining("the shard's leader changed");
        }
    }

    @Test
    void anAutocommitOneIsTriedAgain() throws Exception {
        row++;
        SessionState session = accounts.session();
        try (WritePath path = new WritePath(session.at(0))) {
            execute(path, "SET LOCK_TIMEOUT 60000", true);
            Future<Result> result = getsALostLock(
                    session, () -> execute(path, "SELECT N FROM ACC WHERE ID = " + row + " FOR UPDATE", true));
            assertThat(result.get(60, TimeUnit.SECONDS).receipt().attempts()).isEqualTo(2);
        }
    }

    @Test
    void whatWasRolledBackBeforeItsEndIsNotEnded() throws Exception {
        row++;
        Branch part = accounts.branch(accounts.session(), 0, "SELECT N FROM ACC WHERE ID = " + row + " FOR UPDATE");
        part.held().condemn("the shard's leader changed");
        assertThatThrownBy(() -> part.leader().endUnchanged(part.held()))
                .isInstanceOf(NotLeaderException.class)
                .hasMessageContaining("the shard's leader changed");
        assertThatThrownBy(() -> new CrossRead(List.of(part), Deadline.in(Accounts.PATIENCE)).commit())
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
    }
}
