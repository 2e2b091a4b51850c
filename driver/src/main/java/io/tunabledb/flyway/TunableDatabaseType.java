package io.tunabledb.flyway;

import java.sql.Connection;
import org.flywaydb.core.internal.database.h2.H2DatabaseType;
import org.jspecify.annotations.Nullable;

/**
 * Flyway's H2, for {@code jdbc:tunable:} URLs. Flyway finds it by itself. Not needed with a DataSource: there it asks the
 * connection, which says H2.
 */
public final class TunableDatabaseType extends H2DatabaseType {

    /** For the service loader. */
    public TunableDatabaseType() {}

    @Override
    public String getName() {
        return "TunableDB";
    }

    @Override
    public boolean handlesJDBCUrl(String url) {
        return url.startsWith("jdbc:tunable:");
    }

    /** Connections are left to Flyway's own H2. */
    @Override
    public boolean handlesDatabaseProductNameAndVersion(
            @Nullable String productName, @Nullable String productVersion, @Nullable Connection connection) {
        return false;
    }

    @Override
    public String getDriverClass(String url, @Nullable ClassLoader classLoader) {
        return "io.tunabledb.jdbc.TunableDriver";
    }
}
