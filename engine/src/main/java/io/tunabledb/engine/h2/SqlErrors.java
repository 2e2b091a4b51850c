package io.tunabledb.engine.h2;

import java.sql.SQLException;
import org.h2.message.DbException;

/** H2's errors where they did not come from a statement of ours: carried through the log, or found before H2 is asked. */
public final class SqlErrors {

    private SqlErrors() {}

    /** The exception H2 throws for this state and code, of the JDBC class it uses. */
    public static SQLException of(String message, String sqlState, int errorCode) {
        return DbException.getJdbcSQLException(message, null, sqlState, errorCode, null, null);
    }

    /** H2's answer to an argument out of range. */
    public static SQLException invalidValue(String parameter, Object value) {
        return DbException.getInvalidValueException(parameter, value).getSQLException();
    }
}
