package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowCountTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            INSERT INTO t VALUES (1, 2)                                | 1  |
            INSERT INTO t(a, b) VALUES (1, (2)), (f(3, 4), ?), (5, 6)  | 3  |
            INSERT INTO t DEFAULT VALUES                               | 1  |
            INSERT INTO t SET a = 1, b = 2                             | 1  |
            INSERT INTO t SELECT * FROM s                              | -2 |
            INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 2     | -2 |
            MERGE INTO t KEY(a) VALUES (1), (2)                        | 2  |
            MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE | -2 |
            UPDATE s.t SET a = a + 1                                   | -2 | SELECT COUNT(*) FROM s.t
            UPDATE t AS x SET a = ? WHERE x.b = ? AND c IN (1, 2)      | -2 | SELECT COUNT(*) FROM t AS x WHERE x.b = ? AND c IN (1, 2)
            UPDATE t SET a = 1 WHERE b = 2 LIMIT 3                     | -2 |
            UPDATE t SET a = ?1 WHERE b = ?2                           | -2 |
            DELETE FROM "a b" WHERE EXISTS (SELECT 1 FROM s)           | -2 | SELECT COUNT(*) FROM "a b" WHERE EXISTS (SELECT 1 FROM s)
            DELETE t                                                   | -2 | SELECT COUNT(*) FROM t
            DELETE FROM t WHERE a = 1 FETCH FIRST ROW ONLY             | -2 |
            """)
    void isFoundInTheText(String sql, long rows, String query) {
        RowCount count = RowCount.of((Statement.Sql) Parsed.one(sql));
        assertThat(count).isEqualTo(new RowCount(rows, query));
    }
}
