package io.tunabledb.engine.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rule.Operations;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random rules, asks, statements and loads: nothing is granted that nobody allowed. A failure names its seed. */
class RulePropertiesTest {
    private static final int ROUNDS = 20_000;
    private static final List<Operation> OPERATIONS =
            List.of(Operation.SELECT, Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.MERGE);
    private static final List<String> TABLES = List.of("A", "B", "C");

    /** One random case. */
    private static final class Case {
        private final Random random;
        private final Plan plan;
        private final Ask ask;
        private final List<Rule> rules = new ArrayList<>();
        private final Map<String, Catalog.TableConsistency> own;
        private final Load load;

        Case(long seed) {
            random = new Random(seed);
            Operation operation = pick(OPERATIONS);
            List<Plan.Table> tables = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                boolean isRead = operation.isRead() || random.nextBoolean();
                tables.add(new Plan.Table("PUBLIC", pick(TABLES), isRead ? Statement.Use.READ : Statement.Use.WRITE));
            }
            plan = new Plan(
                    operation.isRead() ? Plan.Kind.READ : Plan.Kind.WRITE, operation, List.of(0), tables, false);
            for (int i = random.nextInt(5); i > 0; i--) {
                rules.add(rule("R" + i));
            }
            own = random.nextBoolean()
                    ? Map.of()
                    : Map.of("PUBLIC." + pick(TABLES), new Catalog.TableConsistency(ladder(), ladder()));
            ask = new Ask(
                    random.nextInt(3) == 0 ? new Statement.Asked(ladder(), Statement.Source.CLAUSE) : null,
                    random.nextInt(6) == 0 ? rung() : null,
                    random.nextInt(6) == 0 ? ladder() : null,
                    random.nextInt(3) == 0 ? ladder() : null,
                    pick(List.of("", "x")));
            Set<Double> exceeded = new HashSet<>();
            if (random.nextBoolean()) {
                for (int k = random.nextInt(4); k > 0; k--) {
                    exceeded.add(0.5 * k);
                }
            }
            load = new Load(1, exceeded);
        }

        private <T> T pick(List<T> from) {
            return from.get(random.nextInt(from.size()));
        }

        private Rule rule(String name) {
            List<Rung> to = List.of(rung(), rung()).subList(0, 1 + random.nextInt(2));
            return new Rule(
                    name,
                    random.nextBoolean() ? null : new Rule.Table("PUBLIC", pick(TABLES)),
                    pick(List.of(Operations.values())),
                    random.nextBoolean() ? null : "x",
                    ladder(),
                    random.nextBoolean() ? null : rung(),
                    random.nextBoolean() ? null : new Rule.Downgrade(to, 0.5));
        }

        private Ladder ladder() {
            List<Rung> rungs = new ArrayList<>();
            for (int i = random.nextInt(2); i >= 0; i--) {
                rungs.add(rung());
            }
            return new Ladder(rungs);
        }

        private Rung rung() {
            Level level = pick(List.of(Level.values()));
            return level == Level.BOUNDED_STALENESS
                    ? Rung.bounded(Duration.ofSeconds(1 + random.nextInt(3)))
                    : Rung.of(level);
        }

        Catalog catalog(List<Rule> with) {
            return new Catalog(1, own, with);
        }

        Agreement decide() {
            return Negotiator.decide(ask, plan, catalog(rules), load);
        }

        /** The first rule for each table that has one, found again here. */
        List<Rule> first() {
            List<Rule> found = new ArrayList<>();
            for (Plan.Table table : plan.tables()) {
                Operation operation = table.use() == Statement.Use.READ ? Operation.SELECT : plan.operation();
                for (Rule rule : rules) {
                    boolean on = rule.table() == null || rule.table().name().equals(table.name());
                    boolean to = rule.userType() == null || rule.userType().equals(ask.userType());
                    if (on && to && rule.operations().contains(operation)) {
                        found.add(rule);
                        break;
                    }
                }
            }
            return found;
        }
    }

    private static boolean isWeaker(Rung one, Rung other) {
        boolean bounds = one.level() == Level.BOUNDED_STALENESS && other.level() == Level.BOUNDED_STALENESS;
        return bounds
                ? one.maxStaleness().compareTo(other.maxStaleness()) > 0
                : one.level().compareTo(other.level()) > 0;
    }

    @Test
    void neverWeakerThanAskedUnlessARuleAllowsItAndNeverBelowAFloor() {
        long first = System.nanoTime();
        int downgraded = 0;
        int raised = 0;
        int belowWithoutFloors = 0;
        for (long seed = first; seed < first + ROUNDS; seed++) {
            Case one = new Case(seed);
            Agreement agreement = one.decide();
            Rung granted = agreement.granted().first();
            List<Rule> matching = one.first();
            String as = "seed " + seed + "L: " + agreement;
            if (isWeaker(granted, agreement.asked().first())) {
                downgraded++;
                assertThat(agreement.notices()).as(as).extracting(Notice::state).contains(SqlState.DOWNGRADED);
                assertThat(agreement.decidedBy()).as(as).startsWith("RULE ");
                Rule rule = matching.stream()
                        .filter(candidate -> agreement.decidedBy().equals("RULE " + candidate.name()))
                        .findFirst()
                        .orElseThrow();
                assertThat(rule.downgrade()).as(as).isNotNull();
                assertThat(rule.downgrade().to().stream().anyMatch(to -> !isWeaker(granted, to)))
                        .as(as + " goes no further than its list")
                        .isTrue();
                assertThat(one.load.exceeded()).as(as).contains(rule.downgrade().load());
            }
            boolean hasFloor = false;
            for (Rule rule : matching) {
                if (rule.floor() != null) {
                    hasFloor = true;
                    assertThat(agreement.granted().rungs().stream().noneMatch(rung -> isWeaker(rung, rule.floor())))
                            .as(as + " under FLOOR " + rule.floor() + " of " + rule.name())
                            .isTrue();
                }
            }
            if (agreement.notices().stream().anyMatch(notice -> notice.state() == SqlState.RAISED_BY_FLOOR)) {
                raised++;
                assertThat(hasFloor).as(as).isTrue();
            }
            belowWithoutFloors += isBelowWithoutFloors(one, matching) ? 1 : 0;
        }
        // the property can see what it forbids
        assertThat(downgraded).as("cases downgraded").isGreaterThan(100);
        assertThat(raised).as("cases raised").isGreaterThan(100);
        assertThat(belowWithoutFloors)
                .as("cases below a floor that is taken away")
                .isGreaterThan(100);
    }

    private static boolean isBelowWithoutFloors(Case one, List<Rule> matching) {
        List<Rule> bare = one.rules.stream()
                .map(rule -> new Rule(
                        rule.name(),
                        rule.table(),
                        rule.operations(),
                        rule.userType(),
                        rule.using(),
                        null,
                        rule.downgrade()))
                .toList();
        Ladder granted = Negotiator.decide(one.ask, one.plan, one.catalog(bare), one.load)
                .granted();
        return matching.stream()
                .anyMatch(rule -> rule.floor() != null
                        && granted.rungs().stream().anyMatch(rung -> isWeaker(rung, rule.floor())));
    }

    @Test
    void nobodysOwnAskIsDowngraded() {
        Rule rule = new Rule(
                "R",
                null,
                Operations.ANY,
                null,
                Ladder.of(Level.LINEARIZABLE),
                null,
                new Rule.Downgrade(List.of(Rung.of(Level.EVENTUAL)), 0.5));
        Catalog catalog = new Catalog(1, Map.of(), List.of(rule));
        Load high = new Load(9, Set.of(0.5));
        Plan plan = new Plan(Plan.Kind.READ, Operation.SELECT, List.of(0), List.of(), false);
        Ladder ladder = Ladder.of(Level.LINEARIZABLE);
        Rung rung = Rung.of(Level.LINEARIZABLE);
        for (Ask ask : List.of(
                new Ask(new Statement.Asked(ladder, Statement.Source.CLAUSE), null, null, null),
                new Ask(null, rung, null, null),
                new Ask(null, null, ladder, null))) {
            assertThat(Negotiator.decide(ask, plan, catalog, high).granted()).isEqualTo(ladder);
        }
        Agreement byRule = Negotiator.decide(new Ask(null, null, null, null), plan, catalog, high);
        assertThat(byRule.granted()).as("the control").isEqualTo(Ladder.of(Level.EVENTUAL));
    }

    @Test
    void aRaisedAskKeepsWhatItAsked() {
        assertThat(raised(Rung.bounded(Duration.ofSeconds(5)), Rung.of(Level.SEQUENTIAL)))
                .as("SEQUENTIAL has no bound")
                .isEqualTo(Rung.of(Level.LINEARIZABLE));
        assertThat(raised(Rung.of(Level.MONOTONIC_READ), Rung.of(Level.READ_YOUR_WRITE)))
                .as("neither implies the other")
                .isEqualTo(Rung.of(Level.SEQUENTIAL));
        assertThat(raised(Rung.of(Level.EVENTUAL), Rung.bounded(Duration.ofSeconds(5))))
                .isEqualTo(Rung.bounded(Duration.ofSeconds(5)));
        Rung entries = new Rung(Level.BOUNDED_STALENESS, Duration.ofSeconds(9), 3L, null, null, false);
        Rung floor = new Rung(Level.BOUNDED_STALENESS, Duration.ofSeconds(5), 10L, null, null, false);
        assertThat(raised(entries, floor))
                .as("the tighter of each part")
                .isEqualTo(new Rung(Level.BOUNDED_STALENESS, Duration.ofSeconds(5), 3L, null, null, false));
        Rung within = new Rung(Level.EVENTUAL, null, null, Duration.ofMillis(7), "t", true);
        assertThat(raised(within, Rung.of(Level.SNAPSHOT)))
                .isEqualTo(new Rung(Level.SNAPSHOT, null, null, Duration.ofMillis(7), "t", true));
    }

    private static Rung raised(Rung rung, Rung floor) {
        return Strength.raise(rung, floor);
    }

    @Test
    void aHigherLoadGoesFurtherAlongTheList() {
        Rung bounded = Rung.bounded(Duration.ofSeconds(1));
        Rule.Downgrade list =
                new Rule.Downgrade(List.of(Rung.of(Level.LINEARIZABLE), bounded, Rung.of(Level.EVENTUAL)), 0.5);
        Rule rule =
                new Rule("R", null, Operations.ANY, null, Ladder.of(Level.SEQUENTIAL), Rung.of(Level.EVENTUAL), list);
        assertThat(under(rule)).isEqualTo(Level.SEQUENTIAL);
        assertThat(under(rule, 0.5)).as("the first that is weaker").isEqualTo(Level.BOUNDED_STALENESS);
        assertThat(under(rule, 0.5, 1.0)).isEqualTo(Level.EVENTUAL);
        assertThat(under(rule, 0.5, 1.0, 1.5)).isEqualTo(Level.EVENTUAL);
        assertThat(under(rule, 1.0))
                .as("a threshold whose lower one is not passed")
                .isEqualTo(Level.SEQUENTIAL);
    }

    private static Level under(Rule rule, Double... exceeded) {
        Plan plan = new Plan(Plan.Kind.READ, Operation.SELECT, List.of(0), List.of(), false);
        Catalog catalog = new Catalog(1, Map.of(), List.of(rule));
        return Negotiator.decide(new Ask(null, null, null, null), plan, catalog, new Load(1, Set.of(exceeded)))
                .granted()
                .first()
                .level();
    }

    @Test
    void aTableThatAllowsNothingHoldsTheOthersUp() {
        Rule lax = new Rule(
                "LAX",
                new Rule.Table("PUBLIC", "A"),
                Operations.ANY,
                null,
                new Ladder(List.of(Rung.of(Level.LINEARIZABLE), Rung.of(Level.EVENTUAL))),
                null,
                new Rule.Downgrade(List.of(Rung.of(Level.EVENTUAL)), 0.5));
        Catalog catalog = new Catalog(1, Map.of(), List.of(lax));
        Plan plan = new Plan(
                Plan.Kind.READ,
                Operation.SELECT,
                List.of(0),
                List.of(
                        new Plan.Table("PUBLIC", "A", Statement.Use.READ),
                        new Plan.Table("PUBLIC", "B", Statement.Use.READ)),
                false);
        Ask nothing = new Ask(null, null, null, null);
        Agreement calm = Negotiator.decide(nothing, plan, catalog);
        assertThat(calm.granted().rungs())
                .as("B says SEQUENTIAL, so the second rung is no weaker")
                .containsExactly(Rung.of(Level.LINEARIZABLE), Rung.of(Level.SEQUENTIAL));
        Agreement busy = Negotiator.decide(nothing, plan, catalog, new Load(1, Set.of(0.5)));
        assertThat(busy.granted()).isEqualTo(Ladder.of(Level.SEQUENTIAL));
        assertThat(busy.notices()).extracting(Notice::state).containsExactly(SqlState.DOWNGRADED);
    }
}
