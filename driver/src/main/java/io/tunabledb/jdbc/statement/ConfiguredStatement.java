package io.tunabledb.jdbc.statement;

import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.session.SharedSession;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What a user sets on a statement, which holds for all its executions. */
abstract class ConfiguredStatement extends SessionStatement {

    /** What H2 answers when nothing was set. */
    private static final int DEFAULT_FETCH_SIZE = 100;

    private final Cursor cursor;
    private boolean escapeProcessing = true;
    private long maxRows;
    private int queryTimeoutSeconds;
    private int fetchSize = DEFAULT_FETCH_SIZE;

    ConfiguredStatement(Connection connection, SharedSession shared, Cursor cursor) {
        super(connection, shared);
        this.cursor = cursor;
    }

    final Cursor cursor() {
        return cursor;
    }

    final boolean escapeProcessing() {
        return escapeProcessing;
    }

    /** Tells a prepared text what this statement was told. */
    final void configure(PreparedText text) throws SQLException {
        if (maxRows != 0) {
            text.setMaxRows(maxRows);
        }
        if (queryTimeoutSeconds != 0) {
            text.setQueryTimeout(queryTimeoutSeconds);
        }
    }

    @Override
    public final void setMaxRows(int rows) throws SQLException {
        setLargeMaxRows(rows);
    }

    @Override
    public final void setLargeMaxRows(long rows) throws SQLException {
        requireOpen();
        if (rows < 0) {
            throw Misuse.invalid("maxRows", rows);
        }
        enter();
        try {
            maxRows = rows;
            PreparedText text = text();
            if (text != null) {
                text.setMaxRows(rows);
            }
        } finally {
            leave();
        }
    }

    @Override
    public final int getMaxRows() throws SQLException {
        long rows = getLargeMaxRows();
        return rows <= Integer.MAX_VALUE ? (int) rows : 0;
    }

    @Override
    public final long getLargeMaxRows() throws SQLException {
        requireOpen();
        return maxRows;
    }

    /** In seconds; of this statement only, where H2 sets it for the whole connection. */
    @Override
    public final void setQueryTimeout(int seconds) throws SQLException {
        requireOpen();
        if (seconds < 0) {
            throw Misuse.invalid("seconds", seconds);
        }
        enter();
        try {
            queryTimeoutSeconds = seconds;
            PreparedText text = text();
            if (text != null) {
                text.setQueryTimeout(seconds);
            }
        } finally {
            leave();
        }
    }

    @Override
    public final int getQueryTimeout() throws SQLException {
        requireOpen();
        return queryTimeoutSeconds;
    }

    /** A hint that nothing needs: rows are in this JVM already. */
    @Override
    public final void setFetchSize(int rows) throws SQLException {
        requireOpen();
        if (rows < 0 || (rows > 0 && maxRows > 0 && rows > maxRows)) {
            throw Misuse.invalid("rows", rows);
        }
        fetchSize = rows == 0 ? DEFAULT_FETCH_SIZE : rows;
    }

    @Override
    public final int getFetchSize() throws SQLException {
        requireOpen();
        return fetchSize;
    }

    @Override
    public final void setFetchDirection(int direction) throws SQLException {
        requireOpen();
    }

    @Override
    public final int getFetchDirection() throws SQLException {
        requireOpen();
        return ResultSet.FETCH_FORWARD;
    }

    @Override
    public final void setMaxFieldSize(int max) throws SQLException {
        requireOpen();
    }

    @Override
    public final int getMaxFieldSize() throws SQLException {
        requireOpen();
        return 0;
    }

    @Override
    public final void setCursorName(String name) throws SQLException {
        requireOpen();
    }

    @Override
    public final void setEscapeProcessing(boolean enable) throws SQLException {
        requireOpen();
        escapeProcessing = enable;
    }

    @Override
    public final int getResultSetType() throws SQLException {
        requireOpen();
        return cursor.type();
    }

    @Override
    public final int getResultSetConcurrency() throws SQLException {
        requireOpen();
        return cursor.updatable() ? ResultSet.CONCUR_UPDATABLE : ResultSet.CONCUR_READ_ONLY;
    }

    @Override
    public final int getResultSetHoldability() throws SQLException {
        requireOpen();
        return ResultSet.HOLD_CURSORS_OVER_COMMIT;
    }

    @Override
    public final void setPoolable(boolean poolable) {}

    @Override
    public final boolean isPoolable() {
        return false;
    }
}
