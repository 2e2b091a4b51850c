package io.tunabledb.engine.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of every setting that H2 takes in a URL. */
class H2UrlSettingsTest {

    private static final Map<String, String> SAID_OTHERWISE =
            Map.of("MODE", "no mode '1'", "DEFAULT_NULL_ORDERING", "no null ordering '1'");

    /** All that this version of H2 knows, as it says itself. */
    private static Set<String> known() throws ReflectiveOperationException {
        Field names = Class.forName("org.h2.engine.ConnectionInfo").getDeclaredField("KNOWN_SETTINGS");
        names.setAccessible(true);
        Set<String> known = new TreeSet<>();
        for (Object name : (Set<?>) names.get(null)) {
            known.add((String) name);
        }
        Class<?> settings = Class.forName("org.h2.engine.DbSettings");
        Object defaults = settings.getField("DEFAULT").get(null);
        Map<?, ?> all = (Map<?, ?>) settings.getMethod("getSettings").invoke(defaults);
        all.keySet().forEach(name -> known.add((String) name));
        return known;
    }

    @Test
    void eachIsDoneOrRefusedByName() throws Exception {
        Set<String> unknown = new TreeSet<>();
        Set<String> known = known();
        assertThat(known).contains("MODE", "DATABASE_TO_UPPER", "INIT", "NON_KEYWORDS");
        for (String name : known) {
            if (!H2UrlSettings.knows(name)) {
                unknown.add(name);
            }
            try {
                DatabaseUrl url = DatabaseUrl.parse("jdbc:tunable:mem:a;" + name + "=1", new Properties());
                assertThat(url.name()).isEqualTo("a");
            } catch (SQLException e) {
                assertThat(e.getSQLState()).as(name).isEqualTo("22023");
                assertThat(e.getMessage()).contains(SAID_OTHERWISE.getOrDefault(name, name));
            }
        }
        assertThat(unknown).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mem:a;MODE=postgresql | MODE | postgresql",
                "mem:a;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE | CLOSE_DELAY | -1",
                "mem:a;db_close_delay=10?shards=2 | CLOSE_DELAY | 10000",
                "mem:a;DEFAULT_NULL_ORDERING=HIGH | NULL_ORDERING | HIGH",
                "mem:a;USER=sa;PASSWORD=x | USER | sa",
                "mem:a;IFEXISTS=TRUE | IF_EXISTS | true",
                "mem:a;FORBID_CREATION=true | IF_EXISTS | true",
                "mem:a;NON_KEYWORDS=USER,VALUE;LOCK_TIMEOUT=5 | INIT | SET NON_KEYWORDS USER,VALUE;SET LOCK_TIMEOUT 5",
                "mem:a;INIT=CREATE SCHEMA IF NOT EXISTS A\\;SET SCHEMA A | INIT | CREATE SCHEMA IF NOT EXISTS A;SET SCHEMA A",
                "mem:a;SCHEMA=B;INIT=VALUES 1 | INIT | SET SCHEMA B;VALUES 1",
                "mem:a;TIME ZONE=UTC | INIT | SET TIME ZONE UTC"
            })
    void someAreProperties(String rest, Property property, String value) throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse("jdbc:tunable:" + rest, new Properties());
        assertThat(url.name()).isEqualTo("a");
        assertThat(url.properties()).containsEntry(property, value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mem:a;DATABASE_TO_UPPER=TRUE;IGNORECASE=FALSE;DATABASE_TO_LOWER=false",
                "mem:a;",
                "mem:a;;ACCESS_MODE_DATA=rw",
            })
    void whatIsSoAlreadyMayBeSaid(String rest) throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse("jdbc:tunable:" + rest, new Properties());
        assertThat(url.name()).isEqualTo("a");
        assertThat(url.properties()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mem:a;DATABASE_TO_UPPER=FALSE | DATABASE_TO_UPPER",
                "mem:a;DATABASE_TO_LOWER=TRUE | DATABASE_TO_LOWER",
                "mem:a;CIPHER=AES | CIPHER",
                "mem:a;CACHE_SIZE=1 | maxGatherRows",
                "mem:a;MODE=Postgres | PostgreSQL",
                "mem:a;DEFAULT_NULL_ORDERING=MIDDLE | HIGH",
                "mem:a;NOSUCH=1 | NOSUCH",
                "mem:a;MODE | MODE=value",
                "mem:a;DB_CLOSE_DELAY=soon | DB_CLOSE_DELAY",
                "mem:a;IFEXISTS=maybe | IFEXISTS",
                "mem:a?shards=2;MODE=MySQL | before the \"?\"",
                "mem:a&shards=2 | follows a \"?\""
            })
    void theRestIsRefused(String rest, String says) {
        assertThatThrownBy(() -> DatabaseUrl.parse("jdbc:tunable:" + rest, new Properties()))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(says)
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("22023");
    }
}
