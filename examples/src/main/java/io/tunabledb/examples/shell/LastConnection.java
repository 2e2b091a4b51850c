package io.tunabledb.examples.shell;

import io.tunabledb.jdbc.TunableDriver;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Stands before the real driver and remembers the connection it made: sqlline gives nobody a way to it. */
final class LastConnection implements Driver {
    private static final LastConnection FIRST = new LastConnection();
    private static volatile @Nullable Connection last;

    private final TunableDriver driver = new TunableDriver();

    private LastConnection() {}

    /** Makes sure that this is asked for our URLs before the real driver is. */
    static void register() throws SQLException {
        for (Driver driver : Collections.list(DriverManager.getDrivers())) {
            if (driver instanceof TunableDriver) {
                DriverManager.deregisterDriver(driver);
                DriverManager.registerDriver(FIRST);
                DriverManager.registerDriver(driver);
            }
        }
    }

    static @Nullable Connection last() {
        return last;
    }

    @Override
    public @Nullable Connection connect(String url, @Nullable Properties info) throws SQLException {
        Connection connection = driver.connect(url, info);
        if (connection != null) {
            last = connection;
        }
        return connection;
    }

    @Override
    public boolean acceptsURL(@Nullable String url) throws SQLException {
        return driver.acceptsURL(url);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, @Nullable Properties info) {
        return driver.getPropertyInfo(url, info);
    }

    @Override
    public int getMajorVersion() {
        return driver.getMajorVersion();
    }

    @Override
    public int getMinorVersion() {
        return driver.getMinorVersion();
    }

    @Override
    public boolean jdbcCompliant() {
        return driver.jdbcCompliant();
    }

    @Override
    public Logger getParentLogger() throws java.sql.SQLFeatureNotSupportedException {
        return driver.getParentLogger();
    }
}
