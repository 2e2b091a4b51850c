package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a statement does and which tables it names: R reads, W writes. */
class TablesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', useHeadersInDisplayName = true, textBlock = """
            statement                                                                    | operation | tables
            SELECT 1                                                                     | SELECT | ¤¤
            SELECT * FROM a                                                              | SELECT | R A
            select * from "a", `b`, S."c d"                                              | SELECT | R a, R B, R S.c d
            SELECT * FROM cat.s.a                                                        | SELECT | R S.A
            SELECT * FROM a x JOIN b AS y ON x.i = y.i NATURAL JOIN c CROSS JOIN d, e    | SELECT | R A, R B, R C, R D, R E
            SELECT * FROM a LEFT JOIN b RIGHT OUTER JOIN c ON 1 = 1 ON 2 = 2             | SELECT | R A, R B, R C
            SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.i = a.i) l                 | SELECT | R A, R B
            SELECT * FROM {oj a LEFT OUTER JOIN b ON a.i = b.i}                          | SELECT | R A, R B
            SELECT * FROM ((a JOIN b ON 1 = 1) JOIN (c) ON 2 = 2)                        | SELECT | R A, R B, R C
            SELECT * FROM ((SELECT * FROM a) UNION (SELECT * FROM b)) x                  | SELECT | R A, R B
            SELECT (SELECT i FROM a), f(1, (SELECT i FROM b)) FROM c WHERE i IN (SELECT i FROM d ORDER BY (SELECT 1 FROM e)) | SELECT | R A, R B, R C, R D, R E
            SELECT * FROM a GROUP BY (SELECT 1 FROM b) HAVING EXISTS (TABLE c) ORDER BY (SELECT 2 FROM d) | SELECT | R A, R B, R C, R D
            SELECT * FROM a WHERE i = SELECT MAX(i) FROM b WHERE j = TABLE c             | SELECT | R A, R B, R C
            SELECT * FROM a UNION SELECT * FROM b EXCEPT TABLE c INTERSECT (SELECT * FROM d) | SELECT | R A, R B, R C, R D
            SELECT * FROM a, a AS b, a                                                   | SELECT | R A
            WITH x AS (SELECT * FROM a) SELECT * FROM x, s.x                             | SELECT | R A, R S.X
            WITH x AS (SELECT * FROM x) SELECT * FROM x                                  | SELECT | R X
            WITH RECURSIVE x(i) AS (SELECT 1 UNION SELECT i FROM x JOIN a) SELECT * FROM x | SELECT | R A
            WITH x AS (SELECT 1), y AS (SELECT * FROM x) SELECT * FROM y                 | SELECT | ¤¤
            SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) z, x                    | SELECT | R X
            WITH x AS (WITH y AS (SELECT * FROM a) SELECT * FROM y) SELECT * FROM x, y   | SELECT | R A, R Y
            SELECT * FROM a WHERE EXISTS (WITH a AS (SELECT 1) SELECT * FROM a)          | SELECT | R A
            SELECT * FROM UNNEST(ARRAY[1]) u, SYSTEM_RANGE(1, (SELECT MAX(i) FROM a)) r, TABLE(x INT = (1)) t | SELECT | R A
            SELECT * FROM DUAL                                                           | SELECT | R DUAL
            SELECT * FROM U&"!0061b!!" UESCAPE '!', c U&"$0044" uescape '$'                | SELECT | R ab!, R C
            SELECT * FROM a (INDEX i)                                                    | SELECT | R A
            SELECT * FROM VALUES (1), (2), ((SELECT i FROM a)) v, b                      | SELECT | R A, R B
            SELECT a.b.c, x.y FROM t                                                     | SELECT | R T
            SELECT EXTRACT(YEAR FROM y), a IS DISTINCT FROM b FROM t                     | SELECT | R T
            SELECT 'FROM x', "FROM y" /* FROM z */ FROM t -- FROM w                      | SELECT | R T
            VALUES (1, (SELECT i FROM a)), (2, 3)                                        | SELECT | R A
            TABLE s.a                                                                    | SELECT | R S.A
            (SELECT * FROM a) UNION ALL (SELECT * FROM b) ORDER BY 1                     | SELECT | R A, R B
            SELECT * FROM FINAL TABLE (INSERT INTO a SELECT * FROM b) JOIN c             | SELECT | W A, R B, R C
            EXPLAIN SELECT * FROM a                                                      | SELECT | R A
            EXPLAIN PLAN FOR DELETE FROM a                                               | SELECT | R A
            EXPLAIN ANALYZE DELETE FROM a                                                | DELETE | W A
            CALL f((SELECT i FROM a))                                                    | SELECT | R A
            {call f(?)}                                                                  | SELECT | ¤¤
            SHOW TABLES                                                                  | SELECT | ¤¤
            SHOW COLUMNS FROM a FROM s                                                   | SELECT | R S.A
            HELP SELECT                                                                  | SELECT | ¤¤
            INSERT INTO a VALUES (1, (SELECT i FROM b))                                  | INSERT | W A, R B
            INSERT INTO s.a(i, j) SELECT i, j FROM b JOIN c ON 1 = 1                     | INSERT | W S.A, R B, R C
            INSERT INTO a WITH x AS (SELECT * FROM b) SELECT * FROM x                    | INSERT | W A, R B
            INSERT INTO a (SELECT * FROM a)                                              | INSERT | W A, R A
            INSERT INTO a(i) (SELECT 1 FROM b) UNION (SELECT 2 FROM c)                   | INSERT | W A, R B, R C
            INSERT INTO a SET i = (SELECT MAX(i) FROM b)                                 | INSERT | W A, R B
            INSERT INTO a TABLE b                                                        | INSERT | W A, R B
            INSERT IGNORE INTO a SELECT * FROM b ON DUPLICATE KEY UPDATE i = 1, j = 2    | INSERT | W A, R B
            UPDATE a SET i = (SELECT MAX(i) FROM b), j = 1 WHERE EXISTS (SELECT 1 FROM c) | UPDATE | W A, R B, R C
            UPDATE s.a AS x SET (x.i, x.j) = (SELECT 1, 2 FROM b)                        | UPDATE | W S.A, R B
            UPDATE a SET i = b.i FROM b WHERE a.i = b.i                                  | UPDATE | W A, R B
            DELETE FROM a WHERE i IN (SELECT i FROM b)                                   | DELETE | W A, R B
            DELETE a                                                                     | DELETE | W A
            MERGE INTO a KEY(i) VALUES (1, 2)                                            | MERGE  | W A
            MERGE INTO a(i) KEY(i) SELECT i FROM b                                       | MERGE  | W A, R B
            MERGE INTO a x USING b y ON x.i = y.i WHEN MATCHED THEN UPDATE SET x.i = 1, x.j = (SELECT 1 FROM c) WHEN NOT MATCHED THEN INSERT VALUES (1, 2) | MERGE | W A, R B, R C
            MERGE INTO a USING (SELECT * FROM b) y ON a.i = y.i WHEN MATCHED THEN DELETE | MERGE  | W A, R B
            REPLACE INTO a SELECT * FROM b                                               | MERGE  | W A, R B
            CREATE TABLE a(i INT REFERENCES b(i), j INT, FOREIGN KEY (j) REFERENCES s."c"(j), k INT CHECK (k > (SELECT 1 FROM d))) | DDL | W A, R B, R S.c, R D
            CREATE TABLE IF NOT EXISTS s.a(i INT, FOREIGN KEY (i) REFERENCES (i))        | DDL | W S.A
            CREATE TABLE a AS SELECT * FROM b                                            | DDL | W A, R B
            CREATE TABLE a(i) AS WITH x AS (SELECT 1 i FROM b) SELECT * FROM x           | DDL | W A, R B
            CREATE OR REPLACE FORCE VIEW v(i) AS SELECT i FROM a UNION TABLE b           | DDL | W V, R A, R B
            CREATE MATERIALIZED VIEW v AS SELECT * FROM a                                | DDL | W V, R A
            CREATE UNIQUE INDEX IF NOT EXISTS i ON s.a(i, j)                             | DDL | W S.A
            CREATE INDEX ON a(i)                                                         | DDL | W A
            CREATE SYNONYM x FOR s.a                                                     | DDL | W X, R S.A
            CREATE SEQUENCE x START WITH 1                                               | DDL | ¤¤
            CREATE SCHEMA x                                                              | DDL | ¤¤
            ALTER TABLE IF EXISTS a ADD COLUMN i INT                                     | DDL | W A
            ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (i) REFERENCES b(i)               | DDL | W A, R B
            ALTER TABLE a RENAME TO b                                                    | DDL | W A, W B
            ALTER TABLE a RENAME COLUMN i TO j                                           | DDL | W A
            ALTER VIEW IF EXISTS v RECOMPILE                                             | DDL | W V
            ALTER SEQUENCE s RESTART WITH 1                                              | DDL | ¤¤
            DROP TABLE IF EXISTS a, s.b CASCADE                                          | DDL | W A, W S.B
            DROP VIEW v                                                                  | DDL | W V
            DROP MATERIALIZED VIEW IF EXISTS v                                           | DDL | W V
            DROP INDEX i                                                                 | DDL | ¤¤
            TRUNCATE TABLE s.a RESTART IDENTITY                                          | DDL | W S.A
            COMMENT ON TABLE a IS 'x'                                                    | DDL | W A
            COMMENT ON COLUMN s.a.i IS 'x'                                               | DDL | W S.A
            COMMENT ON SCHEMA s IS 'x'                                                   | DDL | ¤¤
            ANALYZE TABLE a SAMPLE_SIZE 10                                               | DDL | W A
            REFRESH MATERIALIZED VIEW v                                                  | DDL | W V
            """)
    void areFoundAtAnyDepth(String statement, String operation, String tables) {
        Statement.Sql sql = Parsed.sql(statement);
        assertThat(sql.operation()).hasToString(operation);
        assertThat(sql.tables().stream()
                        .map(table -> table.use().name().charAt(0) + " "
                                + (table.schema() == null ? "" : table.schema() + ".") + table.name())
                        .collect(Collectors.joining(", ")))
                .isEqualTo(tables);
    }
}
