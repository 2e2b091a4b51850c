package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which ladder a statement gets; the first that says anything wins: the statement's clause or hint, SET
 * TRANSACTION, SET CONSISTENCY, the tables' own, the URL, SEQUENTIAL. (Consistency rules take their place between SET
 * CONSISTENCY and the tables' own when they come.) Pure.
 */
public final class Negotiator {
    private static final Ladder DEFAULT = Ladder.of(Level.SEQUENTIAL);

    private Negotiator() {}

    /** The agreement for a statement of this plan. */
    public static Agreement decide(Ask ask, Plan plan, Catalog catalog) {
        Agreement decided = whoSays(ask, plan, catalog);
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

    private static Agreement whoSays(Ask ask, Plan plan, Catalog catalog) {
        var statement = ask.statement();
        if (statement != null) {
            return as(statement.ladder(), statement.source().name());
        }
        Rung transaction = ask.transaction();
        if (transaction != null) {
            return as(Ladder.of(transaction), "SET TRANSACTION");
        }
        Ladder session = ask.session();
        if (session != null) {
            return as(session, "SET CONSISTENCY");
        }
        Agreement tables = strongestOfTables(plan, catalog);
        if (tables != null) {
            return tables;
        }
        Ladder url = ask.url();
        return url != null ? as(url, "URL") : as(DEFAULT, "DEFAULT");
    }

    /** A statement over several tables takes the strongest of what they say. */
    private static @Nullable Agreement strongestOfTables(Plan plan, Catalog catalog) {
        Agreement strongest = null;
        for (Plan.Table table : plan.tables()) {
            Catalog.TableConsistency own = catalog.of(table.schema(), table.name());
            Ladder says = own == null ? null : plan.kind() == Plan.Kind.READ ? own.read() : own.write();
            if (says != null
                    && (strongest == null
                            || isStronger(says.first(), strongest.asked().first()))) {
                strongest = as(says, "TABLE " + table);
            }
        }
        return strongest;
    }

    /** Stronger level; between two bounds the tighter one. */
    private static boolean isStronger(Rung left, Rung right) {
        var leftBound = left.maxStaleness();
        var rightBound = right.maxStaleness();
        if (leftBound != null && rightBound != null) {
            return leftBound.compareTo(rightBound) < 0;
        }
        return left.level().isStrongerThan(right.level());
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
                ? new Agreement(decided.asked(), decided.decidedBy(), new Ladder(granted), "raised: " + why)
                : decided;
    }

    private static Agreement as(Ladder ladder, String decidedBy) {
        return new Agreement(ladder, decidedBy, ladder, null);
    }
}
