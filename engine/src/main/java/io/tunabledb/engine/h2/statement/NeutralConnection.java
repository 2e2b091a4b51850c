package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.codec.ResultCodec;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's storage connection to no replica: results that came from another node are read through it, and values that go to one
 * are bound there. By one thread at a time.
 */
public final class NeutralConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NeutralConnection.class);
    private static final byte[] NO_VALUES = {0};

    private @Nullable Connection own;
    private @Nullable String zone;

    /** Sets values on a statement, as often as it is asked to. */
    @FunctionalInterface
    public interface Binding {
        void bind(PreparedStatement target) throws SQLException;
    }

    /** The connection, with this SET of the session's time zone; null: without one. */
    public Connection in(@Nullable String timeZone) throws SQLException {
        Connection known = own;
        if (known == null) {
            known = ResultCodec.open();
            own = known;
        }
        if (zone != null && timeZone == null) {
            close();
            return in(null);
        }
        if (timeZone != null && !timeZone.equals(zone)) {
            try (Statement statement = known.createStatement()) {
                statement.execute(timeZone);
            }
            zone = timeZone;
        }
        return known;
    }

    /** The values that are bound, as {@link BoundValues} writes them: what their types are only the statement they are for knows. */
    public byte[] values(@Nullable String timeZone, Binding binding) throws SQLException {
        int count = count(binding);
        if (count == 0) {
            return NO_VALUES;
        }
        String text = "SELECT 1 WHERE FALSE" + " OR ? IS NULL".repeat(count);
        try (PreparedStatement statement = in(timeZone).prepareStatement(text)) {
            binding.bind(statement);
            return BoundValues.encode(statement);
        }
    }

    /** How many there are: every setter begins with the position it sets. */
    private static int count(Binding binding) throws SQLException {
        int[] highest = {0};
        binding.bind((PreparedStatement) Proxy.newProxyInstance(
                NeutralConnection.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (proxy, method, arguments) -> {
                    if (arguments != null && arguments.length > 1 && arguments[0] instanceof Integer position) {
                        highest[0] = Math.max(highest[0], position);
                        return null;
                    }
                    throw new UnsupportedOperationException(method.getName());
                }));
        return highest[0];
    }

    @Override
    public void close() {
        Connection known = own;
        own = null;
        zone = null;
        try {
            if (known != null) {
                known.close();
            }
        } catch (SQLException e) {
            LOG.trace("it is closed already", e);
        }
    }
}
