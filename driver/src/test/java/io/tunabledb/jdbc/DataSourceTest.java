package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import javax.naming.Reference;
import javax.naming.spi.NamingManager;
import org.junit.jupiter.api.Test;

/** What containers and pools do with a data source. */
class DataSourceTest {

    @Test
    void itsPropertiesAreABeans() throws Exception {
        assertThat(Arrays.stream(Introspector.getBeanInfo(TunableDataSource.class, Object.class)
                                .getPropertyDescriptors())
                        .filter(property -> property.getWriteMethod() != null)
                        .map(PropertyDescriptor::getName))
                .contains("url", "user", "password", "consistency", "consistencyTimeout", "tokenScope", "home");
    }

    @Test
    void itsPropertiesReachTheSession() throws SQLException {
        TunableDataSource source = new TunableDataSource(Urls.unique());
        source.setConsistency("EVENTUAL ELSE LINEARIZABLE");
        source.setUser("ada");
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW CONSISTENCY")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString("CONSISTENCY")).isEqualTo("EVENTUAL ELSE LINEARIZABLE");
            assertThat(rows.getString("DECIDED_BY")).isEqualTo("URL");
            assertThat(connection.getMetaData().getUserName()).isEqualTo("ada");
        }
    }

    @Test
    void aWrongPropertyIsRefusedAtTheConnect() {
        TunableDataSource source = new TunableDataSource(Urls.unique());
        source.setTokenScope("planet");
        assertThatThrownBy(source::getConnection)
                .hasMessageContaining("tokenScope")
                .hasMessageContaining("planet");
    }

    @Test
    void jndiGivesBackWhatWasBound() throws Exception {
        TunableDataSource bound = new TunableDataSource(Urls.unique());
        bound.setUser("ada");
        bound.setPassword("secret");
        bound.setTokenScope("datasource");
        bound.setConsistencyTimeout(1234);
        bound.setHome(2);
        Reference reference = bound.getReference();
        Object found = NamingManager.getObjectInstance(reference, null, null, null);
        assertThat(found).isInstanceOfSatisfying(TunableDataSource.class, source -> {
            assertThat(source.getUrl()).isEqualTo(bound.getUrl());
            assertThat(source.getUser()).isEqualTo("ada");
            assertThat(source.getTokenScope()).isEqualTo("datasource");
            assertThat(source.getConsistencyTimeout()).isEqualTo(1234);
            assertThat(source.getHome()).isEqualTo(2);
            assertThat(source.getReference()).isEqualTo(reference);
        });
        try (Connection connection = ((TunableDataSource) found).getConnection()) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void otherReferencesAreNotItsBusiness() {
        assertThat(new TunableDataSourceFactory()
                        .getObjectInstance(new Reference("java.lang.String"), null, null, null))
                .isNull();
    }
}
