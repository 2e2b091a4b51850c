package io.tunabledb.engine.execute.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What may still be proposed after a caller has gone, and what he is told. */
class UnderwayTest {
    private final List<String> asked = new ArrayList<>();
    private final Underway underway = new Underway(() -> {}, () -> false);

    @BeforeEach
    void begin() {
        underway.begin();
    }

    private Underway.InFlight inFlight(String name, boolean isUndone) {
        return () -> {
            asked.add(name);
            return isUndone;
        };
    }

    private void assertRefused() {
        assertThatThrownBy(() -> underway.propose(inFlight("late", true), false))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("before it took effect");
    }

    @Test
    void nothingIsProposedAfterwards() {
        assertThat(underway.giveUp()).as("proposed").isFalse();
        assertRefused();
    }

    @Test
    void whatTheLogDoesNotHaveYetIsUndone() throws SQLException {
        assertThat(underway.propose(inFlight("first", true), false)).isTrue();
        assertThat(underway.giveUp()).as("proposed").isFalse();
        assertThat(asked).containsExactly("first");
    }

    @Test
    void whatTheLogHasIsNotKnown() throws SQLException {
        underway.propose(inFlight("first", false), false);
        assertThat(underway.giveUp()).as("proposed").isTrue();
        assertThat(asked).containsExactly("first");
    }

    /** Of a batch over several shards: what came before is in, and its rest would come after its caller has looked. */
    @Test
    void theRestOfWhatHasBegunIsNotProposed() throws SQLException {
        underway.propose(inFlight("first", true), false);
        underway.landed();
        assertThat(underway.giveUp()).as("proposed").isTrue();
        assertThat(asked).isEmpty();
        assertRefused();
        assertThat(underway.propose(inFlight("a schema change's next shard", false), true))
                .as("first")
                .isFalse();
    }

    @Test
    void aLaterPartThatIsUndoneLeavesTheEarlierOnes() throws SQLException {
        underway.propose(inFlight("first", true), false);
        underway.landed();
        underway.propose(inFlight("second", true), false);
        assertThat(underway.giveUp()).as("proposed").isTrue();
        assertThat(asked).containsExactly("second");
    }

    /** As before: a cancel lets what has begun come to its end. */
    @Test
    void whatIsCancelledGoesOn() throws SQLException {
        underway.propose(inFlight("first", true), false);
        underway.landed();
        underway.cancel();
        assertThat(underway.propose(inFlight("second", true), false))
                .as("first")
                .isFalse();
        underway.end();
    }
}
