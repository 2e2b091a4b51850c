package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Arrays;
import java.util.Properties;
import java.util.ServiceLoader;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a program gets at the driver, before any database runs. */
class DriverDiscoveryTest {

    @Test
    void theServiceLoaderFindsIt() {
        assertThat(ServiceLoader.load(Driver.class))
                .filteredOn(driver -> driver instanceof TunableDriver)
                .hasSize(1);
    }

    @Test
    void theDriverManagerKnowsIt() throws SQLException {
        assertThat(DriverManager.getDriver("jdbc:tunable:mem:x")).isInstanceOf(TunableDriver.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:tunable:mem:x", "jdbc:tunable:file:./x?replicas=3", "jdbc:tunable://a:1,b:2/x"})
    void itAcceptsItsUrls(String url) throws SQLException {
        assertThat(new TunableDriver().acceptsURL(url)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:h2:mem:x", "jdbc:tunablex:mem:x", ""})
    void itLeavesTheUrlsOfOthersAlone(String url) throws SQLException {
        assertThat(new TunableDriver().acceptsURL(url)).isFalse();
        assertThat(new TunableDriver().connect(url, new Properties())).isNull();
    }

    @Test
    void aMissingUrlIsAnError() {
        assertThatThrownBy(() -> new TunableDriver().connect(null, new Properties()))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("jdbc:tunable:")
                .extracting("SQLState")
                .isEqualTo("22023");
    }

    @Test
    void aDataSourceSaysWhichUrlsItTakes() {
        DataSource source = new TunableDataSource("jdbc:h2:mem:x");
        assertThatThrownBy(source::getConnection)
                .isInstanceOf(SQLTransientConnectionException.class)
                .hasMessageContaining("jdbc:h2:mem:x")
                .hasMessageContaining("jdbc:tunable:mem:NAME");
    }

    @Test
    void itListsItsPropertiesWithWhatIsGiven() {
        Properties given = new Properties();
        given.setProperty("consistency", "EVENTUAL");
        given.setProperty("password", "secret");
        DriverPropertyInfo[] infos = new TunableDriver().getPropertyInfo("jdbc:tunable:mem:x", given);
        assertThat(infos).extracting(info -> info.name).contains("replicas", "shards", "consistency", "tokenScope");
        assertThat(infos).allSatisfy(info -> assertThat(info.description).isNotBlank());
        assertThat(Arrays.stream(infos).filter(info -> info.value != null))
                .singleElement()
                .satisfies(info -> assertThat(info.value).isEqualTo("EVENTUAL"));
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:tunable:mem:x, jdbc:tunable:mem:x",
        "jdbc:tunable:mem:x?password=p, jdbc:tunable:mem:x",
        "jdbc:tunable:mem:x?password=p&replicas=3, jdbc:tunable:mem:x?replicas=3",
        "jdbc:tunable:mem:x?replicas=3&PASSWORD=p, jdbc:tunable:mem:x?replicas=3",
        "jdbc:tunable:mem:x?a=1&password=p&b=2, jdbc:tunable:mem:x?a=1&b=2",
        "jdbc:tunable:mem:password=p, jdbc:tunable:mem:password=p"
    })
    void thePasswordIsTakenOutOfTheUrlThatIsShown(String given, String shown) {
        assertThat(TunableDriver.withoutPassword(given)).isEqualTo(shown);
    }

    @Test
    void aDataSourceIsABean() {
        TunableDataSource source = new TunableDataSource();
        source.setUrl("jdbc:tunable:mem:x");
        source.setUser("sa");
        source.setPassword("secret");
        assertThat(source.getUrl()).isEqualTo("jdbc:tunable:mem:x");
        assertThat(source.getUser()).isEqualTo("sa");
        assertThat(source.isWrapperFor(TunableDataSource.class)).isTrue();
        assertThat(source.isWrapperFor(Connection.class)).isFalse();
        assertThatThrownBy(() -> source.unwrap(Connection.class)).isInstanceOf(SQLException.class);
    }
}
