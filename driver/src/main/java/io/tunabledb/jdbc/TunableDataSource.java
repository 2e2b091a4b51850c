package io.tunabledb.jdbc;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one {@code jdbc:tunable:} URL, one new session each: put a pool in front. A bean with the
 * properties {@code url}, {@code user} and {@code password}.
 */
public final class TunableDataSource implements DataSource {

    static {
        RequestBoundaries.ask();
    }

    private volatile String url = "";
    private volatile @Nullable String user;
    private volatile @Nullable String password;
    private volatile @Nullable PrintWriter logWriter;
    private volatile int loginTimeoutSeconds;

    /** A data source whose URL is still to be set. */
    public TunableDataSource() {}

    /** A data source of that URL. */
    public TunableDataSource(String url) {
        this.url = url;
    }

    /** The URL; empty until it is set. */
    public String getUrl() {
        return url;
    }

    /** Sets where to connect to, for example {@code jdbc:tunable:mem:shop}. */
    public void setUrl(String url) {
        this.url = url;
    }

    /** The user, or null. */
    public @Nullable String getUser() {
        return user;
    }

    /** Sets who connects. */
    public void setUser(@Nullable String user) {
        this.user = user;
    }

    /** Sets the password. There is no getter: nothing that prints beans should print it. */
    public void setPassword(@Nullable String password) {
        this.password = password;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return getConnection(user, password);
    }

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
        Properties info = new Properties();
        if (user != null) {
            info.setProperty("user", user);
        }
        if (password != null) {
            info.setProperty("password", password);
        }
        return TunableDriver.open(url, info);
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    /** Kept but not written to: this library logs through SLF4J. */
    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        logWriter = out;
    }

    /** Kept but not needed: how long a connect may take is bounded by the URL's own properties. */
    @Override
    public void setLoginTimeout(int seconds) {
        loginTimeoutSeconds = seconds;
    }

    @Override
    public int getLoginTimeout() {
        return loginTimeoutSeconds;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("TunableDB logs through SLF4J", "HYC00");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return Wrapped.unwrap(this, type);
    }

    @Override
    public boolean isWrapperFor(@Nullable Class<?> type) {
        return Wrapped.is(this, type);
    }
}
