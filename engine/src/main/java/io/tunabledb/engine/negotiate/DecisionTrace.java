package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rule;
import io.tunabledb.engine.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The steps of a decision as EXPLAIN shows them; decisions that are not explained keep none, and write no text. */
final class DecisionTrace {
    /** More of them would not be read. */
    private static final int MOST = 200;

    private final @Nullable List<String> lines;

    private DecisionTrace(@Nullable List<String> lines) {
        this.lines = lines;
    }

    static DecisionTrace none() {
        return new DecisionTrace(null);
    }

    static DecisionTrace kept() {
        return new DecisionTrace(new ArrayList<>());
    }

    /** The lines so far. */
    List<String> lines() {
        return lines == null ? List.of() : List.copyOf(lines);
    }

    void say(String line) {
        if (lines != null && lines.size() < MOST) {
            lines.add(line);
        }
    }

    /** A rule was looked at. */
    void looked(Rule rule, Plan.@Nullable Table table, Operation operation, @Nullable String mismatch) {
        if (lines != null) {
            say("rule " + rule.name() + " for " + operation + " on " + (table == null ? "no table" : table)
                    + (mismatch == null ? ": matches" : ": no, it is for " + mismatch));
        }
    }
}
