package io.tunabledb.jdbc.session;

import io.tunabledb.jdbc.contract.Misuse;
import java.sql.ClientInfoStatus;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The names that JDBC gives a connection's user to identify himself by. Remembered, used for nothing yet. */
public final class ClientInfo {

    private static final Set<String> KNOWN = Set.of("ApplicationName", "ClientUser", "ClientHostname");

    private final Map<String, String> values = new ConcurrentHashMap<>();

    public void set(@Nullable String name, @Nullable String value) throws SQLClientInfoException {
        if (name == null || !KNOWN.contains(name)) {
            throw new SQLClientInfoException(
                    "Client info \"" + name + "\" is unknown; known are ApplicationName, ClientHostname, ClientUser",
                    "22023",
                    Map.of(String.valueOf(name), ClientInfoStatus.REASON_UNKNOWN_PROPERTY));
        }
        if (value == null) {
            values.remove(name);
        } else {
            values.put(name, value);
        }
    }

    /** Replaces all. */
    public void set(Properties properties) throws SQLClientInfoException {
        values.clear();
        for (String name : properties.stringPropertyNames()) {
            set(name, properties.getProperty(name));
        }
    }

    @Nullable
    public String get(@Nullable String name) throws SQLException {
        if (name == null) {
            throw Misuse.invalid("name", null);
        }
        return values.get(name);
    }

    public Properties all() {
        Properties all = new Properties();
        all.putAll(values);
        return all;
    }
}
