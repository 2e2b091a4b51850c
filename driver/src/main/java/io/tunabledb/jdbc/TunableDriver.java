package io.tunabledb.jdbc;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Database;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.client.Session;
import io.tunabledb.engine.url.DatabaseUrl;
import io.tunabledb.engine.url.Property;
import io.tunabledb.jdbc.connection.SessionConnection;
import io.tunabledb.jdbc.metadata.DriverVersion;
import io.tunabledb.jdbc.pool.PooledSession;
import io.tunabledb.jdbc.pool.RequestBoundaries;
import io.tunabledb.jdbc.session.Lender;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Arrays;
import java.util.Properties;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import javax.sql.PooledConnection;
import org.jspecify.annotations.Nullable;

/**
 * The driver of {@code jdbc:tunable:} URLs. It registers itself: {@code DriverManager.getConnection} is all
 * it takes.
 */
public final class TunableDriver implements Driver {

    private static final Pattern PASSWORD = Pattern.compile("(?i)(?<=[?&])password=[^&]*&?");

    static {
        RequestBoundaries.ask();
        try {
            DriverManager.registerDriver(new TunableDriver());
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** For the service loader. */
    public TunableDriver() {}

    /** Connects, or 08001 when the URL is not ours. */
    static Connection open(String url, Properties info) throws SQLException {
        return new SessionConnection(session(url, info), withoutPassword(url), Lender.NOBODY);
    }

    /** Connects for a pool, or 08001 when the URL is not ours. */
    static PooledConnection openPooled(String url, Properties info) throws SQLException {
        return new PooledSession(session(url, info), withoutPassword(url));
    }

    private static Session session(String url, Properties info) throws SQLException {
        if (!DatabaseUrl.accepts(url)) {
            throw Errors.of(
                    SqlState.CANNOT_CONNECT,
                    "URL \"" + url + "\" is not one of TunableDB: expected jdbc:tunable:mem:NAME,"
                            + " jdbc:tunable:file:PATH, jdbc:tunable:node:CONFIG or jdbc:tunable://HOSTS/NAME");
        }
        return Database.connect(DatabaseUrl.parse(url, info));
    }

    static String withoutPassword(String url) {
        return PASSWORD.matcher(url).replaceAll("").replaceAll("[?&]$", "");
    }

    @Override
    public @Nullable Connection connect(String url, @Nullable Properties info) throws SQLException {
        return acceptsURL(url) ? open(url, info == null ? new Properties() : info) : null;
    }

    @Override
    public boolean acceptsURL(@Nullable String url) throws SQLException {
        if (url == null) {
            throw Errors.of(SqlState.INVALID_ARGUMENT, "The URL is null; expected jdbc:tunable:…");
        }
        return DatabaseUrl.accepts(url);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, @Nullable Properties info) {
        return describe(info == null ? new Properties() : info);
    }

    @Override
    public int getMajorVersion() {
        return DriverVersion.MAJOR;
    }

    @Override
    public int getMinorVersion() {
        return DriverVersion.MINOR;
    }

    /** False: that claim needs SQL-92 entry level and a certified test run. */
    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("TunableDB logs through SLF4J", "HYC00");
    }

    private static DriverPropertyInfo[] describe(Properties given) {
        return Arrays.stream(Property.values())
                .map(property -> describe(property, given.getProperty(property.key())))
                .toArray(DriverPropertyInfo[]::new);
    }

    private static DriverPropertyInfo describe(Property property, @Nullable String given) {
        boolean isSecret = property == Property.PASSWORD;
        DriverPropertyInfo info = new DriverPropertyInfo(property.key(), isSecret ? null : given);
        info.description = property.description() + " (default: " + property.defaultValue() + ")";
        return info;
    }
}
