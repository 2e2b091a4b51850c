package io.tunabledb.examples.spring;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.tunabledb.micrometer.TunableMetrics;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What each level was asked for and what it gave, beside the other meters of the actuator. */
@Configuration(proxyBeanMethods = false)
class ShopMetrics {

    @Bean
    MeterBinder tunableMetrics(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            return new TunableMetrics(connection, "shop");
        }
    }
}
