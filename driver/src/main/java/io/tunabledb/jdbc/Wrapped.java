package io.tunabledb.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The common half of {@link java.sql.Wrapper}. */
final class Wrapped {

    private Wrapped() {}

    static boolean is(Object object, @Nullable Class<?> type) {
        return type != null && type.isInstance(object);
    }

    static <T> T unwrap(Object object, @Nullable Class<T> type) throws SQLException {
        if (type == null || !type.isInstance(object)) {
            throw Misuse.invalid("iface", type);
        }
        return type.cast(object);
    }
}
