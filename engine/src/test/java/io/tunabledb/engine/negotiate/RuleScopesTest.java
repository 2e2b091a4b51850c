package io.tunabledb.engine.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rule.Operations;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.rule.RuleList;
import io.tunabledb.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every scope a rule can have, before every other, against every statement: the first that matches decides. */
class RuleScopesTest {
    /** What each word covers, said here once more and differently. */
    private static final Map<Operations, String> COVERS = Map.of(
            Operations.ANY, "SELECT INSERT UPDATE DELETE MERGE",
            Operations.READ, "SELECT",
            Operations.WRITE, "INSERT UPDATE DELETE MERGE",
            Operations.SELECT, "SELECT",
            Operations.INSERT, "INSERT",
            Operations.UPDATE, "UPDATE",
            Operations.DELETE, "DELETE",
            Operations.MERGE, "MERGE");

    private static final List<Operation> OPERATIONS =
            List.of(Operation.SELECT, Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.MERGE);

    private record Scope(boolean everyTable, Operations operations, boolean everyUser) {
        Rule rule(String name, Level level) {
            return new Rule(
                    name,
                    everyTable ? null : new Rule.Table("PUBLIC", "T"),
                    operations,
                    everyUser ? null : "x",
                    Ladder.of(level),
                    null,
                    null);
        }

        boolean covers(String table, Operation operation, String user) {
            return (everyTable || table.equals("T"))
                    && List.of(COVERS.get(operations).split(" ")).contains(operation.name())
                    && (everyUser || user.equals("x"));
        }
    }

    private static List<Scope> scopes() {
        List<Scope> all = new ArrayList<>();
        for (boolean everyTable : new boolean[] {true, false}) {
            for (Operations operations : Operations.values()) {
                for (boolean everyUser : new boolean[] {true, false}) {
                    all.add(new Scope(everyTable, operations, everyUser));
                }
            }
        }
        return all;
    }

    @Test
    void theFirstThatMatchesDecidesInEveryCase() {
        List<Scope> scopes = scopes();
        assertThat(scopes).hasSize(32);
        Set<String> deciders = new HashSet<>();
        for (Scope first : scopes) {
            for (Scope second : scopes) {
                Catalog catalog = new Catalog(
                        1,
                        Map.of(),
                        List.of(first.rule("FIRST", Level.LINEARIZABLE), second.rule("SECOND", Level.SNAPSHOT)));
                boolean secondDecides = false;
                for (Operation operation : OPERATIONS) {
                    for (String table : List.of("T", "U")) {
                        for (String user : List.of("", "x", "y")) {
                            String expected = first.covers(table, operation, user)
                                    ? "RULE FIRST"
                                    : second.covers(table, operation, user) ? "RULE SECOND" : "DEFAULT";
                            String found = decider(catalog, operation, table, user);
                            assertThat(found)
                                    .as("%s on %s by '%s' under %s, %s", operation, table, user, first, second)
                                    .isEqualTo(expected);
                            deciders.add(found);
                            secondDecides |= found.equals("RULE SECOND");
                        }
                    }
                }
                assertThat(RuleList.isUnreachable(catalog.rules(), 1))
                        .as("%s behind %s is reported as unreachable", second, first)
                        .isEqualTo(!secondDecides);
            }
        }
        assertThat(deciders).containsExactlyInAnyOrder("RULE FIRST", "RULE SECOND", "DEFAULT");
    }

    private static String decider(Catalog catalog, Operation operation, String table, String user) {
        boolean isRead = operation.isRead();
        Plan plan = new Plan(
                isRead ? Plan.Kind.READ : Plan.Kind.WRITE,
                operation,
                List.of(0),
                List.of(new Plan.Table("PUBLIC", table, isRead ? Statement.Use.READ : Statement.Use.WRITE)),
                false);
        return Negotiator.decide(new Ask(null, null, null, null, user), plan, catalog)
                .decidedBy();
    }

    @Test
    void noRuleConcernsASchemaChange() {
        for (Operations operations : Operations.values()) {
            assertThat(operations.contains(Operation.DDL)).as("%s", operations).isFalse();
        }
    }
}
