package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which equalities must hold for every row, and how many parameters there are. */
class KeysTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELECT * FROM t WHERE id = ?                              | 1 | ID=?1
            SELECT * FROM t WHERE ? = id                              | 1 | ID=?1
            SELECT * FROM t x WHERE x.id = 5 AND "v" = 'it''s'        | 0 | X.ID=5, v='it''s'
            SELECT * FROM t WHERE s.t.id = -5 AND b = TRUE            | 0 | T.ID=-5, B=TRUE
            SELECT * FROM t WHERE a = ? AND (id = ? AND (c = ?))      | 3 | A=?1, ID=?2, C=?3
            SELECT ? FROM t WHERE a > ? AND id = ?                    | 3 | ID=?3
            SELECT * FROM t WHERE id = ?2 AND v = ?1                  | 2 | ID=?2, V=?1
            SELECT * FROM t WHERE id = $1                             | 1 | ID=?1
            SELECT * FROM t WHERE id = ? OR v = ?                     | 2 | ¤¤
            SELECT * FROM t WHERE a = 1 AND (id = ? OR v = ?)         | 2 | A=1
            SELECT * FROM t WHERE NOT id = 5                          | 0 | ¤¤
            SELECT * FROM t WHERE id = 5 + 1                          | 0 | ¤¤
            SELECT * FROM t WHERE id <> 5 AND a IS NULL               | 0 | ¤¤
            SELECT * FROM t WHERE id = v AND id = NULL                | 0 | ¤¤
            SELECT * FROM t WHERE 1 = 1                               | 0 | ¤¤
            SELECT * FROM t WHERE a BETWEEN 1 AND 2 AND id = 3        | 0 | ID=3
            SELECT * FROM t WHERE a BETWEEN b AND id = 3              | 0 | ¤¤
            SELECT * FROM t WHERE CASE WHEN a = 1 AND b = 2 THEN c END AND id = 3 | 0 | ID=3
            SELECT * FROM t WHERE id IN (1) AND (a, b) = (1, 2)       | 0 | ¤¤
            SELECT * FROM t WHERE id = (5) AND f(x) = 5               | 0 | ¤¤
            SELECT * FROM t WHERE id = 5 ORDER BY 1 LIMIT 1           | 0 | ID=5
            SELECT * FROM t WHERE id = 5 UNION SELECT * FROM u        | 0 | ¤¤
            SELECT * FROM (SELECT * FROM t WHERE id = 5)              | 0 | ¤¤
            SELECT * FROM t WHERE id = 5 AND v = SELECT 1             | 0 | ¤¤
            SELECT * FROM t HAVING id = 5                             | 0 | ¤¤
            SELECT '?', "?", $$?$$ /* ? */ FROM t WHERE id = ? -- ?   | 1 | ID=?1
            UPDATE t SET v = ? WHERE id = ?                           | 2 | ID=?2
            UPDATE t SET id = 7                                       | 0 | ¤¤
            DELETE FROM t WHERE id = 5                                | 0 | ID=5
            EXPLAIN DELETE FROM t WHERE id = 5                        | 0 | ID=5
            INSERT INTO t(id, v) VALUES (?, 'x')                      | 1 | ID=?1, V='x'
            INSERT INTO t(id, v) VALUES ROW(1, 2 + 3)                 | 0 | ID=1
            INSERT INTO t(id, v) VALUES (1, 2), (3, 4)                | 0 | ¤¤
            INSERT INTO t VALUES (1, 2)                               | 0 | ¤¤
            INSERT INTO t(id) SELECT 1                                | 0 | ¤¤
            INSERT INTO t(id, v) VALUES (DEFAULT, NULL)               | 0 | ¤¤
            INSERT INTO t SET id = 1, v = ?                           | 1 | ID=1, V=?1
            MERGE INTO t(id, v) KEY(id) VALUES (?, ?)                 | 2 | ID=?1, V=?2
            REPLACE INTO t(id, v) VALUES (1, 2)                       | 0 | ID=1, V=2
            """)
    void areFoundOnlyWhereTheyHoldForSure(String statement, int parameters, String keys) {
        Statement.Sql sql = Parsed.sql(statement);
        assertThat(sql.parameterCount()).isEqualTo(parameters);
        assertThat(sql.keys().stream()
                        .map(key -> (key.table() == null ? "" : key.table() + ".") + key.column() + "="
                                + (key.literal() == null ? "?" + key.parameter() : key.literal()))
                        .collect(Collectors.joining(", ")))
                .isEqualTo(keys);
    }
}
