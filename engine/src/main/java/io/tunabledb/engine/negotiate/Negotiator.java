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
 *   <li>FLOOR is a guard: whoever asked, no rung below the floor of a table's first matching rule is granted.
 *   <li>DOWNGRADE lets a rule's own ladder, and nobody else's ask, become weaker under load.
 * </ul>
 *
 * <p>Below and weaker mean the order in which {@link Level} declares the levels. Pure.
 */
public final class Negotiator {
    private static final String RAISED =
            "raised: weak writes have no outbox yet, so the write is acknowledged by a majority";

    private Negotiator() {}

    /** The agreement for a statement of this plan under no load. */
    public static Agreement decide(Ask ask, Plan plan, Catalog catalog) {
        return decide(ask, plan, catalog, Load.NONE);
    }

    /** The agreement for a statement of this plan. */
    public static Agreement decide(Ask ask, Plan plan, Catalog catalog, Load load) {
        return decide(ask, plan, catalog, load, Steps.none());
    }

    /** Why {@link #decide} decides as it does: which rules were looked at, what each did. */
    public static List<String> explain(Ask ask, Plan plan, Catalog catalog, Load load) {
        Steps steps = Steps.kept();
        var unused = decide(ask, plan, catalog, load, steps);
        return steps.lines();
    }

    private static Agreement decide(Ask ask, Plan plan, Catalog catalog, Load load, Steps steps) {
        Agreement decided = new Negotiation(ask, plan, catalog, load, steps).decide();
        if (plan.kind() == Plan.Kind.READ) {
            return decided;
        }
        Agreement raised = raiseWeakWrites(decided);
        return raised.granted().equals(decided.granted())
                ? decided
                : new Agreement(
                        raised.asked(), raised.decidedBy(), raised.granted(), raised.reason(), decided.notices());
    }

    /** Until weak writes have their outbox, a majority acknowledges them, and the receipt says so. */
    private static Agreement raiseWeakWrites(Agreement decided) {
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
        return raised ? new Agreement(decided.asked(), decided.decidedBy(), new Ladder(granted), RAISED) : decided;
    }
}
