package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which ladder a statement gets. The first that says anything wins: the statement's clause or hint, SET
 * TRANSACTION, SET CONSISTENCY; then, for each table the statement names, the first consistency rule that matches, the
 * table's own, the URL, SEQUENTIAL. Of what the tables say the strongest is taken, and no rung below the weakest that any
 * of them allows. Rules do two things more:
 *
 * <ul>
 *   <li>FLOOR is a guard: whatever was asked and by which setting, no rung below the floor of a table's first matching rule is granted.
 *   <li>DOWNGRADE lets a rule's own ladder, and no other ask, become weaker under load.
 * </ul>
 *
 * <p>Below and weaker mean the order in which {@link Level} declares the levels. Pure.
 */
public final class Negotiator {

    private Negotiator() {}

    /** The agreement for a statement of this plan under no load. */
    public static Agreement decide(Ask ask, Plan plan, Catalog catalog) {
        return decide(ask, plan, catalog, Load.NONE);
    }

    /** The agreement for a statement of this plan. */
    public static Agreement decide(Ask ask, Plan plan, Catalog catalog, Load load) {
        return decide(ask, plan, catalog, load, DecisionTrace.none());
    }

    /** Why {@link #decide} decides as it does: which rules were looked at, what each did. */
    public static List<String> explain(Ask ask, Plan plan, Catalog catalog, Load load) {
        DecisionTrace steps = DecisionTrace.kept();
        var unused = decide(ask, plan, catalog, load, steps);
        return steps.lines();
    }

    private static Agreement decide(Ask ask, Plan plan, Catalog catalog, Load load, DecisionTrace steps) {
        Agreement decided = new Negotiation(ask, plan, catalog, load, steps).decide();
        return plan.kind() == Plan.Kind.READ || canWait(plan)
                ? decided
                : raised(decided, "only INSERT, UPDATE, DELETE and MERGE can wait in an outbox");
    }

    private static boolean canWait(Plan plan) {
        return plan.kind() == Plan.Kind.WRITE
                && switch (plan.operation()) {
                    case INSERT, UPDATE, DELETE, MERGE -> true;
                    case SELECT, DDL -> false;
                };
    }

    /**
     * The agreement with its weak rungs raised to SEQUENTIAL: the write is acknowledged by a majority, and the receipt
     * says why.
     */
    public static Agreement raised(Agreement decided, String why) {
        List<Rung> granted = new ArrayList<>();
        boolean raised = false;
        for (Rung rung : decided.granted().rungs()) {
            boolean weak = rung.level() == Level.EVENTUAL || rung.level() == Level.READ_UNCOMMITTED;
            raised |= weak;
            granted.add(
                    weak
                            ? new Rung(Level.SEQUENTIAL, null, null, rung.within(), rung.afterToken(), rung.ackAll())
                            : rung);
        }
        return raised
                ? new Agreement(
                        decided.asked(), decided.decidedBy(), new Ladder(granted), "raised: " + why, decided.notices())
                : decided;
    }
}
