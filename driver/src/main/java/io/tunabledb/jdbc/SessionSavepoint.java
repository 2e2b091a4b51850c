package io.tunabledb.jdbc;

import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/**
 * A place in one connection's transaction.
 *
 * @param owner the connection it belongs to; it means nothing to another
 * @param id counts the connection's unnamed savepoints
 * @param name what the user called it, or null
 */
record SessionSavepoint(
        SessionConnection owner, int id, @Nullable String name) implements Savepoint {

    /** The name the session knows it by. */
    String key() {
        return name != null ? name : "SYSTEM_SAVEPOINT_" + id;
    }

    @Override
    public int getSavepointId() throws SQLException {
        if (name != null) {
            throw Misuse.savepointNamed();
        }
        return id;
    }

    @Override
    public String getSavepointName() throws SQLException {
        if (name == null) {
            throw Misuse.savepointUnnamed();
        }
        return name;
    }

    @Override
    public String toString() {
        return key();
    }
}
