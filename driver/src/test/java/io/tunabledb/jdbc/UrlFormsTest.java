package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** URLs and properties as people write them: read, or refused with an SQLException that says what to write. */
class UrlFormsTest {
    private static final String PIECES = "abz019;?&=%+:/\\\0~. -_#";

    @ParameterizedTest
    @CsvSource({
        "mem:shop;MODE=Postgres;DB_CLOSE_DELAY=-1, PostgreSQL",
        "mem:shop;DATABASE_TO_UPPER=FALSE, DATABASE_TO_UPPER",
        "mem:shop;WHATEVER=1, WHATEVER",
        "mem:shop?shards=1;MODE=MySQL, MODE",
        "mem:shop?consistency=%zz, %25",
        "mem:shop?consistency=%, %25"
    })
    void settingsOfH2AreRefusedByName(String rest, String says) {
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:tunable:" + rest))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(says)
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("22023");
    }

    @Test
    void aPasswordIsNotRepeated() {
        assertThatThrownBy(
                        () -> DriverManager.getConnection("jdbc:tunable:mem:shop;USER=sa;PASSWORD=secret;CIPHER=AES"))
                .isInstanceOf(SQLException.class)
                .message()
                .doesNotContain("secret");
    }

    @Test
    void anyPropertyIsReadOrRefused() throws SQLException {
        Properties numbers = new Properties();
        numbers.put("replicas", 1);
        numbers.put("leaderLease", true);
        assertThatThrownBy(() -> new TunableDriver().connect("jdbc:tunable:mem:urlforms", numbers))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("leaderLease");
        numbers.remove("leaderLease");
        try (Connection connection = new TunableDriver().connect("jdbc:tunable:mem:urlforms", numbers)) {
            assertThat(connection.unwrap(TunableConnection.class).cluster().nodes())
                    .isEqualTo(1);
        }
        numbers.put("shards", new Object());
        assertThatThrownBy(() -> new TunableDriver().connect("jdbc:tunable:mem:urlforms", numbers))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("java.lang.Object");
    }

    /** What can be parsed is not opened: these are to be refused, by a node form that can't be, or by their parts. */
    @Test
    void strangeUrlsEndInAnSqlException() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder url = new StringBuilder("jdbc:tunable:");
            url.append(new String[] {"mem:", "file:", "node:", "//", ""}[random.nextInt(5)]);
            for (int length = random.nextInt(20); length > 0; length--) {
                url.append(PIECES.charAt(random.nextInt(PIECES.length())));
            }
            String strange = url + "?unknownProperty=1";
            assertThatThrownBy(() -> new TunableDriver().connect(strange, new Properties()))
                    .as("seed %d: %s", seed, strange)
                    .isInstanceOf(SQLException.class);
        }
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:tunable:file:/tmp/a\0b"))
                .isInstanceOf(SQLException.class);
    }
}
