package io.tunabledb.jdbc.statement;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.client.Session;
import io.tunabledb.engine.client.Translator;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.parameter.Binding;
import io.tunabledb.jdbc.result.ReadResultSet;
import io.tunabledb.jdbc.result.ResultOwner;
import io.tunabledb.jdbc.result.StatementResultSet;
import io.tunabledb.jdbc.result.UpdatableResultSet;
import io.tunabledb.jdbc.session.Conversions;
import io.tunabledb.jdbc.session.SharedSession;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** A statement with the results of its last execution: what statements with and without parameters have in common. */
abstract class ResultStatement extends ConfiguredStatement implements ResultOwner {

    private boolean closeOnCompletion;

    private @Nullable ReadResultSet current;
    private @Nullable ReadResultSet keys;
    /** 0 before the first execution, as in H2. */
    private long updateCount;

    private volatile @Nullable Receipt receipt;
    private @Nullable SQLWarning warning;

    ResultStatement(Connection connection, SharedSession shared, Cursor cursor) {
        super(connection, shared, cursor);
    }

    // ---- what an execution gives

    /** Closes what the last execution left open. */
    final void dropResults() throws SQLException {
        ReadResultSet oldRows = current;
        ReadResultSet oldKeys = keys;
        current = null;
        keys = null;
        updateCount = -1;
        receipt = null;
        warning = null;
        if (oldRows != null) {
            oldRows.release();
        }
        if (oldKeys != null) {
            oldKeys.release();
        }
    }

    @Override
    final void releaseResults() throws SQLException {
        Receipt last = receipt;
        try {
            dropResults();
        } finally {
            receipt = last;
        }
    }

    /** Takes over what an execution gave. */
    final void accept(Result result) {
        receipt = result.receipt();
        warning = result.warning();
        ResultSet rows = result.rows();
        if (rows != null) {
            current = cursor().updatable() ? new UpdatableResultSet(this, rows) : new StatementResultSet(this, rows);
            return;
        }
        updateCount = result.count();
        ResultSet generated = result.keys();
        if (generated != null) {
            keys = new StatementResultSet(this, generated);
        }
    }

    /** Takes over the keys of a batch. */
    final void acceptKeys(ReadResultSet generated) {
        keys = generated;
    }

    /** Takes over a result that must be rows. */
    final ResultSet acceptRows(Result result) throws SQLException {
        accept(result);
        ReadResultSet rows = current;
        if (rows == null) {
            throw Misuse.notAQuery();
        }
        return rows;
    }

    /** Takes over a result that must be a count. */
    final long acceptCount(Result result) throws SQLException {
        accept(result);
        if (current != null) {
            dropResults();
            throw Misuse.isAQuery();
        }
        return updateCount;
    }

    /** Whether the last execution gave rows. */
    final boolean hasRows() {
        return current != null;
    }

    static int narrow(long count) {
        return count <= Integer.MAX_VALUE ? (int) count : SUCCESS_NO_INFO;
    }

    // ---- what result sets ask of it

    @Override
    public final void completed() throws SQLException {
        if (closeOnCompletion && isDone(current) && isDone(keys)) {
            close();
        }
    }

    private static boolean isDone(@Nullable ReadResultSet results) throws SQLException {
        return results == null || results.isClosed();
    }

    @Override
    public final Binding convertible(Binding value) throws SQLException {
        return Conversions.checked(shared(), value);
    }

    @Override
    public final Translator translator() {
        return shared().translator();
    }

    // ---- what the user asks of it

    @Override
    public final @Nullable Receipt receipt() {
        return receipt;
    }

    @Override
    public final @Nullable ResultSet getResultSet() throws SQLException {
        requireOpen();
        return current;
    }

    @Override
    public final int getUpdateCount() throws SQLException {
        return narrow(getLargeUpdateCount());
    }

    @Override
    public final long getLargeUpdateCount() throws SQLException {
        requireOpen();
        return updateCount;
    }

    @Override
    public final ResultSet getGeneratedKeys() throws SQLException {
        Session session = enter();
        try {
            if (keys == null) {
                keys = new StatementResultSet(
                        this, within(() -> session.dialect().noKeys()));
            }
            return keys;
        } finally {
            leave();
        }
    }

    @Override
    public final boolean getMoreResults() throws SQLException {
        return getMoreResults(CLOSE_CURRENT_RESULT);
    }

    @Override
    public final boolean getMoreResults(int what) throws SQLException {
        if (what != CLOSE_CURRENT_RESULT && what != CLOSE_ALL_RESULTS && what != KEEP_CURRENT_RESULT) {
            throw Misuse.invalid("current", what);
        }
        enter();
        try {
            if (what != KEEP_CURRENT_RESULT) {
                releaseResults();
            }
            return false;
        } finally {
            leave();
        }
    }

    @Override
    public final @Nullable SQLWarning getWarnings() throws SQLException {
        requireOpen();
        return warning;
    }

    @Override
    public final void clearWarnings() throws SQLException {
        requireOpen();
        warning = null;
    }

    @Override
    public final void closeOnCompletion() throws SQLException {
        requireOpen();
        closeOnCompletion = true;
    }

    @Override
    public final boolean isCloseOnCompletion() throws SQLException {
        requireOpen();
        return closeOnCompletion;
    }
}
