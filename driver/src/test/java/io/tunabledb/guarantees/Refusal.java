package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.SQLException;
import java.util.Set;

/** What a statement may answer instead of serving. */
final class Refusal {

    /** Nothing took effect, or the statement says that it did. */
    static final Set<String> CERTAIN = Set.of("40001", "TC001", "TC002", "08001", "HYT00");

    /** It may take effect at any later time, or never. */
    static final String OUTCOME_UNKNOWN = "08007";

    private Refusal() {}

    /** JDBC code that is expected to be refused. */
    @FunctionalInterface
    interface Call {
        void run() throws SQLException;
    }

    /** Asserts that {@code call} is refused with {@code state}, and gives the message. */
    static String expect(String state, Call call) {
        SQLException refused = catchThrowableOfType(SQLException.class, call::run);
        // the cast chooses among assertThat's: an SQLException is a Throwable and an Iterable
        assertThat((Throwable) refused)
                .as("expected a refusal with %s, but it was served", state)
                .isNotNull();
        assertThat(refused.getSQLState()).as(refused.getMessage()).isEqualTo(state);
        return refused.getMessage();
    }
}
