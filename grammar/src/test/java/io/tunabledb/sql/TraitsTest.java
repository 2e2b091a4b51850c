package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraitsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELECT * FROM t                                          | ¤¤
            SELECT * FROM t FOR UPDATE                               | LOCKS_ROWS
            SELECT * FROM t ORDER BY i FOR UPDATE SKIP LOCKED        | LOCKS_ROWS
            SELECT * FROM (SELECT * FROM t FOR UPDATE WAIT 5) x      | LOCKS_ROWS
            SELECT update FROM t FOR READ ONLY                       | ¤¤
            EXPLAIN SELECT * FROM t FOR UPDATE                       | ¤¤
            SELECT * FROM FINAL TABLE (INSERT INTO t VALUES (1))     | READ_WITH_EFFECT
            SELECT * FROM OLD TABLE (DELETE FROM t)                  | READ_WITH_EFFECT
            SELECT * FROM final                                      | ¤¤
            SELECT NEXT VALUE FOR s                                  | READ_WITH_EFFECT
            CALL NEXT VALUE FOR s                                    | READ_WITH_EFFECT
            SELECT NEXTVAL('s')                                      | READ_WITH_EFFECT
            SELECT s.NEXTVAL FROM DUAL                               | READ_WITH_EFFECT
            SELECT nextval FROM t                                    | ¤¤
            EXPLAIN SELECT NEXT VALUE FOR s                          | ¤¤
            EXPLAIN ANALYZE SELECT NEXT VALUE FOR s                  | READ_WITH_EFFECT
            INSERT INTO t VALUES (NEXT VALUE FOR s)                  | ¤¤
            SELECT CURRENT VALUE FOR s                               | USES_SESSION_STATE
            SELECT CURRVAL('s')                                      | USES_SESSION_STATE
            SELECT IDENTITY(), 1                                     | USES_SESSION_STATE
            SELECT LAST_INSERT_ID()                                  | USES_SESSION_STATE
            SELECT * FROM information_schema.sessions                | USES_SESSION_STATE
            SELECT sessions FROM sessions                            | ¤¤
            SELECT identity FROM t                                   | ¤¤
            SELECT @x := 5                                           | ASSIGNS_VARIABLES USES_SESSION_STATE
            SELECT @ "x" := 5                                        | ASSIGNS_VARIABLES USES_SESSION_STATE
            SELECT @x                                                | USES_SESSION_STATE
            SELECT SET(@x, 5)                                        | ASSIGNS_VARIABLES USES_SESSION_STATE
            DELETE FROM t WHERE ROWNUM() < 3                         | NUMBERS_ROWS
            SELECT rownum, "ROWNUM", t.rownum FROM t                 | NUMBERS_ROWS
            SELECT "ROWNUM" FROM t                                   | ¤¤
            SELECT RAND()                                            | NON_DETERMINISTIC
            SELECT random_uuid ()                                    | NON_DETERMINISTIC
            UPDATE t SET at = CURRENT_TIMESTAMP                      | NON_DETERMINISTIC
            INSERT INTO t VALUES (NOW())                             | NON_DETERMINISTIC
            SELECT now, rand FROM t                                  | ¤¤
            SELECT t.current_date FROM t                             | ¤¤
            SELECT 'RAND()' /* RAND() */                             | ¤¤
            INSERT INTO rand (now) VALUES (1)                        | ¤¤
            SELECT * FROM t AS now(a, b)                             | ¤¤
            WITH now(a) AS (SELECT 1) SELECT * FROM now              | ¤¤
            SELECT * FROM RAND() x                                   | NON_DETERMINISTIC
            CREATE TABLE t AS SELECT RAND()                          | CREATES CREATE_AS_SELECT NON_DETERMINISTIC
            CREATE TABLE t(i INT)                                    | CREATES
            CREATE LOCAL TEMPORARY TABLE t(i INT)                    | CREATES LOCAL_TEMPORARY
            CREATE LOCAL TEMPORARY TABLE t AS SELECT 1               | CREATES CREATE_AS_SELECT LOCAL_TEMPORARY
            CREATE TEMPORARY TABLE t(i INT)                          | CREATES
            CREATE SCHEMA s                                          | CREATES
            /* now */ DROP TABLE t                                   | DROPS
            DROP VIEW v                                              | DROPS
            ALTER TABLE t ADD c UUID DEFAULT RANDOM_UUID()           | NON_DETERMINISTIC
            TRUNCATE TABLE t                                         | TRUNCATES
            """)
    void areTold(String statement, String traits) {
        assertThat(Parsed.sql(statement).traits().stream()
                        .map(Enum::name)
                        .sorted()
                        .collect(Collectors.joining(" ")))
                .isEqualTo(traits);
    }
}
