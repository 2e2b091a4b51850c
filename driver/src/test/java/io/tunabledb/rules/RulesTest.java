package io.tunabledb.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Level;
import io.tunabledb.engine.EmbeddedSession;
import io.tunabledb.engine.load.RuleCounts.Count;
import io.tunabledb.sql.ConsistencyRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules as users make, see and meet them. */
class RulesTest {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static final String FILE = """
            -- tables come later
            CREATE CONSISTENCY RULE later ON t FOR READ USING EVENTUAL;
            CREATE CONSISTENCY RULE first BEFORE later ON * FOR WRITE USING SEQUENTIAL;
            """;

    private String url;
    private Client client;

    @BeforeEach
    void open() throws SQLException {
        url = "jdbc:tunable:mem:rules" + NEXT.incrementAndGet() + "?replicas=1";
        client = new Client(url).run("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");
    }

    @AfterEach
    void close() throws SQLException {
        client.close();
    }

    private static void fails(ThrowingCallable call, String state, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void aRuleDecidesAndTheReceiptNamesIt() throws SQLException {
        client.run("CREATE CONSISTENCY RULE lazy ON t FOR READ USING EVENTUAL", "SELECT * FROM T");
        assertThat(client.receipt().decidedBy()).isEqualTo("RULE LAZY");
        assertThat(client.receipt().granted().level()).isEqualTo(Level.EVENTUAL);
        assertThat(client.warnings()).isEmpty();
        client.run("SELECT * FROM T WITH CONSISTENCY LINEARIZABLE");
        assertThat(client.receipt().decidedBy()).isEqualTo("CLAUSE");
        client.run("DROP CONSISTENCY RULE lazy", "SELECT * FROM T");
        assertThat(client.receipt().decidedBy()).isEqualTo("DEFAULT");
    }

    @Test
    void aPreparedStatementMeetsARuleMadeLater() throws SQLException {
        try (PreparedStatement statement =
                client.connection().prepareStatement("SELECT * FROM T WITH CONSISTENCY EVENTUAL")) {
            statement.executeQuery().close();
            assertThat(Client.warnings(statement.getWarnings())).isEmpty();
            client.run("CREATE CONSISTENCY RULE guard ON * FOR ANY USING SEQUENTIAL FLOOR READ_YOUR_WRITE");
            statement.executeQuery().close();
            assertThat(Client.warnings(statement.getWarnings()))
                    .singleElement()
                    .asString()
                    .startsWith("01T01 raised from EVENTUAL to READ_YOUR_WRITE: rule GUARD has FLOOR READ_YOUR_WRITE");
            client.run("DROP CONSISTENCY RULE guard");
            statement.executeQuery().close();
            assertThat(Client.warnings(statement.getWarnings()))
                    .as("cleared by the next execution")
                    .isEmpty();
        }
    }

    @Test
    void aFloorRaisesWhoeverAsksAndIsCounted() throws SQLException {
        client.run("CREATE CONSISTENCY RULE guard ON t FOR ANY USING SEQUENTIAL FLOOR SEQUENTIAL");
        client.run("SET CONSISTENCY = EVENTUAL", "SELECT * FROM T");
        assertThat(client.receipt().granted().level()).isEqualTo(Level.SEQUENTIAL);
        assertThat(client.receipt().asked().first().level()).isEqualTo(Level.EVENTUAL);
        assertThat(client.receipt().decidedBy()).isEqualTo("SET CONSISTENCY");
        assertThat(client.receipt().reason()).contains("GUARD");
        assertThat(client.warnings()).singleElement().asString().startsWith("01T01");
        client.run("UPDATE T SET V = 1 WITH CONSISTENCY EVENTUAL");
        assertThat(client.receipt().granted().level()).isEqualTo(Level.SEQUENTIAL);
        assertThat(client.warnings()).singleElement().asString().startsWith("01T01");
        assertThat(client.connection()
                        .unwrap(EmbeddedSession.class)
                        .ruleCounts()
                        .of("GUARD"))
                .isEqualTo(new Count(2, 0));
        client.run("SET CONSISTENCY DEFAULT", "SELECT * FROM T");
        assertThat(client.warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM (SELECT * FROM T) S",
                "SELECT X FROM SYSTEM_RANGE(1, 2) WHERE X IN (SELECT ID FROM T)",
                "SELECT X FROM SYSTEM_RANGE(1, 2) WHERE EXISTS (SELECT 1 FROM T)",
                "SELECT (SELECT COUNT(*) FROM T) N",
                "WITH C(ID) AS (SELECT ID FROM T) SELECT ID FROM C",
            })
    void noViewLeadsRoundARuleOrAFloor(String query) throws SQLException {
        client.run("CREATE VIEW V AS " + query, "CREATE VIEW W AS SELECT * FROM (SELECT * FROM V) S");
        client.run("CREATE CONSISTENCY RULE strict ON t FOR READ USING LINEARIZABLE FLOOR READ_YOUR_WRITE");
        for (String view : new String[] {"V", "W"}) {
            client.run("SELECT * FROM " + view);
            assertThat(client.receipt().decidedBy()).isEqualTo("RULE STRICT");
            assertThat(client.receipt().granted().level()).isEqualTo(Level.LINEARIZABLE);
            assertThat(client.receipt().tables()).containsExactly("PUBLIC." + view, "PUBLIC.T");
            client.run("SELECT * FROM " + view + " WITH CONSISTENCY EVENTUAL");
            assertThat(client.receipt().granted().level()).isEqualTo(Level.READ_YOUR_WRITE);
        }
    }

    @Test
    void aBatchIsWarnedOfOnItsStatement() throws SQLException {
        client.run("CREATE CONSISTENCY RULE guard ON t FOR WRITE USING SEQUENTIAL FLOOR SEQUENTIAL");
        try (PreparedStatement statement =
                client.connection().prepareStatement("INSERT INTO T VALUES (?, 0) WITH CONSISTENCY EVENTUAL")) {
            for (int i = 2; i < 5; i++) {
                statement.setInt(1, i);
                statement.addBatch();
            }
            statement.executeBatch();
            assertThat(Client.warnings(statement.getWarnings()))
                    .singleElement()
                    .asString()
                    .startsWith("01T01");
        }
    }

    @Test
    void rulesAreForTheirUserType() throws SQLException {
        client.run("CREATE CONSISTENCY RULE a ON t FOR READ TO USER TYPE 'analyst' USING EVENTUAL", "SELECT * FROM T");
        assertThat(client.receipt().decidedBy()).isEqualTo("DEFAULT");
        try (Client analyst = new Client(url + "&userType=analyst")) {
            analyst.run("SELECT * FROM T");
            assertThat(analyst.receipt().decidedBy()).isEqualTo("RULE A");
        }
    }

    @Test
    void theListedStatementsRecreateTheRules() throws SQLException {
        client.run(
                "CREATE SCHEMA S",
                "CREATE TABLE S.\"a b\"(I INT)",
                "CREATE CONSISTENCY RULE c ON * FOR ANY USING SEQUENTIAL",
                "CREATE CONSISTENCY RULE a BEFORE c ON s.\"a b\" FOR UPDATE TO USER TYPE 'it''s' USING STRONG WITHIN 9 MS"
                        + " ELSE SESSION FLOOR SNAPSHOT DOWNGRADE TO SESSION, SNAPSHOT WHEN LOAD > 0.75",
                "CREATE CONSISTENCY RULE \"b \"\"\" BEFORE c ON t FOR READ USING BOUNDED (1 MINUTE, 5 ENTRIES)");
        List<String> listed = client.rules();
        assertThat(client.column("SHOW CONSISTENCY RULES", "NAME")).containsExactly("A", "b \"", "C");
        assertThat(client.column("SHOW CONSISTENCY RULES", "TABLE")).containsExactly("S.a b", "PUBLIC.T", "*");
        for (String name : List.of("a", "\"b \"\"\"", "c")) {
            client.run("DROP CONSISTENCY RULE " + name);
        }
        assertThat(client.rules()).isEmpty();
        client.run(listed.toArray(String[]::new));
        assertThat(client.rules()).isEqualTo(listed);
    }

    @Test
    void replacingKeepsThePlaceAndBeforeMoves() throws SQLException {
        client.run(
                "CREATE CONSISTENCY RULE a ON t FOR INSERT USING SEQUENTIAL",
                "CREATE CONSISTENCY RULE b ON t FOR UPDATE USING SEQUENTIAL",
                "CREATE CONSISTENCY RULE c ON t FOR DELETE USING SEQUENTIAL",
                "CREATE OR REPLACE CONSISTENCY RULE b ON t FOR MERGE USING SNAPSHOT");
        assertThat(client.column("SHOW CONSISTENCY RULES", "NAME")).containsExactly("A", "B", "C");
        assertThat(client.rules().get(1)).contains("FOR MERGE USING SNAPSHOT");
        client.run("CREATE OR REPLACE CONSISTENCY RULE c BEFORE a ON t FOR DELETE USING SEQUENTIAL");
        assertThat(client.column("SHOW CONSISTENCY RULES", "NAME")).containsExactly("C", "A", "B");
        client.run("DROP CONSISTENCY RULE IF EXISTS a", "DROP CONSISTENCY RULE IF EXISTS a");
        assertThat(client.column("SHOW CONSISTENCY RULES", "NAME")).containsExactly("C", "B");
    }

    @Test
    void whatCantBeMadeSaysWhyAndChangesNothing() throws SQLException {
        client.run("CREATE CONSISTENCY RULE orders ON t FOR READ USING EVENTUAL");
        List<String> before = client.rules();
        fails(
                () -> client.run("CREATE CONSISTENCY RULE orders ON t FOR READ USING SNAPSHOT"),
                "42710",
                "ORDERS exists already",
                "OR REPLACE");
        fails(
                () -> client.run("CREATE CONSISTENCY RULE x BEFORE oders ON t FOR READ USING SNAPSHOT"),
                "42704",
                "no consistency rule ODERS",
                "did you mean ORDERS?");
        fails(() -> client.run("DROP CONSISTENCY RULE order_"), "42704", "did you mean ORDERS?");
        fails(
                () -> client.run("CREATE CONSISTENCY RULE x ON public.tt FOR READ USING SNAPSHOT"),
                "42S02",
                "PUBLIC.TT not found",
                "did you mean T?");
        assertThat(client.rules()).isEqualTo(before);
    }

    @Test
    void aRuleThatCanNeverBeReachedIsReported() throws SQLException {
        client.run("CREATE CONSISTENCY RULE r ON t FOR READ USING EVENTUAL");
        assertThat(client.warnings()).isEmpty();
        client.run("CREATE CONSISTENCY RULE later ON t FOR SELECT TO USER TYPE 'x' USING SNAPSHOT");
        assertThat(client.warnings()).singleElement().asString().startsWith("01T03 consistency rule LATER can never");
        client.run("CREATE CONSISTENCY RULE w ON * FOR WRITE USING SEQUENTIAL");
        assertThat(client.warnings()).isEmpty();
        client.run("CREATE CONSISTENCY RULE both ON t FOR ANY USING SEQUENTIAL");
        assertThat(client.warnings())
                .as("two rules together")
                .singleElement()
                .asString()
                .contains("BOTH can never");
        client.run("CREATE CONSISTENCY RULE first BEFORE r ON t FOR READ USING SNAPSHOT");
        assertThat(client.warnings())
                .as("what it shadows")
                .singleElement()
                .asString()
                .contains("rule R can never");
        assertThat(client.column("SHOW CONSISTENCY RULES", "REACHABLE"))
                .containsExactly("true", "false", "false", "true", "false");
    }

    @Test
    void partsWithoutEffectAreReported() throws SQLException {
        client.run("CREATE CONSISTENCY RULE a ON t FOR READ USING SEQUENTIAL FLOOR SNAPSHOT"
                + " DOWNGRADE TO LINEARIZABLE, EVENTUAL WHEN LOAD > 0.8");
        assertThat(client.warnings())
                .containsExactly(
                        "01T03 consistency rule A: DOWNGRADE TO LINEARIZABLE is not weaker than USING SEQUENTIAL and will"
                                + " never be taken",
                        "01T03 consistency rule A: DOWNGRADE TO EVENTUAL is below FLOOR SNAPSHOT and will never be taken");
        client.run("CREATE OR REPLACE CONSISTENCY RULE a ON t FOR READ USING EVENTUAL FLOOR SNAPSHOT");
        assertThat(client.warnings()).singleElement().asString().contains("EVENTUAL is below its own FLOOR SNAPSHOT");
    }

    @Test
    void aRuleFollowsItsTableAndOutlivesIt() throws SQLException {
        client.run(
                "CREATE CONSISTENCY RULE r ON t FOR READ USING EVENTUAL",
                "ALTER TABLE T RENAME TO U",
                "SELECT * FROM U");
        assertThat(client.receipt().decidedBy()).isEqualTo("RULE R");
        assertThat(client.rules()).containsExactly("CREATE CONSISTENCY RULE R ON PUBLIC.U FOR READ USING EVENTUAL");
        client.run("DROP TABLE U");
        assertThat(client.rules()).hasSize(1);
        client.run("CREATE TABLE U(I INT)", "SELECT * FROM U");
        assertThat(client.receipt().decidedBy()).isEqualTo("RULE R");
    }

    @Test
    void aViewIsNoWayAroundARule() throws SQLException {
        client.run(
                "CREATE TABLE U(I INT)",
                "CREATE VIEW V AS SELECT T.V, U.I FROM T LEFT JOIN U ON TRUE",
                "CREATE SCHEMA S",
                "CREATE VIEW S.W AS SELECT * FROM PUBLIC.V WHERE I IS NULL",
                "CREATE SYNONYM Y FOR T",
                "CREATE CONSISTENCY RULE guard ON t FOR READ USING LINEARIZABLE FLOOR SEQUENTIAL");
        for (String name : List.of("T", "V", "S.W", "Y")) {
            client.run("SELECT * FROM " + name + " WITH CONSISTENCY EVENTUAL");
            assertThat(client.receipt().granted().level()).as(name).isEqualTo(Level.SEQUENTIAL);
            client.run("SELECT * FROM " + name);
            assertThat(client.receipt().decidedBy()).as(name).isEqualTo("RULE GUARD");
        }
        client.run("SELECT * FROM U WITH CONSISTENCY EVENTUAL");
        assertThat(client.receipt().granted().level()).as("the control").isEqualTo(Level.EVENTUAL);
        client.run("DROP VIEW S.W", "CREATE TABLE S.W(I INT)", "SELECT * FROM S.W WITH CONSISTENCY EVENTUAL");
        assertThat(client.receipt().granted().level()).as("a table of its name").isEqualTo(Level.EVENTUAL);
    }

    @Test
    void explainSaysEachStep() throws SQLException {
        client.run(
                "CREATE CONSISTENCY RULE w ON t FOR WRITE USING SEQUENTIAL",
                "CREATE CONSISTENCY RULE u ON t FOR READ TO USER TYPE 'x' USING EVENTUAL",
                "CREATE CONSISTENCY RULE r ON t FOR READ USING SEQUENTIAL FLOOR SNAPSHOT"
                        + " DOWNGRADE TO SNAPSHOT WHEN LOAD > 0.5");
        assertThat(client.column("EXPLAIN CONSISTENCY SELECT * FROM T WITH CONSISTENCY EVENTUAL", "DETAIL"))
                .contains(
                        "rule W for SELECT on PUBLIC.T: no, it is for another operation",
                        "rule U for SELECT on PUBLIC.T: no, it is for another user type",
                        "rule R for SELECT on PUBLIC.T: matches",
                        "raised from EVENTUAL to SNAPSHOT: rule R has FLOOR SNAPSHOT",
                        "EVENTUAL, decided by CLAUSE");
        assertThat(client.column("EXPLAIN CONSISTENCY SELECT * FROM T", "DETAIL"))
                .contains("rule R may downgrade above load 0.50: not passed, open are [SNAPSHOT]");
    }

    @Test
    void manyAtOnceLoseNoRule() throws Exception {
        int creators = 8;
        int each = 5;
        ExecutorService threads = Executors.newFixedThreadPool(creators);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < creators; i++) {
                int creator = i;
                all.add(threads.submit(() -> {
                    try (Client own = new Client(url)) {
                        for (int n = 0; n < each; n++) {
                            own.run("CREATE CONSISTENCY RULE r" + creator + "_" + n + " ON t FOR READ TO USER TYPE '"
                                    + creator + "_" + n + "' USING EVENTUAL");
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(client.column("SHOW CONSISTENCY RULES", "NAME"))
                .hasSize(creators * each)
                .doesNotHaveDuplicates();
        assertThat(client.column("SHOW CONSISTENCY RULES", "REACHABLE")).doesNotContain("false");
    }

    @Test
    void rulesSurviveARestartAndASnapshot(@TempDir Path folder) throws SQLException {
        String durable = "jdbc:tunable:file:" + folder.resolve("db") + "?replicas=3";
        List<String> made;
        try (Client first = new Client(durable)) {
            first.run(
                    "CREATE TABLE T(I INT)",
                    "CREATE CONSISTENCY RULE b ON t FOR READ USING EVENTUAL",
                    "CREATE CONSISTENCY RULE a BEFORE b ON * FOR WRITE USING SEQUENTIAL FLOOR SNAPSHOT");
            made = first.rules();
        }
        try (Client again = new Client(durable)) {
            assertThat(again.rules()).hasSize(2).isEqualTo(made);
            again.run("SELECT * FROM T");
            assertThat(again.receipt().decidedBy()).isEqualTo("RULE B");
        }
    }

    @Test
    void javaMakesTheSameRules() throws SQLException {
        client.run(ConsistencyRules.rule("R")
                .onTable("T")
                .forReads()
                .using(Level.SNAPSHOT)
                .downgradeTo(0.9, Level.EVENTUAL)
                .sql());
        assertThat(client.rules())
                .containsExactly("CREATE CONSISTENCY RULE R ON PUBLIC.T FOR READ USING SNAPSHOT"
                        + " DOWNGRADE TO EVENTUAL WHEN LOAD > 0.9");
    }

    @Test
    void theyAreATableWithWhatTheyDid() throws SQLException {
        client.run(
                "CREATE CONSISTENCY RULE guard ON t FOR WRITE USING SEQUENTIAL FLOOR SEQUENTIAL",
                "CREATE CONSISTENCY RULE rest ON * FOR ANY USING SNAPSHOT",
                "UPDATE T SET V = 1 WITH CONSISTENCY EVENTUAL",
                "UPDATE T SET V = 1 WITH CONSISTENCY SEQUENTIAL");
        String sql = "SELECT NAME || ' ' || TABLE_NAME || ' ' || RAISED || ' ' || REACHABLE AS X FROM TUNABLE.RULES";
        assertThat(client.column(sql + " ORDER BY POSITION", "X"))
                .containsExactly("GUARD PUBLIC.T 1 TRUE", "REST * 0 TRUE");
    }

    // ---- files

    @Test
    void aFileOfRulesHoldsFromTheStart(@TempDir Path folder) throws SQLException, IOException {
        Path file = folder.resolve("rules.sql");
        Files.writeString(file, FILE);
        String own = "jdbc:tunable:file:" + folder.resolve("db") + "?replicas=1&rules=file:" + file;
        List<String> made;
        try (Client one = new Client(own)) {
            one.run("CREATE TABLE T(I INT)", "SELECT * FROM T");
            assertThat(one.receipt().decidedBy()).isEqualTo("RULE LATER");
            Files.writeString(file, "no rule at all");
            new Client(own).close();
            Files.writeString(file, FILE);
            one.run("CREATE CONSISTENCY RULE extra ON t FOR DELETE USING SNAPSHOT");
            made = one.rules();
        }
        try (Client again = new Client(own)) {
            assertThat(again.rules())
                    .as("applied again, nothing changes")
                    .hasSize(3)
                    .isEqualTo(made);
        }
    }

    @Test
    void aFileOnTheClassPath() throws SQLException {
        try (Client one = new Client("jdbc:tunable:mem:rulesOnClassPath?replicas=1&rules=classpath:rules/shop.sql")) {
            assertThat(one.rules()).containsExactly("CREATE CONSISTENCY RULE SHOP ON * FOR READ USING SNAPSHOT");
        }
    }

    @Test
    void aWrongFileFailsTheConnectAndLeavesNothing(@TempDir Path folder) throws SQLException, IOException {
        Path file = folder.resolve("rules.sql");
        String plain = "jdbc:tunable:file:" + folder.resolve("db") + "?replicas=1";
        String own = plain + "&rules=file:" + file;
        fails(() -> new Client(own), "22023", "rules.sql", "can't be read");
        Files.writeString(
                file, "CREATE CONSISTENCY RULE a ON * FOR READ USING SNAPSHOT;\n\n  CREATE CONSISTENCY RUEL b");
        fails(() -> new Client(own), "42001", "rules.sql:3:22: found 'RUEL', expected RULE");
        Files.writeString(
                file,
                "CREATE CONSISTENCY RULE a ON * FOR READ USING SNAPSHOT;\n"
                        + " CREATE CONSISTENCY RULE b BEFORE c ON * FOR READ USING SNAPSHOT");
        fails(() -> new Client(own), "42704", "rules.sql:2:2: ", "no consistency rule C", "no rule of it was applied");
        fails(() -> new Client(plain + "&rules=x.sql"), "22023", "neither classpath: nor file:");
        fails(() -> new Client(plain + "&rules=file:" + folder), "22023", "it is no regular file");
        fails(() -> new Client(plain + "&rules=file:%00"), "22023", "can't be read");
        Files.writeString(file, "-- a rule\n".repeat(200_000));
        fails(() -> new Client(own), "TC006", "rules.sql", "has more than 1048576 bytes");
        try (Client one = new Client(plain)) {
            assertThat(one.rules()).isEmpty();
        }
    }

    @Test
    void theLoadIsShown() throws SQLException {
        assertThat(client.column("SHOW CONSISTENCY LOAD", "NAME"))
                .containsExactly("inFlight", "queueWait", "cpu", "load");
        client.run(
                "CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE TO SESSION, EVENTUAL WHEN LOAD > 0.5");
        assertThat(client.column("SHOW CONSISTENCY LOAD", "NAME"))
                .contains("rule R to SEQUENTIAL", "rule R to EVENTUAL");
        assertThat(client.column("SHOW CONSISTENCY LOAD", "FULL_AT")).endsWith("0.5", "1.0");
        fails(() -> new Client("jdbc:tunable:mem:loadSources?loadSources=disk"), "22023", "inFlight, queueWait, cpu");
    }
}
