package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.session.Token;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tokens of weak writes: those that nobody gave are refused, and a session gets rid of what it waits for in vain. */
class TokenOriginTest {
    private static final String ADD = "UPDATE COUNTER SET N = N + 1 WITH CONSISTENCY EVENTUAL";
    private static final String READ = "SELECT N FROM COUNTER WITH CONSISTENCY READ_YOUR_WRITE WITHIN 300 MILLISECONDS";

    @RegisterExtension
    static final Cluster cluster = Cluster.shared(1, "CREATE TABLE COUNTER(N INT NOT NULL)");

    @BeforeEach
    void zero() throws SQLException {
        try (Client client = cluster.at(0)) {
            Cluster.await(
                    "the outboxes to be empty", () -> client.number("SELECT SUM(PENDING) FROM TUNABLE.OUTBOX") == 0);
        }
        cluster.run("DELETE FROM COUNTER");
        cluster.run("INSERT INTO COUNTER VALUES (0)");
        cluster.awaitCaughtUp();
    }

    private static Token.Mark mark(Client client) throws Exception {
        return Token.decode(client.token()).marks().get(0);
    }

    private static String with(Client client, Token.Mark mark) throws Exception {
        Token own = Token.decode(client.token());
        return new Token(own.database(), own.read(), own.write(), own.epoch(), List.of(mark)).encode();
    }

    private static void hasState(String state, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(SQLException.class)
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo(state);
    }

    @Test
    void madeUpTokensAreRefusedWhereverTheyAreGiven() throws Exception {
        int node = cluster.follower();
        try (Client writer = cluster.at(node);
                Client other = cluster.at(0)) {
            cluster.nodes().isolate(node);
            writer.update(ADD);
            Token.Mark good = mark(writer);
            cluster.nodes().heal();
            Cluster.await(
                    "the write to be carried out",
                    () -> other.number("SELECT N FROM COUNTER WITH CONSISTENCY LINEARIZABLE") == 1);
            for (Token.Mark bad : List.of(
                    new Token.Mark(node, good.incarnation() ^ 2, 0, 1),
                    new Token.Mark(node, 0, 0, 1),
                    new Token.Mark(node, -1, 0, 1),
                    new Token.Mark(9, good.incarnation(), 0, 1_000_000),
                    new Token.Mark(0, good.incarnation(), 0, 1_000_000),
                    new Token.Mark(node % 3 + 1, good.incarnation(), 0, 1_000_000),
                    new Token.Mark(node, good.incarnation(), 0, good.number() + 1),
                    new Token.Mark(node, good.incarnation(), 0, Long.MAX_VALUE),
                    new Token.Mark(node, good.incarnation(), 0, 0))) {
                String token = with(other, bad);
                hasState("TC004", () -> other.use(token));
                hasState(
                        "TC004",
                        () -> other.number(
                                "SELECT N FROM COUNTER WITH CONSISTENCY READ_YOUR_WRITE AFTER '" + token + "'"));
                assertThat(other.number(READ)).isEqualTo(1);
            }
            assertThatCode(() -> other.use(with(other, good))).doesNotThrowAnyException();
        }
    }

    /** Fresh incarnation, nothing carried out, node out of reach: nobody can tell, and the write comes yet. */
    @Test
    void aTokenOfANodeOutOfReachIsTaken() throws Exception {
        int node = cluster.follower();
        int far = cluster.nodes().leader();
        try (Client writer = cluster.at(node);
                Client other = cluster.at(far)) {
            cluster.nodes().isolate(node);
            writer.update(ADD);
            other.use(with(other, mark(writer)));
            hasState("TC001", () -> other.number(READ));
            cluster.nodes().heal();
            assertThat(other.number("SELECT N FROM COUNTER WITH CONSISTENCY READ_YOUR_WRITE"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aSessionCanForgetWhatItWaitsFor() throws Exception {
        int node = cluster.follower();
        try (Client writer = cluster.at(node)) {
            cluster.nodes().isolate(node);
            writer.update(ADD);
            hasState("TC001", () -> writer.number(READ));
            writer.use("");
            assertThat(writer.number(READ)).isZero();
            cluster.nodes().heal();
        }
    }

    /** Refused with the number first; then lost on purpose, said to its session once, and over. */
    @Test
    void aWipedOutboxIsSaidOnce() throws Exception {
        int node = cluster.follower();
        try (Client writer = cluster.at(node)) {
            cluster.nodes().isolate(node);
            writer.update(ADD);
            writer.update(ADD);
            cluster.nodes().kill(node);
            assertThatThrownBy(() -> cluster.nodes().wipe(node))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("2 acknowledged EVENTUAL writes");
            assertThat(cluster.nodes().wipeWithOutbox(node)).isEqualTo(2);
            cluster.nodes().heal();
            cluster.nodes().restart(node);
            Cluster.await(
                    "the node to be back", () -> cluster.replica(node).role().equals("FOLLOWER"));
            Callable<Long> read = () -> writer.number("SELECT N FROM COUNTER WITH CONSISTENCY READ_YOUR_WRITE");
            assertThatThrownBy(read::call)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("is said once")
                    .hasMessageContaining("n" + node);
            assertThat(read.call()).isZero();
            writer.update(ADD);
            assertThat(read.call()).isEqualTo(1);
        }
    }
}
