package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.sql.Statement.Source;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConsistencyClauseTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            LINEARIZABLE                                          | LINEARIZABLE
            strong                                                | LINEARIZABLE
            SESSION                                               | SEQUENTIAL
            BOUNDED (5 SECONDS)                                   | BOUNDED_STALENESS (5 SECONDS)
            BOUNDED_STALENESS(5 s, 100 entries)                   | BOUNDED_STALENESS (5 SECONDS, 100 ENTRIES)
            BOUNDED_STALENESS (1 MINUTE)                          | BOUNDED_STALENESS (1 MINUTES)
            BOUNDED_STALENESS (250 MILLISECONDS, 0 ENTRIES)       | BOUNDED_STALENESS (250 MS, 0 ENTRIES)
            BOUNDED_STALENESS (1 HOUR)                            | BOUNDED_STALENESS (60 MINUTES)
            EVENTUAL WITHIN 200 MS                                | EVENTUAL WITHIN 200 MS
            EVENTUAL AFTER 'it''s'                                | EVENTUAL AFTER 'it''s'
            EVENTUAL AFTER $$a'b$$                                | EVENTUAL AFTER 'a''b'
            SEQUENTIAL ACK ALL                                    | SEQUENTIAL ACK ALL
            SEQUENTIAL ACK ALL AFTER 'x' WITHIN 1 SECOND          | SEQUENTIAL WITHIN 1 SECONDS AFTER 'x' ACK ALL
            LINEARIZABLE WITHIN 50 MS ELSE BOUNDED (1 S) ELSE EVENTUAL | LINEARIZABLE WITHIN 50 MS ELSE BOUNDED_STALENESS (1 SECONDS) ELSE EVENTUAL
            SNAPSHOT ELSE EVENTUAL ELSE ERROR                     | SNAPSHOT ELSE EVENTUAL
            SNAPSHOT ELSE ERROR                                   | SNAPSHOT
            """)
    void isReadInAClauseInAHintAndAlone(String written, String ladder) {
        Statement.Sql clause = Parsed.sql("SELECT * FROM t WITH CONSISTENCY " + written);
        assertThat(clause.text()).isEqualTo("SELECT * FROM t");
        assertThat(clause.asked().source()).isEqualTo(Source.CLAUSE);
        assertThat(clause.asked().ladder()).hasToString(ladder);

        Statement.Sql hint = Parsed.sql("SELECT /*+ CONSISTENCY(" + written + ") */ * FROM t");
        assertThat(hint.asked().source()).isEqualTo(Source.HINT);
        assertThat(hint.asked().ladder()).isEqualTo(clause.asked().ladder());

        assertThat(SqlParser.parseLadder(written)).isEqualTo(clause.asked().ladder());
        assertThat(SqlParser.parseLadder(ladder)).isEqualTo(clause.asked().ladder());
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void everyLevelIsKnown(Level level) {
        String bound = level == Level.BOUNDED_STALENESS ? " (5 SECONDS)" : "";
        assertThat(SqlParser.parseLadder(level.name().toLowerCase(Locale.ROOT) + bound)
                        .first()
                        .level())
                .isEqualTo(level);
    }

    @Test
    void carriesEveryPartOfARung() {
        var rung = SqlParser.parseLadder("BOUNDED (5 SECONDS, 7 ENTRIES) WITHIN 200 MS AFTER 'tok' ACK ALL")
                .first();
        assertThat(rung.maxStaleness()).isEqualTo(Duration.ofSeconds(5));
        assertThat(rung.maxEntries()).isEqualTo(7);
        assertThat(rung.within()).isEqualTo(Duration.ofMillis(200));
        assertThat(rung.afterToken()).isEqualTo("tok");
        assertThat(rung.ackAll()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            INSERT INTO t VALUES (1)
            UPDATE t SET a = 1 WHERE b = 2
            DELETE FROM t
            MERGE INTO t USING u ON t.i = u.i WHEN MATCHED THEN DELETE
            MERGE INTO t KEY(i) VALUES (1)
            INSERT INTO t SELECT * FROM u
            CREATE TABLE t(a TIMESTAMP WITH TIME ZONE)
            CREATE TABLE t AS SELECT 1 WITH NO DATA
            ALTER TABLE t ADD a TIMESTAMP WITH TIME ZONE
            DROP TABLE t
            CALL f(1)
            VALUES (1), (2)
            TABLE t
            WITH consistency AS (SELECT 1) SELECT * FROM consistency
            WITH consistency(read) AS (SELECT 1) SELECT * FROM consistency
            SELECT * FROM t ORDER BY i FETCH FIRST 1 ROW WITH TIES
            SELECT * FROM t ORDER BY i FETCH FIRST 1 ROW WITH TIES FOR UPDATE NOWAIT
            SELECT CAST(a AS TIMESTAMP WITH TIME ZONE), b::TIME WITH TIME ZONE FROM t
            SELECT b::TIME WITH TIME ZONE
            SELECT * FROM UNNEST(a) WITH ORDINALITY
            SELECT * FROM UNNEST(a) WITH ORDINALITY AS x(a, b)
            SELECT * FROM t LIMIT ? OFFSET ?
            SELECT ? {1: 5}
            (SELECT 1) UNION (SELECT 2)
            EXPLAIN ANALYZE SELECT 1
            SELECT 'WITH CONSISTENCY EVENTUAL', "WITH CONSISTENCY"
            """)
    void standsAtTheEndOfEveryStatement(String statement) {
        Statement.Sql without = Parsed.sql(statement);
        assertThat(without.asked()).isNull();
        Statement.Sql with = Parsed.sql(statement + " with  consistency\neventual ;");
        assertThat(with.asked().ladder()).isEqualTo(Ladder.of(Level.EVENTUAL));
        assertThat(with).usingRecursiveComparison().ignoringFields("asked").isEqualTo(without);
        assertThat(Parsed.one(SqlParser.render(with))).isEqualTo(with);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            /*+ CONSISTENCY(EVENTUAL) */ SELECT 1
            SELECT 1 /*+ CONSISTENCY(EVENTUAL) */
            SELECT 1 /*+CONSISTENCY (EVENTUAL)*/
            SELECT /*+ INDEX(t i) consistency( eventual ) LEADING(a) */ 1
            SELECT 1 FROM (SELECT /*+ CONSISTENCY(EVENTUAL) */ 2)
            INSERT /*+ CONSISTENCY(EVENTUAL) */ INTO t VALUES (1)
            SELECT /*+ CONSISTENCY(EVENTUAL) */ 1 /*+ CONSISTENCY(EVENTUAL) */
            """)
    void aHintStandsWhereverACommentMay(String statement) {
        Statement.Sql sql = Parsed.sql(statement);
        assertThat(sql.asked().ladder()).isEqualTo(Ladder.of(Level.EVENTUAL));
        assertThat(sql.asked().source()).isEqualTo(Source.HINT);
        assertThat(sql.text()).isEqualTo(statement);
        assertThat(Parsed.one(SqlParser.render(sql))).isEqualTo(sql);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELECT /*+ INDEX(t i) */ 1
            SELECT /* CONSISTENCY(EVENTUAL) */ 1
            SELECT '/*+ CONSISTENCY(EVENTUAL) */'
            SELECT /* /*+ CONSISTENCY(EVENTUAL) */ */ 1
            SELECT 1 --+ CONSISTENCY(EVENTUAL)
            SELECT /*+ MYCONSISTENCY(EVENTUAL) don't */ 1
            SELECT /*+ CONSISTENCY */ 1
            SELECT CONSISTENCY(1)
            """)
    void otherCommentsAskNothing(String statement) {
        assertThat(Parsed.sql(statement).asked()).isNull();
    }

    @Test
    void aClauseAndAHintThatAgreeAreOneAsk() {
        Statement.Sql sql = Parsed.sql("SELECT /*+ CONSISTENCY(STRONG) */ 1 WITH CONSISTENCY LINEARIZABLE");
        assertThat(sql.asked().ladder()).isEqualTo(Ladder.of(Level.LINEARIZABLE));
        assertThat(sql.text()).isEqualTo("SELECT /*+ CONSISTENCY(STRONG) */ 1");
        assertThat(Parsed.one(SqlParser.render(sql))).isEqualTo(sql);
    }

    @Test
    void aHintBelongsToItsStatement() {
        var statements = SqlParser.parse("SELECT 1; /*+ CONSISTENCY(EVENTUAL) */ SELECT 2; SELECT 3");
        assertThat(statements)
                .extracting(statement -> ((Statement.Sql) statement).asked() != null)
                .containsExactly(false, true, false);
    }

    @Test
    void whatSurroundsTheClauseIsKept() {
        assertThat(Parsed.sql("  /* a */ SELECT  1 -- b\n WITH CONSISTENCY EVENTUAL /* c */ ; ")
                        .text())
                .isEqualTo("/* a */ SELECT  1 -- b\n  /* c */");
        Statement.Sql ending = Parsed.sql("SELECT 1 WITH CONSISTENCY EVENTUAL -- c");
        assertThat(ending.text()).isEqualTo("SELECT 1  -- c");
        assertThat(Parsed.one(SqlParser.render(ending))).isEqualTo(ending);
    }
}
