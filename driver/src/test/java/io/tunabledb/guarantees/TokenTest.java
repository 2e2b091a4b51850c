package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.session.BadTokenException;
import io.tunabledb.engine.session.Token;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Session tokens: what one session saw and wrote, carried to another that sits at a slow follower. */
class TokenTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1 WITH CONSISTENCY ";
    private static final String WRITE = "UPDATE T SET V = ? WHERE ID = 1";
    private static final int OLD = 1;
    private static final int NEW = 2;

    @RegisterExtension
    static final Cluster cluster =
            Cluster.shared(1, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");

    private Client writer;
    private Client reader;

    @BeforeEach
    void writeTheOldValueEverywhere() throws SQLException {
        int follower = cluster.follower();
        cluster.run("UPDATE T SET V = " + OLD);
        cluster.awaitCaughtUp();
        writer = cluster.at(cluster.leader());
        reader = cluster.at(follower);
    }

    private static void slowTheReadersFollower() {
        cluster.nodes().slow(cluster.follower(), Duration.ofMillis(200));
    }

    @AfterEach
    void close() throws SQLException {
        writer.close();
        reader.close();
    }

    // ---- carrying one ----

    @ParameterizedTest
    @ValueSource(strings = {"READ_YOUR_WRITE", "MONOTONIC_READ", "SEQUENTIAL", "SNAPSHOT"})
    void theTypedTokenCarriesTheWrite(String level) throws SQLException {
        slowTheReadersFollower();
        writer.update(WRITE, NEW);
        // a token is of what the session saw too, and reads see what they wrote
        writer.number(READ + "SEQUENTIAL");
        reader.use(writer.token());
        assertThat(reader.number(READ + level)).isEqualTo(NEW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"READ_YOUR_WRITE", "MONOTONIC_READ", "SEQUENTIAL", "SNAPSHOT", "EVENTUAL"})
    void withoutATokenItIsNotSeen(String level) throws SQLException {
        slowTheReadersFollower();
        writer.update(WRITE, NEW);
        assertThat(reader.number(READ + level)).isEqualTo(OLD);
    }

    @Test
    void theTokenOfShowConsistencyTokenIsTakenBySetConsistencyToken() throws SQLException {
        slowTheReadersFollower();
        writer.update(WRITE, NEW);
        String token;
        try (Statement statement = writer.connection().createStatement();
                ResultSet rows = statement.executeQuery("SHOW CONSISTENCY TOKEN")) {
            assertThat(rows.next()).isTrue();
            token = rows.getString(1);
        }
        assertThat(token).isEqualTo(writer.token());
        reader.execute("SET CONSISTENCY TOKEN '" + token + "'");
        assertThat(reader.number(READ + "READ_YOUR_WRITE")).isEqualTo(NEW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"EVENTUAL", "READ_YOUR_WRITE", "MONOTONIC_READ", "SNAPSHOT", "BOUNDED_STALENESS (1 MINUTE)"})
    void aClauseAfterATokenSeesItsWriteAtEveryLevel(String level) throws SQLException {
        slowTheReadersFollower();
        reader.number(READ + "BOUNDED_STALENESS (1 MINUTE)");
        writer.update(WRITE, NEW);
        assertThat(reader.number(READ + level + " AFTER '" + writer.token() + "'"))
                .isEqualTo(NEW);
    }

    @Test
    void mergingTakesTheMaximumOfEachPart() throws Exception {
        slowTheReadersFollower();
        writer.update(WRITE, NEW);
        String older = writer.token();
        writer.update(WRITE, NEW + 1);
        String newer = writer.token();
        reader.use(newer);
        reader.use(older);
        assertThat(Token.decode(reader.token()).write())
                .isEqualTo(Token.decode(newer).write());
        assertThat(reader.number(READ + "READ_YOUR_WRITE")).isEqualTo(NEW + 1);
    }

    // ---- tokenScope ----

    @Test
    void connectionsOfOneDataSourceShareATokenEvenAfterTheWriterIsClosed() throws SQLException {
        slowTheReadersFollower();
        int slow = cluster.follower();
        try (Client one = cluster.at(slow, "tokenScope=datasource")) {
            one.update(WRITE, NEW);
        }
        try (Client two = cluster.at(slow, "tokenScope=datasource")) {
            assertThat(two.number(READ + "READ_YOUR_WRITE")).isEqualTo(NEW);
        }
    }

    @Test
    void otherwiseEveryConnectionHasItsOwn() throws SQLException {
        slowTheReadersFollower();
        int slow = cluster.follower();
        try (Client one = cluster.at(slow);
                Client two = cluster.at(slow)) {
            one.update(WRITE, NEW);
            assertThat(two.number(READ + "READ_YOUR_WRITE")).isEqualTo(OLD);
            assertThat(one.number(READ + "READ_YOUR_WRITE")).isEqualTo(NEW);
        }
    }

    // ---- bad ones ----

    private enum Bad {
        NOT_A_TOKEN,
        TORN,
        ONE_LETTER_CHANGED,
        FOREIGN,
        FROM_THE_FUTURE;

        String of(String good) throws BadTokenException {
            Token token = Token.decode(good);
            return switch (this) {
                case NOT_A_TOKEN -> "no token";
                case TORN -> good.substring(0, good.length() / 2);
                case ONE_LETTER_CHANGED ->
                    good.substring(0, 30) + (good.charAt(30) == 'A' ? 'B' : 'A') + good.substring(31);
                case FOREIGN -> new Token(UUID.randomUUID(), token.read(), token.write()).encode();
                case FROM_THE_FUTURE ->
                    new Token(
                                    token.database(),
                                    token.read(),
                                    Arrays.stream(token.write())
                                            .map(index -> index + 1_000_000)
                                            .toArray())
                            .encode();
            };
        }
    }

    private static Stream<Bad> bad() {
        return Stream.of(Bad.values());
    }

    @ParameterizedTest
    @MethodSource("bad")
    void aBadTokenIsRefusedAtOnceAndChangesNothing(Bad bad) throws Exception {
        writer.update(WRITE, NEW);
        String token = bad.of(writer.token());
        String before = reader.token();
        Refusal.expect("TC004", () -> reader.use(token));
        Refusal.expect("TC004", () -> reader.execute("SET CONSISTENCY TOKEN '" + token + "'"));
        assertThat(reader.token()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("bad")
    void aReadAfterABadTokenIsRefused(Bad bad) throws Exception {
        writer.update(WRITE, NEW);
        String token = bad.of(writer.token());
        Refusal.expect("TC004", () -> reader.number(READ + "EVENTUAL AFTER '" + token + "'"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void aWriteAfterABadTokenIsRefused(Bad bad) throws Exception {
        writer.update(WRITE, NEW);
        String token = bad.of(writer.token());
        Refusal.expect(
                "TC004", () -> reader.update(WRITE + " WITH CONSISTENCY SEQUENTIAL AFTER '" + token + "'", NEW + 1));
        assertThat(writer.number(READ + "LINEARIZABLE")).isEqualTo(NEW);
    }
}
