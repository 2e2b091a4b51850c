package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a text's depth is estimated at: never less than its chains and brackets are, and nothing for what is beside. */
class NestingTest {
    private static final int MANY = 200_000;

    @Test
    void chainsAndBracketsCount() throws SQLException {
        for (String deep : new String[] {
            "SELECT 1" + "+1".repeat(500),
            "SELECT " + "(".repeat(500) + "1" + ")".repeat(500),
            "SELECT 1 FROM T WHERE A" + " AND A".repeat(500),
            "SELECT " + "CASE WHEN A THEN ".repeat(500) + "1" + " END".repeat(500),
            "SELECT 1" + " UNION ALL SELECT 1".repeat(500),
            "WITH A AS (SELECT 1)" + ", B AS (SELECT * FROM A)".repeat(500) + " SELECT * FROM B",
            "CREATE VIEW V AS WITH A AS (SELECT 1)" + ", B AS (SELECT * FROM A)".repeat(500) + " SELECT * FROM B",
            "SELECT 'it''s', \"a(b\", 1" + "+1".repeat(500),
            "SELECT -- (\n 1" + "+1".repeat(500)
        }) {
            assertThat(Nesting.of(deep)).as(deep.substring(0, 30)).isGreaterThanOrEqualTo(500);
            assertThat(Nesting.isDeep(deep)).as(deep.substring(0, 30)).isTrue();
        }
    }

    @Test
    void whatStandsBesideDoesNot() throws SQLException {
        for (String wide : new String[] {
            "SELECT 1 FROM T WHERE A IN (" + "-1, ".repeat(MANY) + "1)",
            "INSERT INTO T VALUES " + "(1, -2, 'a'), ".repeat(MANY) + "(1, 2, 'b')",
            "INSERT INTO T VALUES ('" + "(+".repeat(MANY) + "')",
            "SELECT A FROM T; ".repeat(MANY)
        }) {
            assertThat(Nesting.isDeep(wide)).as(wide.substring(0, 30)).isFalse();
        }
    }

    @Test
    void aBoundIsNamed() {
        assertThatThrownBy(() -> Nesting.isDeep("SELECT 1" + "+1".repeat(Nesting.MOST + 1)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("the most is 100000");
    }

    /** Seen: the first and the second at 6,000 took 2.5 GB. */
    @Test
    void wordsThatWouldBeCopiedForEachQueryAroundThemCount() {
        for (String shape : new String[] {
            "SELECT MAX(C) FROM (SELECT 1 AS C" + " UNION ALL SELECT 1".repeat(6_000) + ") U",
            "SELECT " + "(SELECT ".repeat(6_000) + "1" + ")".repeat(6_000),
            "SELECT * FROM " + "(".repeat(6_000) + "SELECT 1" + ")".repeat(6_000),
            "create or replace force view v as select 1" + " intersect select 1".repeat(6_000),
            "SELECT 1; SELECT * FROM (VALUES 1" + " EXCEPT SELECT 1".repeat(6_000) + ")",
        }) {
            assertThatThrownBy(() -> Nesting.isDeep(shape))
                    .as(shape.substring(0, 30))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("the most is " + Nesting.MOST_COPIED);
        }
    }

    @Test
    void wordsThatAreNotCopiedDoNot() throws SQLException {
        for (String shape : new String[] {
            "SELECT 1" + " UNION ALL SELECT 1".repeat(6_000),
            "INSERT INTO T SELECT 1" + " UNION ALL SELECT 1".repeat(6_000),
            "CREATE TABLE V AS SELECT 1" + " UNION ALL SELECT 1".repeat(6_000),
            "SELECT " + "(".repeat(6_000) + "1" + ")".repeat(6_000),
            "SELECT 1 FROM (SELECT A FROM T WHERE A IN (" + "1, ".repeat(MANY) + "1))",
            "SELECT 1 FROM T WHERE " + "A = (SELECT 1) OR ".repeat(6_000) + " TRUE",
            "SELECT 1" + "; CREATE VIEW V AS SELECT 1 UNION SELECT 2".repeat(6_000)
        }) {
            assertThat(Nesting.copiedBy(shape)).as(shape.substring(0, 30)).isLessThan(500_000);
            Nesting.isDeep(shape);
        }
    }

    @Test
    void anyTextIsTaken() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String signs = "()[]'\"`-+,; \nCASE END";
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(60); n > 0; n--) {
                text.append(signs.charAt(random.nextInt(signs.length())));
            }
            assertThat(Nesting.of(text.toString()))
                    .as("seed " + seed + ": " + text)
                    .isBetween(0, 1_000);
        }
    }
}
