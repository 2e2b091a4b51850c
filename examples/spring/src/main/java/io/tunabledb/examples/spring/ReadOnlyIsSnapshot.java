package io.tunabledb.examples.spring;

import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.hibernate.Session;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.vendor.AbstractJpaVendorAdapter;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.TransactionDefinition;

/** Makes {@code @Transactional(readOnly = true)} mean SNAPSHOT: all its reads see one point in time, without locks. */
@Configuration(proxyBeanMethods = false)
class ReadOnlyIsSnapshot {

    @Bean
    AbstractJpaVendorAdapter jpaVendorAdapter() {
        return new HibernateJpaVendorAdapter() {
            private final HibernateJpaDialect dialect = new SnapshotDialect();

            @Override
            public HibernateJpaDialect getJpaDialect() {
                return dialect;
            }
        };
    }

    @SuppressWarnings("serial") // Spring's dialects are serializable in name only
    private static final class SnapshotDialect extends HibernateJpaDialect {
        @Override
        public Object beginTransaction(EntityManager manager, TransactionDefinition definition) throws SQLException {
            Object begun = super.beginTransaction(manager, definition);
            if (definition.isReadOnly()) {
                manager.unwrap(Session.class).doWork(SnapshotDialect::snapshot);
            }
            return begun;
        }

        private static void snapshot(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TRANSACTION CONSISTENCY SNAPSHOT");
            }
        }
    }
}
