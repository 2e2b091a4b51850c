package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rule.Operations;
import io.tunabledb.consistency.Rung;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rules from Java and from files are those that statements make. */
class ConsistencyRulesTest {

    @Test
    void theLeastRuleIsForEverything() {
        assertThat(ConsistencyRules.rule("R").using(Level.EVENTUAL).sql())
                .isEqualTo("CREATE CONSISTENCY RULE R ON * FOR ANY USING EVENTUAL");
    }

    @Test
    void everyPartIsSaidInTheStatement() {
        String sql = ConsistencyRules.rule("orders read")
                .onTable("SHOP", "ORDERS")
                .forOperations(Operations.SELECT)
                .toUserType("it's")
                .using(new Rung(Level.LINEARIZABLE, null, null, Duration.ofMillis(50), null, false))
                .orElse(Level.SEQUENTIAL)
                .floor(Rung.bounded(Duration.ofSeconds(5)))
                .downgradeTo(0.8, Rung.of(Level.SEQUENTIAL), Rung.bounded(Duration.ofSeconds(1)))
                .orReplace()
                .beforeRule("REST")
                .sql();
        assertThat(sql)
                .isEqualTo("CREATE OR REPLACE CONSISTENCY RULE \"orders read\" BEFORE REST ON SHOP.ORDERS FOR SELECT"
                        + " TO USER TYPE 'it''s' USING LINEARIZABLE WITHIN 50 MS ELSE SEQUENTIAL"
                        + " FLOOR BOUNDED_STALENESS (5 SECONDS)"
                        + " DOWNGRADE TO SEQUENTIAL, BOUNDED_STALENESS (1 SECONDS) WHEN LOAD > 0.8");
        assertThat(Parsed.one(sql).text()).isEqualTo(sql);
    }

    @Test
    void whatIsWrittenIsWhatIsParsed() {
        var builder = ConsistencyRules.rule("R")
                .onTable("T")
                .forReads()
                .using(Level.LINEARIZABLE)
                .downgradeTo(1.5, Level.EVENTUAL)
                .floor(Level.EVENTUAL);
        assertThat(((Statement.CreateRule) Parsed.one(builder.sql())).rule()).isEqualTo(builder.rule());
        assertThat(Parsed.one(ConsistencyRules.drop("R"))).isInstanceOf(Statement.DropRule.class);
    }

    @Test
    void aRuleNeedsARungAndALoadIsPositive() {
        assertThatThrownBy(() -> ConsistencyRules.rule("R").sql()).hasMessageContaining("at least one rung");
        assertThatThrownBy(() -> ConsistencyRules.rule("R").downgradeTo(0, Level.EVENTUAL))
                .hasMessageContaining("above 0");
        assertThatThrownBy(() -> ConsistencyRules.rule("R").downgradeTo(1, new Level[0]))
                .hasMessageContaining("at least one level");
    }

    @Test
    void aFileHoldsRulesAndSaysWhereTheyStand() {
        var rules = SqlParser.parseRules("""
                -- what analysts get
                CREATE CONSISTENCY RULE a ON t FOR READ USING EVENTUAL;

                  CREATE CONSISTENCY RULE b BEFORE a ON * FOR ANY
                    USING SNAPSHOT; /* the end */ ;
                """);
        assertThat(rules).extracting(rule -> rule.statement().rule().name()).containsExactly("A", "B");
        assertThat(rules).extracting(SqlParser.PlacedRule::line).containsExactly(2, 4);
        assertThat(rules).extracting(SqlParser.PlacedRule::column).containsExactly(1, 3);
        assertThat(SqlParser.parseRules(" -- nothing\n")).isEmpty();
    }

    @Test
    void anErrorInAFileSaysWhere() {
        assertThatThrownBy(
                        () -> SqlParser.parseRules("CREATE CONSISTENCY RULE a ON t FOR READ USING EVENTUAL;\nSELECT 1"))
                .isInstanceOf(SqlSyntaxException.class)
                .hasMessage("2:1: expected CREATE CONSISTENCY RULE; a file of rules holds nothing else");
        assertThatThrownBy(() -> SqlParser.parseRules("CREATE CONSISTENCY RULE a ON t FOR READ USING EVENTUAL;"
                        + "\n CREATE CONSISTENCY RULE A ON u FOR READ USING EVENTUAL"))
                .hasMessage("2:2: rule A stands twice in this file");
        assertThatThrownBy(() -> SqlParser.parseRules("\n\nCREATE CONSISTENCY RULE a ON t FOR READ USING EVENTULA"))
                .hasMessageStartingWith("3:47: there is no consistency level EVENTULA; did you mean EVENTUAL?");
    }
}
