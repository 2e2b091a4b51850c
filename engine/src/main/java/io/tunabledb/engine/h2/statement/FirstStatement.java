package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.internals.AllKeywords;
import io.tunabledb.engine.h2.internals.H2Instance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.h2.jdbc.JdbcConnection;

/**
 * A statement that reads no table and fixes what its transaction sees: H2 opens a snapshot with the first statement. It means
 * the same whatever words the session has freed, and is never compiled again.
 */
public final class FirstStatement {
    private static final String TEXT = "VALUES 1";

    private FirstStatement() {}

    /** One for {@code connection}; the caller closes it. */
    public static PreparedStatement prepare(Connection connection) throws SQLException {
        PreparedStatement statement = AllKeywords.in(
                H2Instance.session(connection.unwrap(JdbcConnection.class)), () -> connection.prepareStatement(TEXT));
        SessionNames.keepCompiled(statement);
        return statement;
    }
}
