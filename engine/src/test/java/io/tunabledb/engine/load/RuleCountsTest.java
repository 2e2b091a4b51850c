package io.tunabledb.engine.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.negotiate.Notice;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rules that come and go under new names leave nothing behind. */
class RuleCountsTest {

    @Test
    void theNamesOfRulesThatAreGoneAreForgotten() {
        RuleCounts counts = new RuleCounts(() -> Set.of("KEPT"));
        for (int i = 0; i < 10 * RuleCounts.MOST; i++) {
            counts.count(List.of(new Notice(SqlState.RAISED_BY_FLOOR, "GONE" + i, "")));
            counts.count(List.of(new Notice(SqlState.DOWNGRADED, "KEPT", "")));
        }
        assertThat(counts.size()).isLessThanOrEqualTo(RuleCounts.MOST);
        assertThat(counts.of("KEPT")).isEqualTo(new RuleCounts.Count(0, 10 * RuleCounts.MOST));
        assertThat(counts.of("GONE1")).isEqualTo(new RuleCounts.Count(0, 0));
    }
}
