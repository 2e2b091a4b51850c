package io.tunabledb.engine.h2.internals;

import java.sql.SQLException;
import java.util.function.Supplier;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/** An H2 session's lock, which its statements hold while they run: what reaches into a session from beside holds it, too. */
public final class SessionLock {
    private SessionLock() {}

    /**
     * Does something under it.
     *
     * @throws SQLException what H2 threw meanwhile, as a statement would
     */
    public static <T extends @Nullable Object> T under(SessionLocal session, Supplier<T> action) throws SQLException {
        session.lock();
        try {
            return action.get();
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        } finally {
            session.unlock();
        }
    }
}
