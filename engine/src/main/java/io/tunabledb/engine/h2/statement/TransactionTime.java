package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.StatementTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.util.JSR310Utils;
import org.h2.value.ValueTimestampTimeZone;
import org.jspecify.annotations.Nullable;

/**
 * The time of a client session's transaction: what CURRENT_TIMESTAMP and its kin give in all of its statements, whichever
 * storage sessions run them. As in H2 it is the time at which the first statement ran that asked for it. A statement over
 * several shards has one too. By the session's owner.
 */
public final class TransactionTime {
    /** Whether the next statement on a storage session belongs to the same transaction, or statement. */
    private boolean isKept;

    private @Nullable Instant asked;

    /**
     * That of another session's transaction, for a statement of it that runs here.
     *
     * @param time what its clock said when it was asked for the first time; null when it was not
     */
    public static TransactionTime carried(boolean isKept, @Nullable Instant time) {
        TransactionTime carried = new TransactionTime();
        carried.isKept = isKept;
        carried.asked = time;
        return carried;
    }

    /** Whether the next statement has the same time as this one. */
    public boolean isKept() {
        return isKept;
    }

    /** What the clock said when it was asked for the first time; null when it was not. */
    public @Nullable Instant asked() {
        return asked;
    }

    /** A statement of the transaction that ran elsewhere asked for the time; null: it did not. */
    public void wasAsked(@Nullable Instant time) {
        if (isKept && asked == null) {
            asked = time;
        }
    }

    /** A client's statement begins; in autocommit mode it is a transaction of its own. */
    public void begin(boolean autoCommit) {
        if (autoCommit) {
            end();
        } else {
            isKept = true;
        }
    }

    /** The statement that has begun runs on several storage sessions. */
    public void share() {
        isKept = true;
    }

    /** The transaction has ended. */
    public void end() {
        isKept = false;
        asked = null;
    }

    /** The time of what is accepted now, to be executed later, as precise as H2's clock. */
    public Instant accepted() {
        Instant known = asked;
        if (known == null) {
            known = Instant.now().truncatedTo(ChronoUnit.MICROS);
            if (isKept) {
                asked = known;
            }
        }
        return known;
    }

    /** Something that runs on a storage session. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws SQLException;
    }

    /** Runs a query on a storage session that may be in autocommit mode: outside of a transaction in that mode only. */
    public <T> T read(Connection connection, Work<T> query) throws SQLException {
        if (!isKept) {
            return query.run();
        }
        SessionLocal session = session(connection);
        if (!session.getAutoCommit()) {
            return run(session, query);
        }
        // H2 forgets the time at the commit that ends the query, and AUTOCOMMIT() shows the mode
        session.setAutoCommit(false);
        try {
            return run(session, query);
        } finally {
            session.setAutoCommit(true);
            commit(session);
        }
    }

    private static void commit(SessionLocal session) throws SQLException {
        session.lock();
        try {
            if (!session.isClosed()) {
                session.commit(false);
            }
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        } finally {
            session.unlock();
        }
    }

    /** Runs a statement on a storage session that is in a transaction. */
    public <T> T write(Connection connection, Work<T> statement) throws SQLException {
        return isKept ? run(session(connection), statement) : statement.run();
    }

    public <T> T run(SessionLocal session, Work<T> statement) throws SQLException {
        if (!isKept) {
            return statement.run();
        }
        Instant known = asked;
        if (known != null) {
            StatementTime.set(session, known);
        }
        try {
            return statement.run();
        } finally {
            if (known == null) {
                ValueTimestampTimeZone time = StatementTime.get(session);
                asked = time == null ? null : JSR310Utils.valueToInstant(time, session);
            }
        }
    }

    private static SessionLocal session(Connection connection) throws SQLException {
        return H2Instance.session(connection.unwrap(JdbcConnection.class));
    }
}
