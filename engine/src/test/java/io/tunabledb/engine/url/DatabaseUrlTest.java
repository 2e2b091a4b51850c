package io.tunabledb.engine.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseUrlTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            jdbc:tunable:mem:x?shard=3               | 22023 | unknown property 'shard'; known are shards, replicas
            jdbc:tunable:mem:x?shards=65             | 22023 | shards=65
            jdbc:tunable:mem:x?replicas=2            | 22023 | no more fault tolerance
            jdbc:tunable:mem:x?auditSample=1.5       | 22023 | auditSample=1.5 is not in [0, 1]
            jdbc:tunable:mem:x?memoryWatermark=0     | 22023 | memoryWatermark=0 is not in (0, 1]
            jdbc:tunable:mem:x?slaKeys=0             | 22023 | slaKeys=0 is not in 1 to 100000
            jdbc:tunable:mem:x?replicas=many         | 22023 | not a whole number
            jdbc:tunable:mem:x?replicas=11           | 22023 | not in 1 to 9
            jdbc:tunable:mem:x?consistency=STRANG    | 22023 | STRONG
            jdbc:tunable:mem:x?consistencyTimeout=5x | 22023 | not a duration
            jdbc:tunable:mem:x?startTimeout=0        | 22023 | startTimeout=0 is not in 1
            jdbc:tunable:mem:x?startTimeout=soon     | 22023 | not a duration
            jdbc:tunable:mem:x?startTimeout=-5       | 22023 | startTimeout=-5 is not in 1
            jdbc:tunable:mem:x?tokenScope=pool       | 22023 | neither connection nor datasource
            jdbc:tunable:mem:x?home=4                | 22023 | not in 0 to 3
            jdbc:tunable:mem:x?closeDelay            | 22023 | not key=value
            jdbc:tunable:mem:                        | 22023 | expected jdbc:tunable:mem:NAME
            jdbc:tunable:disk:x                      | 22023 | expected jdbc:tunable:mem:NAME
            jdbc:tunable://h1:1,h2:2/x               | HYC00 | cluster of processes
            jdbc:tunable:node:x.conf                 | HYC00 | cluster of processes
            """)
    void saysWhatIsWrong(String url, String state, String message) {
        assertThatThrownBy(() -> DatabaseUrl.parse(url, new Properties()))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"700,700", "700ms,700", "3s,3000", "3 seconds,3000", "2m,120000", "2 MINUTES,120000"})
    void durationsTakeUnits(String text, long millis) throws SQLException {
        Properties info = new Properties();
        info.setProperty("consistencyTimeout", text);
        assertThat(DatabaseUrl.parse("jdbc:tunable:mem:x", info).consistencyTimeout())
                .isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void whatIsTooLongIsRefusedWithItsBeginningOnly() {
        String tooLong = "x".repeat(1 << 20);
        Properties info = new Properties();
        info.setProperty("userType", tooLong);
        Properties named = new Properties();
        named.setProperty(tooLong, "1");
        assertTooLong("jdbc:tunable:mem:" + tooLong, new Properties());
        assertTooLong("jdbc:tunable:mem:x?userType=" + tooLong, new Properties());
        assertTooLong("jdbc:tunable:mem:x", info);
        assertTooLong("jdbc:tunable:mem:x", named);
    }

    private static void assertTooLong(String url, Properties info) {
        SQLException refusal = catchThrowableOfType(SQLException.class, () -> DatabaseUrl.parse(url, info));
        assertThat(refusal.getSQLState()).isEqualTo("TC006");
        assertThat(refusal.getMessage()).contains("the most is 32768").hasSizeLessThan(300);
    }

    @Test
    void theUrlOverridesProperties() throws SQLException {
        Properties info = new Properties();
        info.setProperty("replicas", "5");
        assertThat(DatabaseUrl.parse("jdbc:tunable:mem:x", info).replicas()).isEqualTo(5);
        assertThat(DatabaseUrl.parse("jdbc:tunable:mem:x?replicas=1", info).replicas())
                .isEqualTo(1);
    }
}
