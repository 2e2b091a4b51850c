package io.tunabledb.jdbc.connection;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.EmbeddedSession;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.client.Session;
import java.sql.SQLException;

/** What only a database that runs in this process has: its nodes and its figures. */
final class ThisProcess {

    private ThisProcess() {}

    /** The session as one of this process; HYC00 when its database runs elsewhere. */
    static EmbeddedSession of(Session session) throws SQLException {
        if (session instanceof EmbeddedSession embedded) {
            return embedded;
        }
        throw Errors.of(
                SqlState.NOT_SUPPORTED,
                "the database runs in other processes, which show their nodes and figures in schema TUNABLE; ask that");
    }
}
