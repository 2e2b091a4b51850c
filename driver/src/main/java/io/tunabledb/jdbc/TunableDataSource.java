package io.tunabledb.jdbc;

import io.tunabledb.engine.url.Property;
import io.tunabledb.jdbc.contract.Wrapped;
import io.tunabledb.jdbc.pool.RequestBoundaries;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Collections;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import javax.sql.ConnectionPoolDataSource;
import javax.sql.DataSource;
import javax.sql.PooledConnection;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one {@code jdbc:tunable:} URL, one new session each: put a pool in front, or let it take the pooled
 * connections. There are none for XA: a transaction that is prepared here could not be ended from another process. A bean with the
 * properties {@code url}, {@code user} and {@code password}, and with those of a session, which the URL may have as
 * well and then wins: {@code consistency}, {@code consistencyTimeout}, {@code tokenScope} and {@code home}. It can be
 * bound in JNDI.
 */
public final class TunableDataSource implements DataSource, ConnectionPoolDataSource, Referenceable {

    static {
        RequestBoundaries.ask();
    }

    private static final String URL = "url";

    private volatile String url = "";
    /** What is given along with the URL, by the names of the URL's properties. */
    private final Map<String, String> properties = new ConcurrentHashMap<>();

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
        return properties.get(Property.USER.key());
    }

    /** Sets who connects. */
    public void setUser(@Nullable String user) {
        set(Property.USER, user);
    }

    /** Sets the password. There is no getter: nothing that prints beans should print it. */
    public void setPassword(@Nullable String password) {
        set(Property.PASSWORD, password);
    }

    /** The ladder for statements that nothing else decides for, or null when the URL says it. */
    public @Nullable String getConsistency() {
        return properties.get(Property.CONSISTENCY.key());
    }

    /** Sets that ladder, for example {@code BOUNDED_STALENESS (1 SECOND) ELSE LINEARIZABLE}; null leaves it to the URL. */
    public void setConsistency(@Nullable String consistency) {
        set(Property.CONSISTENCY, consistency);
    }

    /** How many milliseconds a statement waits for its level or its commit; 0 when the URL says it. */
    public int getConsistencyTimeout() {
        return number(Property.CONSISTENCY_TIMEOUT);
    }

    /** Sets that time, in milliseconds; 0 leaves it to the URL. */
    public void setConsistencyTimeout(int millis) {
        set(Property.CONSISTENCY_TIMEOUT, millis == 0 ? null : Integer.toString(millis));
    }

    /** {@code connection} or {@code datasource}, or null when the URL says it. */
    public @Nullable String getTokenScope() {
        return properties.get(Property.TOKEN_SCOPE.key());
    }

    /** Sets whether connections share what they have seen; null leaves it to the URL. */
    public void setTokenScope(@Nullable String scope) {
        set(Property.TOKEN_SCOPE, scope);
    }

    /** The node that connections are next to; 0 for all, or when the URL says it. */
    public int getHome() {
        return number(Property.HOME);
    }

    /** Sets that node; 0 leaves it to the URL. */
    public void setHome(int node) {
        set(Property.HOME, node == 0 ? null : Integer.toString(node));
    }

    private void set(Property property, @Nullable String value) {
        if (value == null) {
            properties.remove(property.key());
        } else {
            properties.put(property.key(), value);
        }
    }

    private int number(Property property) {
        return Integer.parseInt(properties.getOrDefault(property.key(), "0"));
    }

    @Override
    public Connection getConnection() throws SQLException {
        return TunableDriver.open(url, info());
    }

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
        return TunableDriver.open(url, info(user, password));
    }

    /** For pools that are built on it: its connections leave nothing behind for the next borrower. */
    @Override
    public PooledConnection getPooledConnection() throws SQLException {
        return TunableDriver.openPooled(url, info());
    }

    @Override
    public PooledConnection getPooledConnection(@Nullable String user, @Nullable String password) throws SQLException {
        return TunableDriver.openPooled(url, info(user, password));
    }

    private Properties info(@Nullable String user, @Nullable String password) {
        Properties info = info();
        put(info, Property.USER, user);
        put(info, Property.PASSWORD, password);
        return info;
    }

    private static void put(Properties info, Property property, @Nullable String value) {
        if (value == null) {
            info.remove(property.key());
        } else {
            info.setProperty(property.key(), value);
        }
    }

    private Properties info() {
        Properties info = new Properties();
        info.putAll(properties);
        return info;
    }

    /** What JNDI stores, the password included: a user who may read the directory may connect. */
    @Override
    public Reference getReference() {
        Reference reference =
                new Reference(TunableDataSource.class.getName(), TunableDataSourceFactory.class.getName(), null);
        reference.add(new StringRefAddr(URL, url));
        properties.forEach((key, value) -> reference.add(new StringRefAddr(key, value)));
        return reference;
    }

    /** The data source that {@code reference} is of. */
    static TunableDataSource of(Reference reference) {
        TunableDataSource source = new TunableDataSource();
        for (RefAddr address : Collections.list(reference.getAll())) {
            String value = String.valueOf(address.getContent());
            if (address.getType().equals(URL)) {
                source.url = value;
            } else {
                source.properties.put(address.getType(), value);
            }
        }
        return source;
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
