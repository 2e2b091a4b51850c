package io.tunabledb.engine.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Parameters;
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
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A transaction over shards between its Prepare and its Finish: what TUNABLE.TRANSACTIONS and readers see of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InDoubtTest {
    private Accounts accounts;
    /** Each test has a row of its own. */
    private int row;

    /** A row of TUNABLE.TRANSACTIONS; {@code home} is null for what is not prepared. */
    private record Shown(int node, int shard, String state, Integer home) {}

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
        accounts.assertWhole();
    }

    @AfterAll
    void close() {
        if (accounts != null) {
            accounts.close();
        }
    }

    /** What node {@code at} shows of a session. */
    private List<Shown> shown(int at, SessionState session) {
        String query = "SELECT NODE, SHARD, STATE, HOME FROM TUNABLE.TRANSACTIONS WHERE SESSION_ID = '"
                + Long.toHexString(session.id()) + "'";
        try (var connection = accounts.nodes.replica(at, 0).storage().openReader();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<Shown> all = new ArrayList<>();
            while (rows.next()) {
                all.add(new Shown(
                        Integer.parseInt(rows.getString(1).substring(1)),
                        rows.getInt(2),
                        rows.getString(3),
                        rows.getObject(4, Integer.class)));
            }
            return all;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aParticipantThatIsCutOffIsShownUntilItsSuccessorHasFinished() throws Exception {
        int[] shards = accounts.separated();
        int home = shards[0];
        int participant = shards[1];
        SessionState session = accounts.session();
        List<Branch> branches = accounts.transfer(session, row, shards);
        int homeNode = branches.get(0).leader().replica().node();
        int cutOff = branches.get(1).leader().replica().node();
        assertThat(shown(homeNode, session))
                .as("open in both, in doubt in none")
                .containsExactlyInAnyOrder(
                        new Shown(homeNode, home, "OPEN", null), new Shown(cutOff, participant, "OPEN", null));
        TransactionId transactionId = CrossCommitTest.prepare(session, branches, Accounts.PATIENCE);
        assertThat(shown(homeNode, session)).contains(new Shown(cutOff, participant, "PREPARED", home));

        accounts.nodes.network().isolate(cutOff);
        Accounts.until(() -> shown(homeNode, session).stream()
                .anyMatch(one -> one.node != cutOff && one.equals(new Shown(one.node, participant, "PREPARED", home))));
        CrossCommitTest.decide(transactionId, branches);
        accounts.settleInDoubt(participant);
        accounts.nodes.network().heal();
        Accounts.until(() -> shown(homeNode, session).isEmpty());
        assertThat(accounts.balance(participant, row)).isEqualTo(Accounts.EACH - 1);
    }

    @Test
    void withoutALeaderItIsShownInDoubtAsTheReplicasHaveIt() throws Exception {
        SessionState session = accounts.session();
        List<Branch> branches = accounts.transfer(session, row, 0, 1);
        TransactionId transactionId = CrossCommitTest.prepare(session, branches, Accounts.PATIENCE);
        assertThat(transactionId.session()).isEqualTo(session.id());
        for (int node = 1; node <= Accounts.NODES; node++) {
            accounts.nodes.network().isolate(node);
        }
        Accounts.until(
                () -> shown(1, session).stream().anyMatch(one -> one.equals(new Shown(one.node, 1, "IN DOUBT", 0))));
        // a home that goes on leading would wait for the coordinator; a new one knows nothing of it, and undoes it
        Accounts.until(() -> !branches.get(0).held().isOpen());
        accounts.nodes.network().heal();
        Accounts.until(() -> shown(1, session).isEmpty());
        assertThat(accounts.balance(1, row)).isEqualTo(Accounts.EACH);
    }

    @Test
    void aLinearizableReadOfOneShardWaitsForTheDecision() throws Exception {
        SessionState session = accounts.session();
        List<Branch> branches = accounts.transfer(session, row, 0, 1);
        TransactionId transactionId = CrossCommitTest.prepare(session, branches, Accounts.PATIENCE);
        // it may be decided, and seen, at home: what is acknowledged there must not be missed here
        assertThatThrownBy(() -> read("LINEARIZABLE WITHIN 300 MS"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(SqlState.LEVEL_NOT_MET.code()));
        assertThat(read("EVENTUAL")).as("the control").isEqualTo(Accounts.EACH);

        CompletableFuture<Long> reader = CompletableFuture.supplyAsync(() -> {
            try {
                return read("LINEARIZABLE");
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
        CrossCommitTest.decide(transactionId, branches);
        assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo(Accounts.EACH - 1);
    }

    /** What a session of its own reads of the account in shard 1. */
    private long read(String ladder) throws SQLException {
        Ladder asked = SqlParser.parseLadder(ladder);
        SessionState session = accounts.session();
        try (StorageStatement query = StorageStatement.plain("SELECT N FROM ACC WHERE ID = " + row);
                ResultSet rows = Objects.requireNonNull(new ReadPath(session.at(1))
                        .read(
                                new ReadPath.Read(
                                        query,
                                        new Agreement(asked, "TEST", asked, null),
                                        List.of("PUBLIC.ACC"),
                                        PlacementVersion.NONE),
                                Parameters.NONE)
                        .rows())) {
            assertThat(rows.next()).isTrue();
            return rows.getLong(1);
        }
    }
}
