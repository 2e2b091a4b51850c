package io.tunabledb.jdbc;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;

/**
 * How this driver says that it does not do something: as H2 does where H2 does not either, else
 * 0A000 and what to do instead.
 */
final class Unsupported {

    private Unsupported() {}

    /** What H2 does not do either: its state and code. */
    static SQLException method(String name) {
        return new SQLFeatureNotSupportedException(name + " is not supported", "HYC00", 50100);
    }

    static SQLException because(String fact, String instead) {
        return Errors.of(SqlState.NOT_SUPPORTED, fact + ": " + instead);
    }
}
