package io.tunabledb.engine.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.codec.Form;
import io.tunabledb.engine.cut.CutRefusedException;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import io.tunabledb.engine.shard.validation.ConflictException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLSyntaxErrorException;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An error comes out of the network as it went in, as far as anybody tells errors apart. */
class FaultTest {
    private static final Form<Fault> FORM = Form.of(Fault.class);

    private static Throwable sent(Throwable failure) {
        return FORM.read(FORM.bytes(Fault.of(failure))).thrown(2);
    }

    @ParameterizedTest
    @EnumSource(SqlState.class)
    void everyErrorOfOursIsTheSame(SqlState state) {
        SQLException error = Errors.of(state, "what was asked, what was found", new IOException("the disk"));
        SQLException arrived = (SQLException) sent(new CompletionException(error));
        assertThat(arrived.getSQLState()).isEqualTo(error.getSQLState());
        assertThat(arrived.getErrorCode()).isEqualTo(error.getErrorCode());
        assertThat(arrived.getMessage()).isEqualTo(error.getMessage());
        if (state.code().startsWith("01")) {
            return;
        }
        assertThat(arrived.getClass()).isEqualTo(error.getClass());
        assertThat(arrived.getCause()).isInstanceOf(IOException.class).hasMessage("n2: the disk");
    }

    @Test
    void soIsOneOfH2() throws SQLException {
        try (Connection h2 = DriverManager.getConnection("jdbc:h2:mem:")) {
            h2.createStatement().execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            h2.createStatement().execute("INSERT INTO T VALUES (1)");
            SQLException twice = failure(h2, "INSERT INTO T VALUES (1)");
            assertThat(sent(twice))
                    .isInstanceOf(SQLIntegrityConstraintViolationException.class)
                    .hasMessage(twice.getMessage())
                    .satisfies(arrived ->
                            assertThat(((SQLException) arrived).getErrorCode()).isEqualTo(twice.getErrorCode()));
            assertThat(sent(failure(h2, "SELEC 1"))).isInstanceOf(SQLSyntaxErrorException.class);
        }
    }

    private static SQLException failure(Connection h2, String sql) {
        try {
            h2.createStatement().execute(sql);
        } catch (SQLException e) {
            return e;
        }
        throw new AssertionError("it ran");
    }

    static Stream<Throwable> steering() {
        return Stream.of(
                new NotLeaderException("n1 does not lead"),
                new ConflictException("row 7 of T"),
                new CutRefusedException("cut 5 is over"),
                new OutcomeUnknownException("nobody knows", new IOException("lost")),
                new OutcomeUnknownException("nobody knows", null));
    }

    @ParameterizedTest
    @MethodSource("steering")
    void soIsWhatSteers(Throwable failure) {
        assertThat(sent(failure)).hasSameClassAs(failure).hasMessage(failure.getMessage());
    }

    @Test
    void theRestIsAFailureOfThatNode() {
        assertThat(sent(new IllegalStateException("a broken invariant")))
                .isExactlyInstanceOf(NodeFailedException.class)
                .hasMessage("n2 failed: java.lang.IllegalStateException: a broken invariant");
        assertThat(sent(new StackOverflowError())).isExactlyInstanceOf(NodeFailedException.class);
        assertThat(sent(new IOException("n3 is not started")))
                .isInstanceOf(IOException.class)
                .hasMessage("n2: n3 is not started");
    }

    @Test
    void chainsAreKeptAndBounded() {
        SQLException first = new SQLException("first", "22001", 1);
        for (int i = 0; i < 100; i++) {
            first.setNextException(new SQLException("next " + i, "22002", i));
        }
        Throwable deep = new IllegalStateException("deepest");
        for (int i = 0; i < 100; i++) {
            deep = new SQLException("level " + i, deep);
        }
        SQLException arrived = (SQLException) sent(first);
        assertThat(arrived.getNextException().getMessage()).isEqualTo("next 0");
        assertThat(Stream.iterate(arrived, next -> next != null, SQLException::getNextException)
                        .toList())
                .hasSize(9);
        assertThat(Stream.iterate(sent(deep), cause -> cause != null, Throwable::getCause)
                        .toList())
                .hasSize(8);
        assertThat(sent(new SQLException("x".repeat(1_000_000))).getMessage()).hasSizeLessThan(20_000);
        assertThat(sent(new SQLException((String) null)).getMessage()).isNull();
    }
}
