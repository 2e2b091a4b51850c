package io.tunabledb.jdbc;

import java.sql.SQLException;

/** The common half of {@link java.sql.Wrapper}. */
final class Wrapped {

    private Wrapped() {}

    static <T> T unwrap(Object object, Class<T> type) throws SQLException {
        if (!type.isInstance(object)) {
            throw Misuse.invalid("iface", type);
        }
        return type.cast(object);
    }
}
