package io.tunabledb.engine.plan.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.Planner;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.Statement;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where statements run, on four shards. T and U are sharded by the number K, V by the text K, R is a reference table, S is
 * unsharded, W is a view over T and S, Y and Z are synonyms of T and R. Keys 1 and 4 are in shard 2, 2 in 3, 3 in 1, 'a' in
 * 3, 'b' in 0. Parameters 1 to 4 have these values, others are not known.
 */
class PlacementTest {
    static final Catalog CATALOG = Catalog.of(
            1,
            Map.of(
                    "table.shard.PUBLIC.T", "BY K INTEGER",
                    "table.shard.PUBLIC.U", "BY K INTEGER",
                    "table.shard.PUBLIC.V", "BY K CHARACTER_VARYING",
                    "table.shard.PUBLIC.R", "REFERENCE",
                    "columns.PUBLIC.T", "K\nX\nY",
                    "view.PUBLIC.W", "PUBLIC\tT\nPUBLIC\tS",
                    "view.PUBLIC.Y", "PUBLIC\tT",
                    "view.PUBLIC.Z", "PUBLIC\tR"),
            4);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELECT * FROM t WHERE k = 1                                        | shard 2
            SELECT * FROM t WHERE k = ?                                        | shard 2
            SELECT * FROM t WHERE ? = k AND x = 5                              | shard 2
            SELECT * FROM public.t a WHERE (a.k = ?3)                          | shard 1
            SELECT * FROM t WHERE k = '1'                                      | shard 2
            SELECT * FROM t WHERE k = 1.0                                      | shard 2
            SELECT * FROM t WHERE k = 1e0                                      | gather T0123
            SELECT * FROM t WHERE x = 1                                        | gather T0123
            SELECT * FROM t WHERE k = 1 OR x = 1                               | gather T0123
            SELECT * FROM t WHERE k <> 1 AND k = 2                             | shard 3
            SELECT * FROM t WHERE NOT k = 1                                    | gather T0123
            SELECT * FROM t WHERE k = 1 IS NOT TRUE                            | gather T0123
            SELECT * FROM t WHERE k IN (1, ?4)                                 | shard 2
            SELECT * FROM t WHERE k IN (1, 2)                                  | gather T23
            SELECT * FROM t WHERE k = 1 OR k = 2 AND x = 7                     | gather T23
            SELECT * FROM t WHERE (k = 1 OR k = 3) AND k IN (3, 2)             | shard 1
            SELECT * FROM t WHERE k NOT IN (1, 2)                              | gather T0123
            SELECT * FROM t WHERE k IN (1, x)                                  | gather T0123
            SELECT * FROM t WHERE k IN (SELECT 1)                              | gather T0123
            SELECT * FROM t WHERE (k, x) = (1, 2)                              | shard 2
            SELECT * FROM t WHERE (x, k) IN ((1, 2), (9, 2))                   | shard 3
            SELECT * FROM t WHERE k BETWEEN 1 AND 2 AND x = 1                  | gather T0123
            SELECT * FROM t WHERE k = 1 AND k = 2                              | shard 3
            SELECT * FROM t WHERE k = ?5                                       | gather T0123
            SELECT * FROM t x(a, k) WHERE k = 1                                | gather T0123
            SELECT * FROM v WHERE k = 'a'                                      | shard 3
            SELECT * FROM v WHERE k = 1                                        | gather V0123
            SELECT COUNT(*), SUM(x) FROM t WHERE k = 1 GROUP BY x ORDER BY 1   | shard 2
            SELECT * FROM t WHERE k = 1 FOR UPDATE                             | shard 2
            SELECT * FROM t JOIN u ON t.k = u.k WHERE t.k = 1                  | shard 2
            SELECT * FROM t JOIN u USING (k) WHERE t.k = 1                     | shard 2
            SELECT * FROM t JOIN u USING (k) WHERE x = 1                       | gather T0123 U0123
            SELECT * FROM t, u WHERE t.k = u.k AND u.k = ?                     | shard 2
            SELECT * FROM t, u WHERE t.k = 1 AND u.k = 4                       | shard 2
            SELECT * FROM t, u WHERE t.k = 1 AND u.k = 2                       | gather T2 U3
            SELECT * FROM t, u WHERE k = 1                                     | gather T0123 U0123
            SELECT * FROM t a, t b WHERE a.k = 1                               | gather T0123
            SELECT * FROM t a, t b WHERE a.k = 1 AND b.k = a.k                 | shard 2
            SELECT * FROM t a, t b WHERE a.k = 1 AND b.k = 2                   | gather T23
            SELECT * FROM t LEFT JOIN u ON t.k = u.k WHERE t.k = 1             | shard 2
            SELECT * FROM t LEFT JOIN u ON t.k = u.k WHERE u.k = 1             | gather T0123 U2
            SELECT * FROM t LEFT JOIN u ON t.k = u.k AND t.k = 1               | gather T0123 U0123
            SELECT * FROM t LEFT JOIN u ON t.k = u.k AND u.k = 1               | gather T0123 U2
            SELECT * FROM t RIGHT JOIN u ON t.k = u.k AND u.k = 1              | gather T0123 U0123
            SELECT * FROM t RIGHT JOIN u ON t.k = u.k WHERE u.k = 1            | shard 2
            SELECT * FROM s LEFT JOIN (t JOIN u ON t.k = u.k) ON t.k = 1       | gather S0 T2 U2
            SELECT * FROM s LEFT JOIN t JOIN u ON t.k = u.k ON t.k = 1         | gather S0 T2 U2
            SELECT * FROM t LEFT JOIN u ON u.k = 1 JOIN r ON t.k = 1           | shard 2
            SELECT * FROM t JOIN v ON t.k = v.k WHERE t.k = 1                  | gather T2 V0123
            SELECT * FROM t JOIN r ON t.x = r.x WHERE k = 1                    | shard 2
            SELECT * FROM t JOIN s ON t.x = s.x WHERE k = 1                    | gather S0 T2
            SELECT * FROM v JOIN s ON v.x = s.x WHERE k = 'b'                  | shard 0
            SELECT * FROM r                                                    | any, shard 0
            SELECT 1                                                           | any, shard 0
            SELECT * FROM r, s                                                 | shard 0
            SELECT * FROM INFORMATION_SCHEMA.TABLES, TUNABLE.NODES             | any, shard 0
            SELECT * FROM w WHERE k = 1                                        | gather S0 T0123
            SELECT * FROM t WHERE k = 1 UNION SELECT * FROM t WHERE k = 2      | gather T23
            SELECT * FROM t WHERE k = 1 UNION ALL TABLE u                      | gather T2 U0123
            SELECT * FROM t WHERE k = 1 UNION SELECT * FROM u WHERE k = 4      | shard 2
            SELECT * FROM t WHERE k = 1 AND x > (SELECT MAX(x) FROM u)         | gather T2 U0123
            SELECT * FROM t WHERE k = 1 AND x > (SELECT MAX(x) FROM u WHERE u.k = t.k)        | shard 2
            SELECT * FROM t WHERE k = 1 AND EXISTS (SELECT 1 FROM u WHERE u.k = 1)            | shard 2
            SELECT * FROM t WHERE k = 1 AND EXISTS (SELECT 1 FROM (SELECT 2 k) t, u WHERE u.k = t.k) | gather T2 U0123
            SELECT * FROM t WHERE k = 1 AND x = SELECT MAX(x) FROM u           | gather T2 U0123
            SELECT (SELECT MAX(x) FROM u WHERE u.k = t.k) FROM t WHERE k = 1   | shard 2
            SELECT * FROM (SELECT * FROM t WHERE k = 1) q WHERE q.x = 2        | shard 2
            SELECT * FROM (SELECT * FROM t) q WHERE q.k = 1                    | gather T0123
            WITH t AS (SELECT 1 k) SELECT * FROM t WHERE k = 2                 | any, shard 0
            WITH q AS (SELECT * FROM t WHERE k = 1) SELECT * FROM q, q p       | shard 2
            SELECT x FROM t GROUP BY x HAVING EXISTS (SELECT 1 FROM u WHERE u.k = 1)          | gather T0123 U2
            TABLE t                                                            | gather T0123
            UPDATE t SET x = 2 WHERE k = 1                                     | shard 2
            UPDATE t SET x = 2 WHERE k IN (1, 2)                               | each [2, 3]
            UPDATE t SET x = 2                                                 | each [0, 1, 2, 3]
            UPDATE t SET k = 2 WHERE k = 1                                     | gather T2
            UPDATE t SET k = 4 WHERE k = 1                                     | shard 2
            UPDATE t SET k = k + 1 WHERE k = 1                                 | gather T2
            UPDATE t SET (x, k) = (1, 1) WHERE k = 1                           | gather T2
            UPDATE t SET x = (SELECT MAX(x) FROM r)                            | each [0, 1, 2, 3]
            UPDATE t SET x = (SELECT MAX(x) FROM s)                            | gather S0 T0123
            UPDATE t SET x = (SELECT MAX(x) FROM u WHERE u.k = t.k)            | each [0, 1, 2, 3]
            UPDATE t SET x = (SELECT MAX(x) FROM u)                            | gather T0123 U0123
            UPDATE t a SET x = 1 WHERE a.k = ? AND a.x = 5                     | shard 2
            UPDATE s SET x = 1                                                 | shard 0
            UPDATE s SET x = (SELECT MAX(x) FROM t)                            | gather S0 T0123
            UPDATE r SET x = 1                                                 | reference
            UPDATE r SET x = (SELECT MAX(x) FROM t)                            | gather T0123
            DELETE FROM t WHERE k = 1                                          | shard 2
            DELETE FROM t                                                      | each [0, 1, 2, 3]
            DELETE FROM t LIMIT 1                                              | gather T0123
            DELETE FROM t WHERE k = 1 LIMIT 1                                  | shard 2
            DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k)       | each [0, 1, 2, 3]
            DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.x = t.k)       | gather T0123 U0123
            DELETE FROM t WHERE k = 1 AND k = 2                                | shard 3
            INSERT INTO t(x, k) VALUES (5, 1)                                  | shard 2
            INSERT INTO t VALUES (2, 5, 6)                                     | shard 3
            INSERT INTO t VALUES (2, 5)                                        | gather T0123
            INSERT INTO u VALUES (2, 5)                                        | gather U0123
            INSERT INTO t(k, x) VALUES (?2, ?1)                                | shard 3
            INSERT INTO t(k, x) VALUES (1 + 1, 1)                              | gather T0123
            INSERT INTO t(k, x) VALUES (1.5, 1)                                | gather T0123
            INSERT INTO t(x) VALUES (1)                                        | any, shard 0
            INSERT INTO t(k, x) VALUES (DEFAULT, 1), (DEFAULT, 2)              | any, shard 0
            INSERT INTO t(k, x) VALUES (DEFAULT, 1), (1, 2)                    | gather T0123
            INSERT INTO t DEFAULT VALUES                                       | any, shard 0
            INSERT INTO t SET x = 1, k = 3                                     | shard 1
            INSERT INTO t(k, x) VALUES (1, 1), (4, 2)                          | shard 2
            INSERT INTO t(k, x) VALUES (1, ?), (2, ?), (4, ?)                  | 2: INSERT INTO t(k, x) VALUES (1, ?), (4, ?) [1, 3][0, 2]; 3: INSERT INTO t(k, x) VALUES (2, ?) [2][1]
            INSERT INTO t(k, x) VALUES ROW(?, 'a,(b'), ROW(?, f(1, 2)) ON DUPLICATE KEY UPDATE x = ? | 2: INSERT INTO t(k, x) VALUES ROW(?, 'a,(b') ON DUPLICATE KEY UPDATE x = ? [1, 3][0]; 3: INSERT INTO t(k, x) VALUES ROW(?, f(1, 2)) ON DUPLICATE KEY UPDATE x = ? [2, 3][1]
            INSERT INTO t(k, x) VALUES (?1, 1), (?2, 2)                        | gather T0123
            INSERT INTO t(k, x) VALUES (1, 1) ON DUPLICATE KEY UPDATE k = 2    | gather T0123
            INSERT INTO t(k, x) VALUES (1, (SELECT MAX(x) FROM r))             | shard 2
            INSERT INTO t(k, x) VALUES (1, (SELECT MAX(x) FROM s))             | gather S0 T0123
            INSERT INTO t(k, x) VALUES (1, (SELECT MAX(x) FROM u WHERE k = 4)) | shard 2
            INSERT INTO t SELECT * FROM u WHERE k = 1                          | gather T0123 U2
            INSERT INTO s SELECT * FROM t                                      | gather S0 T0123
            INSERT INTO s SELECT * FROM v WHERE k = 'b'                        | shard 0
            INSERT INTO s VALUES (1)                                           | shard 0
            INSERT INTO r VALUES (1), (2)                                      | reference
            INSERT INTO r SELECT * FROM s                                      | reference
            INSERT INTO y VALUES (1, 2, 3)                                     | shard 2
            INSERT INTO z VALUES (1)                                           | reference
            UPDATE y SET x = 1 WHERE k = 1                                     | each [0, 1, 2, 3]
            UPDATE y SET k = 1                                                 | gather T0123
            INSERT INTO t(k) OVERRIDING USER VALUE VALUES (1)                  | gather T0123
            MERGE INTO t(k, x) KEY(k) VALUES (1, 1)                            | shard 2
            MERGE INTO t(k, x) VALUES (1, 1)                                   | shard 2
            MERGE INTO t KEY(k) VALUES (1, 1, 1)                               | shard 2
            MERGE INTO t(k, x) KEY(x) VALUES (1, 1)                            | gather T0123
            MERGE INTO t USING (VALUES (1)) AS q(i) ON t.k = q.i WHEN MATCHED THEN DELETE | gather T0123
            REPLACE INTO t(k, x) VALUES (1, 1)                                 | shard 2
            SELECT * FROM FINAL TABLE (INSERT INTO t(k) VALUES (1))            | gather T0123
            SELECT * FROM FINAL TABLE (UPDATE t SET x = 1 WHERE k = 1)         | gather T2
            SELECT * FROM FINAL TABLE (INSERT INTO r VALUES (1))               | reference
            EXPLAIN SELECT * FROM t                                            | shard 0
            EXPLAIN UPDATE t SET x = 1 WHERE k = 1                             | shard 2
            EXPLAIN INSERT INTO t VALUES (1, 2, 3)                             | shard 0
            EXPLAIN ANALYZE SELECT * FROM t                                    | gather T0123
            CALL (SELECT MAX(x) FROM t)                                        | gather T0123
            CALL NEXT VALUE FOR q                                              | shard 0
            CREATE TABLE z(i INT)                                              | each [0, 1, 2, 3]
            DROP TABLE t                                                       | each [0, 1, 2, 3]
            TRUNCATE TABLE s                                                   | each [0, 1, 2, 3]
            CREATE LOCAL TEMPORARY TABLE z(i INT)                              | shard 0
            """)
    void isFoundInTheText(String sql, String expected) {
        assertThat(text(route(sql, CATALOG))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELECT * FROM t, s
            UPDATE t SET k = 5
            INSERT INTO r VALUES (1)
            CREATE TABLE z(i INT)
            """)
    void isShardZeroWhereThereIsOneShard(String sql) {
        Catalog one =
                Catalog.of(1, Map.of("table.shard.PUBLIC.T", "BY K INTEGER", "table.shard.PUBLIC.R", "REFERENCE"));
        assertThat(plan(sql, one).placement()).isSameAs(Placement.SHARD_ZERO);
        assertThat(plan(sql, one).shards()).containsExactly(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELECT * FROM t WHERE k = ?       | 0123
            SELECT * FROM t WHERE k = 1       | 2
            SELECT * FROM t, s WHERE k IN (1) | 02
            UPDATE t SET k = 4 WHERE k = 1    | 0123
            INSERT INTO t(k) VALUES (1)       | 0123
            INSERT INTO r VALUES (1)          | 0123
            SELECT * FROM r                   | 0
            DROP TABLE s                      | 0123
            """)
    void aPlanNamesEveryShardItMayTouch(String sql, String shards) {
        assertThat(plan(sql, CATALOG).shards().stream().map(String::valueOf).collect(Collectors.joining()))
                .isEqualTo(shards);
    }

    @Test
    void saysWhy() {
        assertThat(plan("SELECT * FROM t JOIN u ON t.k = u.k WHERE t.k IN (1, 2)", CATALOG)
                        .placement()
                        .describe())
                .containsExactly(
                        "PUBLIC.T sharded by K: shards {2, 3} of 4, pruned by its key equal to that of U and K IN 2 values",
                        "PUBLIC.U sharded by K: shards {2, 3} of 4, pruned by its key equal to that of T",
                        "gathers rows: PUBLIC.T from shards [2, 3], PUBLIC.U from shards [2, 3]");
    }

    @Test
    void storageFindsTheSameShards() {
        assertThat(ShardKey.shards("INTEGER", null, 4).applyAsInt(1L)).isEqualTo(2);
        assertThat(ShardKey.shards("INTEGER", BucketMap.even(4).text(), 4).applyAsInt(2))
                .isEqualTo(3);
        assertThat(ShardKey.shards("CHARACTER_VARYING", null, 4).applyAsInt("b"))
                .isZero();
        assertThat(ShardKey.shards("NUMERIC(1)", null, 4).applyAsInt(new BigDecimal("1.25")))
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            table.shard.PUBLIC.T | BY K
            table.shard.PUBLIC.T | BY K TIMESTAMP
            table.shard.PUBLIC.T | EVERYWHERE
            table.shard.PUBLIC.T | BY K NUMERIC
            table.shard.PUBLIC.T | BY K INTEGER(3)
            buckets              | 0,1
            buckets              | x
            """)
    void aSettingThatCantBeReadIsNotGuessedAt(String name, String value) {
        assertThatThrownBy(() -> Catalog.of(1, Map.of(name, value), 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(name + " = '" + value + "' can't be read");
    }

    @Test
    void aShardingSurvivesAsText() {
        for (String text : List.of("REFERENCE", "SINGLE", "BY a b INTEGER", "BY K NUMERIC(2)", "BY  DECFLOAT(5)")) {
            assertThat(Sharding.parse(text).text()).isEqualTo(text);
        }
        BucketMap map = BucketMap.even(3);
        assertThat(BucketMap.parse(map.text(), 3)).isEqualTo(map);
    }

    private static Plan plan(String sql, Catalog catalog) {
        return Planner.plan((Statement.Sql) SqlParser.parse(sql).get(0), "PUBLIC", catalog);
    }

    static ShardRoute route(String sql, Catalog catalog) {
        return plan(sql, catalog).placement().route(index -> index > 4 ? null : (Object) index);
    }

    static String text(ShardRoute route) {
        if (route instanceof ShardRoute.OneShard one) {
            return (one.isAny() ? "any, " : "") + "shard " + one.shard();
        }
        if (route instanceof ShardRoute.SameOnEach each) {
            return "each " + each.shards();
        }
        if (route instanceof ShardRoute.Split split) {
            return split.parts().entrySet().stream()
                    .map(part -> part.getKey() + ": " + part.getValue().sql() + " "
                            + part.getValue().parameters() + part.getValue().rows())
                    .collect(Collectors.joining("; "));
        }
        if (route instanceof ShardRoute.OnReference) {
            return "reference";
        }
        return "gather "
                + ((ShardRoute.Gather) route)
                        .shards().entrySet().stream()
                                .map(table -> table.getKey().substring("PUBLIC.".length())
                                        + table.getValue().stream()
                                                .map(String::valueOf)
                                                .collect(Collectors.joining()))
                                .collect(Collectors.joining(" "));
    }
}
