package io.tunabledb.jdbc;

import io.tunabledb.engine.Session;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What methods of a connection set last, as opposed to SQL: a pool's own settings, which outlive its borrowers'. */
final class ChosenSettings {

    private boolean autoCommit = true;
    private int isolation = Connection.TRANSACTION_READ_COMMITTED;
    private @Nullable String schema;

    void autoCommit(boolean chosen) {
        autoCommit = chosen;
    }

    void isolation(int chosen) {
        isolation = chosen;
    }

    void schema(String chosen) {
        schema = chosen;
    }

    /** Makes the session as new but for these. */
    void restore(Session session) throws SQLException {
        session.reset(schema);
        if (session.autoCommit() != autoCommit) {
            session.setAutoCommit(autoCommit);
        }
        if (session.isolation() != isolation) {
            session.setIsolation(isolation);
        }
    }
}
