package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rung;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Random statements of our language. Tables are called T0 to T9, and nothing else is, so that they can be counted. */
final class Sentences {
    private static final int DEPTH = 3;

    private Sentences() {}

    static Arbitrary<Ladder> ladders() {
        return rungs().list().ofMinSize(1).ofMaxSize(4).map(Ladder::new);
    }

    static Arbitrary<Rung> rungs() {
        Arbitrary<Duration> durations =
                Arbitraries.longs().between(1, 10_000_000).map(Duration::ofMillis);
        Arbitrary<String> tokens =
                Arbitraries.strings().withChars("ab'\"-/*$; é").ofMaxLength(8);
        return Combinators.combine(
                        Arbitraries.of(Level.class),
                        durations,
                        Arbitraries.longs().between(0, 1000).injectNull(0.5),
                        durations.injectNull(0.5),
                        tokens.injectNull(0.5),
                        Arbitraries.of(true, false))
                .as((level, staleness, entries, within, token, ackAll) -> level == Level.BOUNDED_STALENESS
                        ? new Rung(level, staleness, entries, within, token, ackAll)
                        : new Rung(level, null, null, within, token, ackAll));
    }

    /** A statement for H2, without a clause. */
    static Arbitrary<String> h2() {
        return Arbitraries.oneOf(
                        queries(DEPTH), changes(), definitions(), queries(2).map(query -> "EXPLAIN " + query))
                .flatMap(text -> Arbitraries.of("", "/* lead; */ ", " ", "-- line '\n")
                        .flatMap(before -> Arbitraries.of("", " /* ' ( */", "\n", " -- end", "\t")
                                .map(after -> before + text + after)));
    }

    /** A statement of our own, or one about transactions or settings. */
    static Arbitrary<String> own() {
        Arbitrary<String> ladders = ladders().map(Ladder::text);
        return Arbitraries.oneOf(
                ladders.map(ladder -> "SET CONSISTENCY = " + ladder),
                ladders.map(ladder -> "SET CONSISTENCY FOR READ = " + ladder + " ELSE ERROR"),
                rungs().map(rung -> "SET TRANSACTION CONSISTENCY " + rung.text()),
                ladders.map(ladder -> "ALTER TABLE T1 SET CONSISTENCY (WRITE " + ladder + ")"),
                ladders.map(ladder -> "CREATE TABLE T1(a INT) WITH CONSISTENCY (READ " + ladder + ")"),
                h2().map(statement -> "EXPLAIN CONSISTENCY " + statement),
                Combinators.combine(h2(), ladders)
                        .as((statement, ladder) -> "EXPLAIN CONSISTENCY " + statement + "\nWITH CONSISTENCY " + ladder),
                rules(),
                names().map(name -> "SAVEPOINT " + name),
                names().map(name -> "CHECK REPLICAS " + name),
                names().map(name -> "SET @" + name + " = 5"),
                Arbitraries.of(
                        "BEGIN",
                        "COMMIT",
                        "ROLLBACK",
                        "SHOW CONSISTENCY",
                        "SHOW CONSISTENCY RECEIPT",
                        "SHOW CONSISTENCY OUTBOX",
                        "RETRY REJECTED WRITE 7",
                        "DISMISS REJECTED WRITE ALL",
                        "SET CONSISTENCY DEFAULT",
                        "SET CONSISTENCY TOKEN 'it''s'",
                        "SET AUTOCOMMIT = FALSE",
                        "SET SCHEMA s",
                        "SHUTDOWN",
                        "DROP CONSISTENCY RULE IF EXISTS r",
                        "SHOW CONSISTENCY LOAD"));
    }

    /** CREATE CONSISTENCY RULE in every form. */
    static Arbitrary<String> rules() {
        Arbitrary<String> bare = rungs().map(rung ->
                new Rung(rung.level(), rung.maxStaleness(), rung.maxEntries(), null, null, false).text());
        Arbitrary<String> heads = Combinators.combine(
                        Arbitraries.of("CREATE", "create or replace"),
                        names(),
                        Arbitraries.of("", " BEFORE b", " before \"b c\""),
                        Arbitraries.of("*", "T1", "s.T1", "\"t 1\"", "floor", "\"a.b\".load"),
                        Arbitraries.of(Rule.Operations.class),
                        Arbitraries.of("", " TO USER TYPE 'x'", " TO USER TYPE 'it''s; --'"))
                .as((create, name, before, table, operations, user) -> create + " CONSISTENCY RULE " + name + before
                        + " ON " + table + " FOR " + operations + user + " USING ");
        Arbitrary<String> downgrades = Combinators.combine(
                        bare.list().ofMinSize(1).ofMaxSize(3), Arbitraries.of("0.8", "1", ".5", "99.25", "0.333"))
                .as((to, load) -> " DOWNGRADE TO " + String.join(", ", to) + " WHEN LOAD > " + load);
        return Combinators.combine(
                        heads,
                        ladders().map(Ladder::text),
                        Arbitraries.oneOf(Arbitraries.just(""), bare.map(floor -> " FLOOR " + floor)),
                        Arbitraries.oneOf(Arbitraries.just(""), downgrades))
                .as((head, ladder, floor, downgrade) -> head + ladder + floor + downgrade);
    }

    private static Arbitrary<String> names() {
        return Arbitraries.of(
                "a",
                "b_1",
                "\"a b\"",
                "\"x\"\"y\"",
                "`back`",
                "consistency",
                "level",
                "token",
                "read",
                "write",
                "rule",
                "within",
                "\"select\"",
                "Größe",
                "update",
                "insert",
                "x$y",
                "U&\"\\0061\"");
    }

    private static Arbitrary<String> tables() {
        return Arbitraries.of("T0", "T1", "t2", "\"T3\"", "`t4`", "PUBLIC.T5", "s.t6", "\"S\".\"T7\"", "c.s.T8", "T9");
    }

    private static Arbitrary<String> literals() {
        return Arbitraries.of(
                "1",
                "-2.5",
                "1e3",
                ".5",
                "0x1F",
                "'text'",
                "'it''s; -- /*'",
                "$$a;'b$$",
                "X'01ff'",
                "?",
                "NULL",
                "TRUE",
                "DATE '2020-01-01'",
                "TIMESTAMP WITH TIME ZONE '2020-01-01 00:00:00+01'",
                "U&'\\0061'",
                "N'n'",
                "INTERVAL '1' DAY",
                "'WITH CONSISTENCY EVENTUAL'",
                "CURRENT_TIMESTAMP");
    }

    private static Arbitrary<String> expressions(int depth) {
        Arbitrary<String> leaf = Arbitraries.oneOf(names(), literals(), names().map(name -> "x." + name));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<String> inner = Arbitraries.lazy(() -> expressions(depth - 1));
        Arbitrary<String> query = Arbitraries.lazy(() -> queries(depth - 1));
        return Arbitraries.frequencyOf(
                Tuple.of(5, leaf),
                Tuple.of(
                        2,
                        both(
                                inner,
                                Arbitraries.of("+", "||", "=", "<>", "AND", "OR", "IS DISTINCT FROM", "LIKE", "&&"))),
                Tuple.of(1, inner.map(e -> "(" + e + ")")),
                Tuple.of(1, inner.map(e -> "LEFT(" + e + ", 1)")),
                Tuple.of(1, inner.map(e -> "CAST(" + e + " AS TIMESTAMP WITH TIME ZONE)")),
                Tuple.of(1, inner.map(e -> "CASE WHEN " + e + " THEN 1 ELSE 2 END")),
                Tuple.of(1, inner.map(e -> "EXTRACT(YEAR FROM " + e + ")")),
                Tuple.of(1, inner.map(e -> "ARRAY[" + e + ", 1][1]")),
                Tuple.of(1, inner.map(e -> "SUM(" + e + ") OVER (PARTITION BY a ORDER BY b ROWS UNBOUNDED PRECEDING)")),
                Tuple.of(1, query.map(q -> "(" + q + ")")),
                Tuple.of(1, query.map(q -> "EXISTS (" + q + ")")),
                Tuple.of(1, query.map(q -> "a IN (1, " + q + ")")));
    }

    private static Arbitrary<String> both(Arbitrary<String> operands, Arbitrary<String> operators) {
        return Combinators.combine(operands, operators, operands).as((a, op, b) -> a + " " + op + " " + b);
    }

    private static Arbitrary<String> sources(int depth) {
        Arbitrary<String> alias = Arbitraries.of("", " x", " AS x", " AS \"from\"(a, b)", " level");
        Arbitrary<String> leaf = Combinators.combine(tables(), alias).as(String::concat);
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<String> inner = Arbitraries.lazy(() -> sources(depth - 1));
        Arbitrary<String> condition = Arbitraries.lazy(() -> expressions(depth - 1));
        Arbitrary<String> query = Arbitraries.lazy(() -> queries(depth - 1));
        return Arbitraries.frequencyOf(
                Tuple.of(4, leaf),
                Tuple.of(
                        2,
                        Combinators.combine(
                                        inner,
                                        Arbitraries.of("JOIN", "LEFT OUTER JOIN", "INNER JOIN"),
                                        inner,
                                        condition)
                                .as((a, join, b, on) -> a + " " + join + " " + b + " ON " + on)),
                Tuple.of(1, both(inner, Arbitraries.of("CROSS JOIN", "NATURAL JOIN", ","))),
                Tuple.of(1, inner.map(source -> "(" + source + ")")),
                Tuple.of(2, Combinators.combine(query, alias).as((q, as) -> "(" + q + ")" + as)),
                Tuple.of(1, condition.map(e -> "UNNEST(ARRAY[" + e + "]) WITH ORDINALITY AS x(a, b)")),
                Tuple.of(1, Arbitraries.of("(VALUES (1, 2), (3, 4)) v", "SYSTEM_RANGE(1, 2) r", "DUAL")));
    }

    static Arbitrary<String> queries(int depth) {
        if (depth <= 0) {
            return Arbitraries.oneOf(
                    tables().map(table -> "SELECT * FROM " + table),
                    tables().map(table -> "TABLE " + table),
                    Arbitraries.of("SELECT 1", "VALUES (1, 'a'), (2, 'b')"));
        }
        Arbitrary<String> expression = expressions(depth - 1);
        Arbitrary<String> where = expression.map(e -> " WHERE " + e);
        Arbitrary<String> group = expression.map(e -> " GROUP BY a, " + e + " HAVING COUNT(*) > 1");
        Arbitrary<String> end = Arbitraries.of(
                "",
                " ORDER BY 1 DESC NULLS LAST, a",
                " LIMIT 1 OFFSET 2",
                " ORDER BY a FETCH FIRST 1 ROW WITH TIES",
                " FOR UPDATE",
                " FOR UPDATE SKIP LOCKED");
        Arbitrary<String> select = Combinators.combine(
                        Arbitraries.of("SELECT ", "SELECT DISTINCT ", "SELECT DISTINCT ON (a) "),
                        expression.list().ofMinSize(1).ofMaxSize(3),
                        sources(depth - 1),
                        Arbitraries.oneOf(Arbitraries.just(""), where),
                        Arbitraries.oneOf(Arbitraries.just(""), group),
                        end)
                .as((start, columns, from, condition, grouping, tail) ->
                        start + String.join(", ", columns) + " FROM " + from + condition + grouping + tail);
        Arbitrary<String> inner = Arbitraries.lazy(() -> queries(depth - 1));
        return Arbitraries.frequencyOf(
                Tuple.of(5, select),
                Tuple.of(1, both(inner.map(q -> "(" + q + ")"), Arbitraries.of("UNION", "EXCEPT ALL", "INTERSECT"))),
                Tuple.of(
                        1,
                        Combinators.combine(inner, inner)
                                .as((a, b) -> "WITH C0 AS (" + a + "), C1(x) AS (" + b
                                        + ") SELECT * FROM C0 JOIN C1 ON C0.a = (SELECT 1 FROM C1)")),
                Tuple.of(
                        1,
                        inner.map(q -> "WITH RECURSIVE C2(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM C2, (" + q
                                + ") q) SELECT * FROM C2")));
    }

    private static Arbitrary<String> changes() {
        Arbitrary<String> expression = expressions(2);
        return Arbitraries.oneOf(
                Combinators.combine(tables(), expression.list().ofMinSize(1).ofMaxSize(3))
                        .as((table, values) ->
                                "INSERT INTO " + table + "(a, consistency) VALUES (" + String.join(", ", values) + ")"),
                Combinators.combine(tables(), queries(2)).as((table, query) -> "INSERT INTO " + table + " " + query),
                Combinators.combine(tables(), expression, expression)
                        .as((table, value, where) ->
                                "UPDATE " + table + " SET a = " + value + ", b = 1 WHERE " + where),
                Combinators.combine(tables(), expression)
                        .as((table, where) -> "DELETE FROM " + table + " WHERE " + where),
                Combinators.combine(tables(), expression)
                        .as((table, value) -> "MERGE INTO " + table + "(a, b) KEY(a) VALUES (1, " + value + ")"),
                Combinators.combine(tables(), sources(0), expression, expression)
                        .as((table, source, on, value) -> "MERGE INTO " + table + " y USING " + source + " ON (" + on
                                + ") WHEN MATCHED THEN UPDATE SET a = " + value
                                + ", b = 2 WHEN NOT MATCHED THEN INSERT VALUES (1)"));
    }

    private static Arbitrary<String> definitions() {
        List<String> fixed = List.of(
                "ALTER TABLE T1 ADD a TIMESTAMP WITH TIME ZONE",
                "DROP TABLE IF EXISTS T2, s.T3 CASCADE",
                "TRUNCATE TABLE T4",
                "CREATE SEQUENCE q START WITH 5",
                "CREATE UNIQUE INDEX i ON T6(a, b DESC)");
        return Arbitraries.oneOf(
                Arbitraries.of(fixed),
                Combinators.combine(tables(), tables())
                        .as((a, b) -> "CREATE TABLE " + a + "(a INT PRIMARY KEY, b INT REFERENCES " + b + "(a))"),
                Combinators.combine(tables(), queries(2)).as((a, query) -> "CREATE TABLE " + a + " AS " + query),
                Combinators.combine(tables(), queries(2)).as((a, query) -> "CREATE VIEW " + a + "(a) AS " + query));
    }
}
