package io.tunabledb.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class TunableMetricsTest {

    @Test
    void meterAndTableSayTheSame() throws SQLException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Connection connection = DriverManager.getConnection("jdbc:tunable:mem:metrics");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            new TunableMetrics(connection, "shop").bindTo(registry);
            // what comes by before and after the binding is there alike
            for (int i = 0; i < 40; i++) {
                statement.execute("INSERT INTO T VALUES(" + i + ", 0)");
                statement
                        .executeQuery("SELECT V FROM T WITH CONSISTENCY EVENTUAL")
                        .close();
            }
            Awaitility.await("the counters of the scrape after the statements")
                    .untilAsserted(() -> assertThat(registry.get("tunabledb.statements")
                                    .tags("table", "PUBLIC.T", "operation", "INSERT", "level", "SEQUENTIAL")
                                    .tags("decided.by", "DEFAULT", "outcome", "met", "database", "shop")
                                    .functionCounter()
                                    .count())
                            .isEqualTo(40));
            assertThat(registry.get("tunabledb.statements")
                            .tags("operation", "SELECT", "level", "EVENTUAL", "outcome", "met", "decided.by", "CLAUSE")
                            .functionCounter()
                            .count())
                    .isEqualTo(40);
            assertThat(registry.get("tunabledb.latency")
                            .tags("operation", "INSERT")
                            .functionTimer()
                            .totalTime(TimeUnit.MILLISECONDS))
                    .isPositive();
            assertThat(registry.get("tunabledb.wait.spread")
                            .tags("operation", "INSERT", "quantile", "0.99")
                            .timeGauge()
                            .value(TimeUnit.MILLISECONDS))
                    .isPositive();
            assertThat(registry.get("tunabledb.replica.up").gauges()).hasSize(3).allMatch(gauge -> gauge.value() == 1);
            assertThat(registry.get("tunabledb.replica.leading").gauges().stream()
                            .mapToDouble(gauge -> gauge.value())
                            .sum())
                    .isEqualTo(1);
            Awaitility.await("the measured visibility")
                    .untilAsserted(() -> assertThat(registry.get("tunabledb.visibility")
                                    .tags("table", "PUBLIC.T", "after", "1000ms")
                                    .gauge()
                                    .value())
                            .isEqualTo(1));
            try (ResultSet rows = statement.executeQuery("SELECT SUM(MET) FROM TUNABLE.LEVELS")) {
                rows.next();
                assertThat(rows.getDouble(1))
                        .isEqualTo(
                                registry.find("tunabledb.statements").tag("outcome", "met").functionCounters().stream()
                                        .mapToDouble(counter -> counter.count())
                                        .sum());
            }
            assertThat(registry.getMeters())
                    .extracting(Meter::getId)
                    .extracting(id -> id.getTag("database"))
                    .containsOnly("shop");
        }
    }
}
