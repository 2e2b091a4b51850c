package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.h2.internals.H2Instance;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.h2.jdbc.JdbcConnection;

/**
 * The storage sessions that compile what stays in the schema. H2 keeps the session with a query that it has compiled into a
 * default or a check, and asks it again when the value is computed: when that session is closed, it takes the database for
 * closed (90098). So these stay open as long as their storage, and nobody else's rows are changed in them.
 */
public final class DefiningSessions {
    private static final int KEPT = 8;

    private final H2Instance h2;
    private final Deque<JdbcConnection> idle = new ArrayDeque<>();

    public DefiningSessions(H2Instance h2) {
        this.h2 = h2;
    }

    /** One for one definition at a time, without a transaction. */
    public JdbcConnection take() throws SQLException {
        synchronized (idle) {
            JdbcConnection kept = idle.poll();
            if (kept != null) {
                return kept;
            }
        }
        JdbcConnection opened = h2.open(H2Instance.Role.ADMIN);
        opened.setAutoCommit(false);
        return opened;
    }

    /** It has ended; what its transaction has done and not committed is rolled back. */
    public void giveBack(JdbcConnection connection) throws SQLException {
        if (connection.isClosed()) {
            return;
        }
        boolean isKept = false;
        try {
            connection.rollback();
            isKept = keep(connection);
        } finally {
            if (!isKept) {
                H2Instance.close(connection);
            }
        }
    }

    private boolean keep(JdbcConnection connection) {
        synchronized (idle) {
            if (idle.size() == KEPT) {
                return false;
            }
            idle.push(connection);
            return true;
        }
    }

    /** Closes those that nobody has. */
    public void close() {
        synchronized (idle) {
            idle.forEach(H2Instance::close);
            idle.clear();
        }
    }
}
