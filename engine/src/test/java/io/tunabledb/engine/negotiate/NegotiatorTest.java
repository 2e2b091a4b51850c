package io.tunabledb.engine.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NegotiatorTest {
    private static final Ladder CLAUSE = Ladder.of(Level.LINEARIZABLE);
    private static final Rung TRANSACTION = Rung.of(Level.SNAPSHOT);
    private static final Ladder SESSION = Ladder.of(Level.READ_YOUR_WRITE);
    private static final Ladder URL = Ladder.of(Level.EVENTUAL);
    private static final Catalog CATALOG = new Catalog(
            1,
            Map.of(
                    "PUBLIC.WEAK",
                    new Catalog.TableConsistency(Ladder.of(Level.EVENTUAL), Ladder.of(Level.EVENTUAL)),
                    "PUBLIC.STRONG",
                    new Catalog.TableConsistency(Ladder.of(Level.MONOTONIC_READ), null),
                    "PUBLIC.TIGHT",
                    new Catalog.TableConsistency(Ladder.of(Rung.bounded(Duration.ofSeconds(1))), null),
                    "PUBLIC.LOOSE",
                    new Catalog.TableConsistency(Ladder.of(Rung.bounded(Duration.ofSeconds(9))), null)));

    @Test
    void theFirstThatSaysAnythingDecides() {
        Statement.Asked asked = new Statement.Asked(CLAUSE, Statement.Source.CLAUSE);
        assertDecides(new Ask(asked, TRANSACTION, SESSION, URL), "CLAUSE", CLAUSE);
        assertDecides(new Ask(null, TRANSACTION, SESSION, URL), "SET TRANSACTION", Ladder.of(TRANSACTION));
        assertDecides(new Ask(null, null, SESSION, URL), "SET CONSISTENCY", SESSION);
        assertDecides(new Ask(null, null, null, URL), "TABLE PUBLIC.WEAK", Ladder.of(Level.EVENTUAL));
        assertThat(decide(new Ask(null, null, null, URL), Plan.Kind.READ, "OTHER")
                        .decidedBy())
                .isEqualTo("URL");
        Agreement nobody = decide(new Ask(null, null, null, null), Plan.Kind.READ, "OTHER");
        assertThat(nobody.decidedBy()).isEqualTo("DEFAULT");
        assertThat(nobody.granted()).isEqualTo(Ladder.of(Level.SEQUENTIAL));
    }

    private static void assertDecides(Ask ask, String by, Ladder ladder) {
        Agreement agreement = decide(ask, Plan.Kind.READ, "WEAK");
        assertThat(agreement.decidedBy()).isEqualTo(by);
        assertThat(agreement.asked()).isEqualTo(ladder);
        assertThat(agreement.granted()).isEqualTo(ladder);
    }

    @Test
    void severalTablesTakeTheStrongest() {
        Ask nothing = new Ask(null, null, null, null);
        assertThat(decide(nothing, Plan.Kind.READ, "WEAK", "STRONG").decidedBy())
                .isEqualTo("TABLE PUBLIC.STRONG");
        assertThat(decide(nothing, Plan.Kind.READ, "LOOSE", "TIGHT").decidedBy())
                .isEqualTo("TABLE PUBLIC.TIGHT");
        assertThat(decide(nothing, Plan.Kind.READ, "TIGHT", "LOOSE").decidedBy())
                .isEqualTo("TABLE PUBLIC.TIGHT");
        assertThat(decide(nothing, Plan.Kind.READ, "WEAK", "OTHER").decidedBy())
                .as("a table that says nothing is asked for the default")
                .isEqualTo("DEFAULT");
    }

    @Test
    void aTablesReadLadderSaysNothingOfWrites() {
        Agreement write = decide(new Ask(null, null, null, null), Plan.Kind.WRITE, "STRONG");
        assertThat(write.decidedBy()).isEqualTo("DEFAULT");
    }

    @Test
    void weakWritesStayWeakUnlessTheyCantWait() {
        for (Level weak : List.of(Level.EVENTUAL, Level.READ_UNCOMMITTED)) {
            Statement.Asked asked = new Statement.Asked(Ladder.of(weak), Statement.Source.HINT);
            Ask ask = new Ask(asked, null, null, null);
            for (Operation operation : Operation.values()) {
                Plan.Kind kind = operation == Operation.DDL ? Plan.Kind.DEFINE : Plan.Kind.WRITE;
                Agreement agreement =
                        Negotiator.decide(ask, new Plan(kind, operation, List.of(0), List.of(), false), CATALOG);
                assertThat(agreement.asked()).isEqualTo(Ladder.of(weak));
                boolean waits = operation != Operation.DDL && operation != Operation.SELECT;
                assertThat(agreement.granted())
                        .as("%s", operation)
                        .isEqualTo(Ladder.of(waits ? weak : Level.SEQUENTIAL));
                if (!waits) {
                    assertThat(agreement.reason()).contains("raised");
                }
            }
        }
    }

    @Test
    void nothingIsEverGrantedWeakerThanAsked() {
        for (Level level : Level.values()) {
            Rung rung = level == Level.BOUNDED_STALENESS ? Rung.bounded(Duration.ofSeconds(1)) : Rung.of(level);
            Statement.Asked asked = new Statement.Asked(Ladder.of(rung), Statement.Source.CLAUSE);
            for (Plan.Kind kind : Plan.Kind.values()) {
                Level granted = decide(new Ask(asked, null, null, null), kind, "WEAK")
                        .granted()
                        .first()
                        .level();
                assertThat(level.isStrongerThan(granted))
                        .as("%s for %s", level, kind)
                        .isFalse();
            }
        }
    }

    private static Agreement decide(Ask ask, Plan.Kind kind, String... tables) {
        List<Plan.Table> all = java.util.Arrays.stream(tables)
                .map(name -> new Plan.Table(
                        "PUBLIC", name, kind == Plan.Kind.READ ? Statement.Use.READ : Statement.Use.WRITE))
                .toList();
        Operation operation = kind == Plan.Kind.READ ? Operation.SELECT : Operation.UPDATE;
        return Negotiator.decide(ask, new Plan(kind, operation, List.of(0), all, false), CATALOG);
    }
}
