package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No text crashes the parser, hangs it, or takes it over a second: the only way out but a result is its exception. */
class HostileInputTest {
    private static final long SEED = Long.getLong("fuzz.seed", System.nanoTime());
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 5_000);
    private static final int LARGE = 10_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final List<String> SHARDS = List.of(
            "SELECT",
            "FROM",
            "WHERE",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ";",
            ".",
            "*",
            "'",
            "\"",
            "`",
            "$$",
            "--",
            "//",
            "/*",
            "*/",
            "/*+",
            "\n",
            "\r",
            "?",
            "?1",
            "$1",
            "@",
            ":=",
            "::",
            "=",
            "WITH",
            "CONSISTENCY",
            "EVENTUAL",
            "ELSE",
            "ERROR",
            "BOUNDED",
            "5",
            "MS",
            "WITHIN",
            "AFTER",
            "ACK",
            "ALL",
            "AS",
            "JOIN",
            "LEFT",
            "ON",
            "USING",
            "UNION",
            "EXCEPT",
            "VALUES",
            "TABLE",
            "INSERT",
            "INTO",
            "UPDATE",
            "SET",
            "DELETE",
            "MERGE",
            "CREATE",
            "ALTER",
            "DROP",
            "FOR",
            "ORDER",
            "BY",
            "GROUP",
            "FETCH",
            "ROW",
            "TIES",
            "FINAL",
            "RECURSIVE",
            "EXPLAIN",
            "CALL",
            "SHOW",
            "BEGIN",
            "COMMIT",
            "DISTINCT",
            "IS",
            "NOT",
            "NULL",
            "VALUE",
            "NEXT",
            "a",
            "t",
            "é",
            "名",
            "\uD83D",
            "\uDE00",
            "😀",
            "\u0000",
            "\u00A0",
            "\uFFFF",
            "\u007F",
            "1e",
            "0x",
            "1_",
            "U&'\\",
            "X'",
            "#",
            "~",
            "|",
            "&",
            "\\",
            "READ",
            "WRITE",
            "CONSISTENCY(",
            "RULE",
            "SHARD",
            "REFERENCE",
            "ENGINE",
            "DUPLICATE",
            "KEY",
            "DATA",
            "NO",
            "TIME",
            "ZONE");

    @Test
    void randomTokens() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(30); n >= 0; n--) {
                text.append(SHARDS.get(random.nextInt(SHARDS.size()))).append(random.nextInt(3) == 0 ? "" : " ");
            }
            survives(text.toString());
        }
    }

    @Test
    void mutatedStatements() throws Exception {
        List<String> corpus = corpus();
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            StringBuilder text = new StringBuilder(corpus.get(random.nextInt(corpus.size())));
            for (int n = random.nextInt(4); n >= 0; n--) {
                int at = random.nextInt(text.length() + 1);
                switch (random.nextInt(4)) {
                    case 0 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(5)));
                    case 1 -> text.insert(at, SHARDS.get(random.nextInt(SHARDS.size())));
                    case 2 -> text.insert(at, corpus.get(random.nextInt(corpus.size())));
                    default -> text.insert(at, (char) random.nextInt(0x300));
                }
            }
            survives(text.toString());
        }
    }

    /** A query or a change where only names or values belong is for H2 to refuse: reading its tables ends in nothing else. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(SELECT id FROM OLD TABLE (DELETE fr) a)",
                "(DELETE FROM fr)",
                "OLD TABLE (UPDATE fr SET x = 1)",
                "SELECT 1 FROM fr",
                "UNION SELECT 1 FROM OLD TABLE (DELETE fr)",
                "JOIN (fr a(SELECT 1 FROM OLD TABLE (DELETE fr))) ON x = (SELECT 1 FROM fr)",
                "WITH q(SELECT 1 FROM OLD TABLE (DELETE fr)) AS (TABLE fr) SELECT 1",
            })
    void queriesAndChangesAnywhere(String inserted) throws Exception {
        for (String statement : corpus()) {
            for (int at = 0; at <= statement.length(); at++) {
                if (at == 0 || at == statement.length() || " (),".indexOf(statement.charAt(at)) >= 0) {
                    survives(statement.substring(0, at) + " " + inserted + " " + statement.substring(at));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT ~(~1~)~",
                "SELECT ~f(~1~)~",
                "SELECT * FROM ~(SELECT * FROM ~t~) x~",
                "SELECT * FROM ~(~t~)~",
                "SELECT * FROM ~(t JOIN ~t~ ON 1 = 1)~",
                "~WITH a AS (~SELECT 1~) SELECT * FROM a~",
                "~SELECT 1 UNION (~SELECT 1~)~",
                "SELECT * FROM ~FINAL TABLE (INSERT INTO t SELECT * FROM ~t~)~",
                "SELECT * FROM t WHERE ~a IN (SELECT * FROM t WHERE ~b = 1~)~",
                "SELECT * FROM t WHERE ~(a = 1 AND ~b = 1~)~",
                "SELECT ~ARRAY[~1~]~",
                "SELECT ~{fn ~1~}~",
                "CREATE TABLE t(a INT CHECK ~(~a~)~)",
                "CALL ~(~1~)~",
            })
    void nestingIsBoundedAndFitsASmallStack(String shape) throws Exception {
        String[] parts = shape.split("~", -1);
        onSmallStack(() -> SqlParser.parse(nested(parts, 199)));
        onSmallStack(() -> assertThatThrownBy(() -> SqlParser.parse(nested(parts, 100_000)))
                .isInstanceOf(SqlSyntaxException.class)
                .hasMessageContaining("brackets nest deeper than 200 here"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO t VALUES (1)~, (1, 'a', ?)~",
                "SELECT * FROM t WHERE a = 1~ AND a = 1~",
                "SELECT * FROM t WHERE ~NOT ~a",
                "SELECT 1~ UNION SELECT 1~",
                "SELECT * FROM t~ JOIN t ON 1 = 1~",
                "SELECT * FROM t~ JOIN t~",
                "SELECT * FROM t~, t~",
                "SELECT 1 FROM VALUES 1~, VALUES 1~",
                "SELECT 1~ WITH CONSISTENCY EVENTUAL~",
                "SELECT 1 WITH CONSISTENCY EVENTUAL~ ELSE EVENTUAL~",
                "WITH a AS (SELECT 1)~, a AS (SELECT 1)~ SELECT 1",
                "~SELECT ~1",
                "~SELECT 1 FROM t WHERE ~1",
                "SELECT ~CASE WHEN ~1",
                "~EXPLAIN ~SELECT 1",
                "~EXPLAIN CONSISTENCY ~SELECT 1",
                "~SELECT 1;~",
                "~SELECT 1 /*+ CONSISTENCY(EVENTUAL) */;~",
                "SELECT 1~ /*+ CONSISTENCY(EVENTUAL) */~",
                "SELECT 1 /*+~ CONSISTENCY(~ */",
                "SELECT 1 ~/*~",
                "SELECT 1 ~/* */~",
                "SELECT '~''~'",
                "SELECT '~é😀~'",
                "SELECT 1~\u00a0~",
                "SELECT ~é~",
                "SELECT ~é ~",
                "SELECT a~.a~ FROM a",
                "SELECT * FROM a~.a~",
                "CREATE ~OR REPLACE ~VIEW",
                "ALTER TABLE a~.a~ SET CONSISTENCY (READ EVENTUAL)",
                "CREATE TABLE t(a INT~, b INT REFERENCES t(a)~)",
                "DROP TABLE t~, t~",
                "SELECT ~?~",
                "SELECT ~\uD83D~",
                "~a ~",
                "~(~",
                "~)~",
                "SELECT U&\"~\\0041~\" FROM t",
                "~1~",
                "UPDATE t SET a = 1~, a = VALUES(a)~",
                "MERGE INTO t USING u ON 1 = 1~ WHEN MATCHED THEN UPDATE SET a = 1, b = 2~",
                "SET @a = ~1 + ~1",
                "SET SCHEMA_SEARCH_PATH a~, a~",
                "GRANT ~SELECT ~",
                "ALTER TABLE t ADD CHECK ~a < SELECT 1 FROM t WHERE ~a",
            })
    void lengthCostsOnlyInProportion(String shape) {
        String[] parts = shape.split("~", -1);
        survives(parts[0] + parts[1].repeat(LARGE) + parts[2]);
    }

    @Test
    void aMegabyteLiteralIsNoBurden() {
        String body = "é''😀;--/*".repeat(100_000);
        Statement.Sql sql = Parsed.sql("INSERT INTO t(a) VALUES ('" + body + "')");
        assertThat(sql.structure().change().rows().get(0).cells())
                .containsExactly(new Structure.Value.Literal("'" + body + "'"));
    }

    private static String nested(String[] parts, int depth) {
        return parts[0] + parts[1].repeat(depth) + parts[2] + parts[3].repeat(depth) + parts[4];
    }

    private static List<String> corpus() throws IOException {
        try (InputStream in = HostileInputTest.class.getResourceAsStream("/h2-statements.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static void onSmallStack(Runnable parse) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(null, parse, "small stack", 512 * 1024);
        thread.setUncaughtExceptionHandler((where, e) -> thrown.set(e));
        thread.start();
        thread.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(thread.isAlive()).isFalse();
        assertThat(thrown.get()).isNull();
    }

    private static void survives(String text) {
        long start = THREADS.getCurrentThreadCpuTime();
        try {
            for (Statement statement : SqlParser.parse(text)) {
                assertThat(SqlParser.parse(SqlParser.render(statement))).containsExactly(statement);
            }
        } catch (SqlSyntaxException expected) {
            assertThat(expected.line()).isPositive();
            assertThat(expected.column()).isPositive();
        } catch (RuntimeException | AssertionError | StackOverflowError e) {
            fail("fuzz.seed=" + SEED + ", text: " + shown(text), e);
        }
        // at most two parses and a comparison; processor time, because the machine may be busy with others
        assertThat(THREADS.getCurrentThreadCpuTime() - start)
                .as("fuzz.seed=" + SEED + ", nanoseconds for: " + shown(text))
                .isLessThan(2 * MOST_NANOS);
    }

    private static String shown(String text) {
        return text.length() > 500 ? text.substring(0, 500) + "… (" + text.length() + ")" : text;
    }
}
