package io.tunabledb.jdbc.connection;

import io.tunabledb.jdbc.contract.Misuse;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/**
 * A place in one connection's transaction; valid until it is released. What a rollback or a commit does to
 * it, the session knows.
 */
final class SessionSavepoint implements Savepoint {

    private final SessionConnection owner;
    private final int id;
    private final @Nullable String name;
    private boolean released;

    /** {@code id} counts the connection's savepoints; {@code name} is null when the user gave none. */
    SessionSavepoint(SessionConnection owner, int id, @Nullable String name) {
        this.owner = owner;
        this.id = id;
        this.name = name;
    }

    /** The name by which the session of {@code user} knows it; 90063 when that is no longer, or another's. */
    String key(SessionConnection user) throws SQLException {
        if (released || owner != user) {
            throw Misuse.savepointInvalid(this);
        }
        return toString();
    }

    private void requireValid() throws SQLException {
        if (released) {
            throw Misuse.savepointInvalid(this);
        }
    }

    void release() {
        released = true;
    }

    @Override
    public int getSavepointId() throws SQLException {
        requireValid();
        if (name != null) {
            throw Misuse.savepointNamed();
        }
        return id;
    }

    @Override
    public String getSavepointName() throws SQLException {
        requireValid();
        if (name == null) {
            throw Misuse.savepointUnnamed();
        }
        return name;
    }

    @Override
    public String toString() {
        return name != null ? name : "SYSTEM_SAVEPOINT_" + id;
    }
}
