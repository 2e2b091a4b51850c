package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.CheckedReplicas;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a definition's values come from, it is refused with a reason, or all replicas are the same after it. */
class HiddenValuesTest {

    @ParameterizedTest
    @CsvSource({"1, 120, 1", "4, 30, 2"})
    void replicasAreTheSame(int shards, int statements, long seed) throws SQLException {
        run(shards, statements, seed);
    }

    @Tag("campaign")
    @ParameterizedTest
    @CsvSource({"1, 10", "4, 10"})
    void replicasAreTheSameForLong(int shards, int rounds) throws SQLException {
        for (int round = 0; round < rounds; round++) {
            run(shards, 500, Seeds.next());
        }
    }

    private static void run(int shards, int statements, long seed) throws SQLException {
        String url = "jdbc:tunable:mem:hidden" + System.nanoTime() + "?shards=" + shards;
        RandomDefinitions random = new RandomDefinitions(new Random(seed), shards > 1);
        List<String> done = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String sql : random.first()) {
                statement.execute(sql);
            }
            for (int i = 1; i <= statements; i++) {
                String sql = random.next();
                try {
                    statement.execute(sql);
                    done.add(sql);
                } catch (SQLException e) {
                    assertThat(e.getSQLState())
                            .as("seed %d: %s: %s", seed, sql, e.getMessage())
                            .matches("TC005|TC006|2[1-3].*|42.*|90.*|HYC00|HY004|54001|57014");
                    done.add(sql + " -> " + e.getSQLState());
                    if (e.getSQLState().equals("TC005")) {
                        assertThat(e.getMessage()).containsAnyOf(": ", "; ");
                    }
                }
                if (i % 10 == 0 || i == statements) {
                    assertThat(CheckedReplicas.assertSame(statement, "seed " + seed + "\n" + String.join(";\n", done)))
                            .isPositive();
                    done.clear();
                }
            }
        }
    }
}
