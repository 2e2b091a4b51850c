package io.tunabledb.engine.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.read.ReadPath;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.transaction.CrossCommit.Branch;
import io.tunabledb.engine.execute.transaction.CrossCommitTest;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.sql.SqlParser;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Reads of a session at n1 that the leader, n2, serves: by messages only, so whatever becomes of the network or of n2 between two
 * of them, the session has every row once or an error.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadsElsewhereTest {
    private static final int HOME = 1;
    private static final int LEADER = 2;
    private static final int SHARD = 1;
    private static final Duration SHORT = Duration.ofMillis(300);
    /** Several pages. */
    private static final int MANY = 100_000;

    private static final String SCAN = "SELECT X FROM SYSTEM_RANGE(1, " + MANY + ")";

    private Accounts accounts;

    @BeforeAll
    void open() throws Exception {
        accounts = new Accounts();
    }

    @BeforeEach
    void leadElsewhere() {
        accounts.lead(SHARD, LEADER);
    }

    @AfterEach
    void heal() throws Exception {
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

    /** A session's statement and what it was answered. */
    private record Reading(SessionState session, ReadPath path, StorageStatement query, Result result)
            implements AutoCloseable {
        ResultSet rows() {
            return Objects.requireNonNull(result.rows());
        }

        List<Long> rest() throws SQLException {
            List<Long> all = new ArrayList<>();
            while (rows().next()) {
                all.add(rows().getLong(1));
            }
            return all;
        }

        String servedBy() {
            Receipt receipt = Objects.requireNonNull(result.receipt());
            return receipt.served().get(0).replica();
        }

        @Override
        public void close() throws SQLException {
            rows().close();
            query.close();
            path.close();
            session.close();
        }
    }

    private Reading read(SessionState session, String ladder, String sql) throws SQLException {
        Ladder asked = SqlParser.parseLadder(ladder);
        ReadPath path = new ReadPath(session.at(SHARD));
        StorageStatement query = StorageStatement.plain(sql);
        ReadPath.Read read = new ReadPath.Read(
                query, new Agreement(asked, "TEST", asked, null), List.of("PUBLIC.ACC"), PlacementVersion.NONE);
        return new Reading(session, path, query, path.read(read, Parameters.NONE));
    }

    private Reading scan(Duration patience) throws SQLException {
        Reading reading = read(accounts.session(HOME, patience), "LINEARIZABLE", SCAN);
        assertThat(reading.servedBy()).isEqualTo("n" + LEADER);
        for (long x = 1; x <= 10; x++) {
            assertThat(reading.rows().next()).isTrue();
            assertThat(reading.rows().getLong(1)).isEqualTo(x);
        }
        return reading;
    }

    private static List<Long> afterTen() {
        return LongStream.rangeClosed(11, MANY).boxed().toList();
    }

    private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return work.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    private static void assertState(Throwable e, SqlState state) {
        Throwable bare = e instanceof CompletionException wrapped ? wrapped.getCause() : e;
        assertThat(bare)
                .isInstanceOfSatisfying(
                        SQLException.class,
                        failure -> assertThat(failure.getSQLState())
                                .as(failure.getMessage())
                                .isEqualTo(state.code()));
    }

    @Test
    void everyRowArrivesOnce() throws Exception {
        try (Reading reading = scan(Accounts.PATIENCE)) {
            assertThat(reading.rest()).isEqualTo(afterTen());
        }
    }

    @Test
    void aCutBetweenPagesIsWaitedOut() throws Exception {
        try (Reading reading = scan(Accounts.PATIENCE)) {
            accounts.nodes.network().cut(HOME, LEADER);
            CompletableFuture<List<Long>> rest = inBackground(reading::rest);
            assertThat(rest).as("the pages are at n" + LEADER).isNotDone();
            accounts.nodes.network().heal();
            assertThat(rest.get(60, TimeUnit.SECONDS)).isEqualTo(afterTen());
        }
    }

    /** The page is written and lost: the one that is asked for again must be the same. */
    @Test
    void aPageWhoseAnswerIsLostIsNotLeftOut() throws Exception {
        try (Reading reading = scan(Accounts.PATIENCE)) {
            accounts.nodes.network().cutOneWay(LEADER, HOME);
            CompletableFuture<List<Long>> rest = inBackground(reading::rest);
            assertThat(rest).isNotDone();
            accounts.nodes.network().heal();
            assertThat(rest.get(60, TimeUnit.SECONDS)).isEqualTo(afterTen());
        }
    }

    @Test
    void aCutThatIsNotHealedIsAnError() throws Exception {
        try (Reading reading = scan(SHORT)) {
            accounts.nodes.network().cut(HOME, LEADER);
            assertThatThrownBy(reading::rest).satisfies(e -> assertState(e, SqlState.RETRY_TRANSACTION));
        }
    }

    @Test
    void rowsOfANodeThatWasKilledAreAnError() throws Exception {
        try (Reading reading = scan(SHORT)) {
            accounts.nodes.kill(LEADER);
            assertThatThrownBy(reading::rest).satisfies(e -> assertState(e, SqlState.RETRY_TRANSACTION));
        }
    }

    @Test
    void rowsOfANodeThatWasWipedAndIsBackAreAnError() throws Exception {
        try (Reading reading = scan(Accounts.PATIENCE)) {
            accounts.nodes.kill(LEADER);
            accounts.nodes.wipe(LEADER, true);
            accounts.nodes.restart(LEADER);
            Accounts.until(() -> accounts.nodes.isVoting(LEADER));
            assertThatThrownBy(reading::rest).satisfies(e -> assertState(e, SqlState.RETRY_TRANSACTION));
        }
    }

    @Test
    void aDefinitionBetweenPagesChangesNothing() throws Exception {
        try (Reading reading = scan(Accounts.PATIENCE)) {
            accounts.define(SHARD, "ALTER TABLE ACC ALTER COLUMN N SET DATA TYPE BIGINT");
            assertThat(reading.rest()).isEqualTo(afterTen());
        }
    }

    /** Prepared and not decided: whoever reads at LINEARIZABLE waits for it, at the leader. */
    private TransactionId prepare(SessionState session, List<Branch> branches) throws Exception {
        return CrossCommitTest.prepare(session, branches, Accounts.PATIENCE);
    }

    @Test
    void aCancelReachesWhatWaitsElsewhere() throws Exception {
        SessionState writer = accounts.session();
        List<Branch> branches = accounts.transfer(writer, 1, 0, SHARD);
        TransactionId prepared = prepare(writer, branches);
        SessionState session = accounts.session(HOME, Accounts.PATIENCE);
        session.underway().begin();
        CompletableFuture<Reading> waiting =
                inBackground(() -> read(session, "LINEARIZABLE", "SELECT N FROM ACC WHERE ID = 1"));
        session.underway().cancel();
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                .satisfies(e -> assertState(e.getCause(), SqlState.CANCELLED));
        session.underway().end();
        session.close();
        CrossCommitTest.decide(prepared, branches);
    }

    @Test
    void theTimeThatIsLeftTravels() throws Exception {
        SessionState writer = accounts.session();
        List<Branch> branches = accounts.transfer(writer, 2, 0, SHARD);
        TransactionId prepared = prepare(writer, branches);
        assertThatThrownBy(() -> read(
                        accounts.session(HOME, Accounts.PATIENCE),
                        "LINEARIZABLE WITHIN 300 MS",
                        "SELECT N FROM ACC WHERE ID = 2"))
                .satisfies(e -> assertState(e, SqlState.LEVEL_NOT_MET));
        CrossCommitTest.decide(prepared, branches);
        try (Reading later =
                read(accounts.session(HOME, Accounts.PATIENCE), "LINEARIZABLE", "SELECT N FROM ACC WHERE ID = 2")) {
            assertThat(later.rest()).containsExactly(Accounts.EACH - 1);
        }
    }

    @Test
    void theQuerysOwnErrorArrives() {
        assertThatThrownBy(() -> read(
                        accounts.session(HOME, Accounts.PATIENCE),
                        "LINEARIZABLE",
                        "SELECT 1 / (N - N) FROM ACC WHERE ID = 1"))
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("22012"));
    }
}
