package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rung;
import java.util.ArrayList;
import java.util.List;

/** What in a rule, taken by itself, can never take effect. Pure. */
public final class RuleFaults {

    private RuleFaults() {}

    /** A sentence for each fault. */
    public static List<String> of(Rule rule) {
        List<String> faults = new ArrayList<>();
        Rung floor = rule.floor();
        Rung first = rule.using().first();
        for (Rung rung : rule.using().rungs()) {
            if (floor != null && Strength.isBelow(rung, floor)) {
                faults.add("consistency rule " + rule.name() + ": " + rung.text() + " is below its own FLOOR "
                        + floor.text() + " and will always be raised");
            }
        }
        Rule.Downgrade downgrade = rule.downgrade();
        if (downgrade != null) {
            for (Rung rung : downgrade.to()) {
                if (!Strength.isStronger(first, rung)) {
                    faults.add("consistency rule " + rule.name() + ": DOWNGRADE TO " + rung.text()
                            + " is not weaker than USING " + first.text() + " and will never be taken");
                } else if (floor != null && Strength.isBelow(rung, floor)) {
                    faults.add("consistency rule " + rule.name() + ": DOWNGRADE TO " + rung.text() + " is below FLOOR "
                            + floor.text() + " and will never be taken");
                }
            }
        }
        return faults;
    }
}
