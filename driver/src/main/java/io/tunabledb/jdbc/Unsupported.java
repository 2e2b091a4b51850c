package io.tunabledb.jdbc;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import java.sql.SQLException;

/**
 * How this driver says that it does not do something: always HYC00, always with what to do instead if there
 * is such.
 */
final class Unsupported {

    private Unsupported() {}

    static SQLException method(String name) {
        return Errors.of(SqlState.NOT_SUPPORTED, name + " is not supported by TunableDB");
    }

    static SQLException because(String fact, String instead) {
        return Errors.of(SqlState.NOT_SUPPORTED, fact + ": " + instead);
    }
}
