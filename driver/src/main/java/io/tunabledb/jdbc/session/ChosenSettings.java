package io.tunabledb.jdbc.session;

import io.tunabledb.engine.client.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A pool's own settings, which outlive its borrowers': what was set in any way before the first of them came, and what
 * methods of the connection, as opposed to SQL, have set last since then.
 */
public final class ChosenSettings {

    private boolean begun;
    private Properties clientInfo = new Properties();
    private boolean autoCommit = true;
    private int isolation = Connection.TRANSACTION_READ_COMMITTED;
    private @Nullable String schema;

    public void autoCommit(boolean chosen) {
        autoCommit = chosen;
    }

    public void isolation(int chosen) {
        isolation = chosen;
    }

    public void schema(String chosen) {
        schema = chosen;
    }

    /** A borrower comes. What the first one finds, by a pool's {@code connectionInitSql} say, each one after him gets. */
    public void begin(Session session, ClientInfo info) {
        if (begun) {
            return;
        }
        begun = true;
        session.resetToThis();
        clientInfo = info.all();
        autoCommit = session.autoCommit();
        isolation = session.isolation();
        // the session knows it, whether a method or SQL has set it
        schema = null;
    }

    /** Makes the session as new but for these. */
    public void restore(Session session, ClientInfo info) throws SQLException {
        info.set(clientInfo);
        session.reset(schema);
        if (session.autoCommit() != autoCommit) {
            session.setAutoCommit(autoCommit);
        }
        if (session.isolation() != isolation) {
            session.setIsolation(isolation);
        }
    }
}
