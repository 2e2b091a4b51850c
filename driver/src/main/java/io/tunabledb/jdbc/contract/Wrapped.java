package io.tunabledb.jdbc.contract;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The common half of {@link java.sql.Wrapper}. */
public final class Wrapped {

    private Wrapped() {}

    public static boolean is(Object object, @Nullable Class<?> type) {
        return type != null && type.isInstance(object);
    }

    public static <T> T unwrap(Object object, @Nullable Class<T> type) throws SQLException {
        if (type == null || !type.isInstance(object)) {
            throw Misuse.invalid("iface", type);
        }
        return type.cast(object);
    }
}
