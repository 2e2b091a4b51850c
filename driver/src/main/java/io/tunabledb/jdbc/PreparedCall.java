package io.tunabledb.jdbc;

import io.tunabledb.engine.Call;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.heap.Heap;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.ParameterMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement with one text and parameters. */
class PreparedCall extends UnsupportedPreparedStatement {

    private final String sql;
    private final Call call;
    private final ParameterValues parameters;
    private List<Parameters> batch = new ArrayList<>();

    /** Known to give rows; false also means not known yet. */
    private boolean query;

    PreparedCall(SessionConnection connection, Cursor cursor, String sql, Call call) {
        super(connection, cursor);
        this.sql = sql;
        this.call = call;
        parameters = new ParameterValues(call.parameterCount());
    }

    @Override
    Call call() {
        return call;
    }

    // ---- executing

    @Override
    public final ResultSet executeQuery() throws SQLException {
        enter();
        try {
            dropResults();
            requireQuery();
            return acceptRows(within(() -> call.execute(parameters)));
        } finally {
            leave();
        }
    }

    /** Whether an execution gives rows. */
    final boolean isQuery() throws SQLException {
        enter();
        try {
            return call.isQuery();
        } finally {
            leave();
        }
    }

    /** Makes a parameter NULL that has no value yet. */
    final void setIfUnset(int index) throws SQLException {
        if (!parameters.isSet(index)) {
            parameters.setNull(index);
        }
    }

    private void requireQuery() throws SQLException {
        if (!query) {
            query = call.isQuery();
            if (!query) {
                throw Misuse.notAQuery();
            }
        }
    }

    @Override
    public int executeUpdate() throws SQLException {
        return narrow(executeLargeUpdate());
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        enter();
        try {
            dropResults();
            boolean isCall = call.isQuery() && Calls.is(sql);
            if (call.isQuery() && !isCall) {
                throw Misuse.isAQuery();
            }
            Result result = within(() -> call.execute(parameters));
            return acceptCount(isCall ? Calls.counted(result) : result);
        } finally {
            leave();
        }
    }

    @Override
    public final boolean execute() throws SQLException {
        enter();
        try {
            dropResults();
            accept(within(() -> call.execute(parameters)));
            return hasRows();
        } finally {
            leave();
        }
    }

    @Override
    public final void addBatch() throws SQLException {
        enter();
        try {
            Heap.requireRoom("another element of the batch, which has " + batch.size() + ",");
            batch.add(parameters.snapshot());
        } finally {
            leave();
        }
    }

    @Override
    public final void clearBatch() throws SQLException {
        enter();
        try {
            batch = new ArrayList<>();
        } finally {
            leave();
        }
    }

    @Override
    public final int[] executeBatch() throws SQLException {
        return Batches.narrow(executeLargeBatch());
    }

    @Override
    public final long[] executeLargeBatch() throws SQLException {
        enter();
        try {
            dropResults();
            List<Parameters> elements = batch;
            batch = new ArrayList<>();
            if (elements.isEmpty()) {
                return new long[0];
            }
            return call.isQuery() ? countCalls(elements) : acceptBatch(within(() -> call.executeBatch(elements)));
        } finally {
            leave();
        }
    }

    /** Rows are no counts: all fail, except those of CALL, whose value is its count. */
    private long[] countCalls(List<Parameters> elements) throws SQLException {
        Batches.Counts counts = new Batches.Counts();
        for (Parameters element : elements) {
            counts.add(() -> {
                if (!Calls.is(sql)) {
                    throw Misuse.isAQuery();
                }
                return acceptCount(Calls.counted(within(() -> call.execute(element))));
            });
        }
        return counts.all();
    }

    private long[] acceptBatch(List<Result> results) throws SQLException {
        long[] counts = new long[results.size()];
        List<ResultSet> keys = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            Result result = results.get(i);
            counts[i] = acceptCount(result);
            ResultSet generated = result.keys();
            if (generated != null) {
                keys.add(generated);
            }
        }
        if (!keys.isEmpty()) {
            acceptKeys(new MergedKeys(this, keys));
        }
        return counts;
    }

    @Override
    public final @Nullable ResultSetMetaData getMetaData() throws SQLException {
        enter();
        try {
            return within(() -> call.describe().getMetaData());
        } finally {
            leave();
        }
    }

    @Override
    public final ParameterMetaData getParameterMetaData() throws SQLException {
        enter();
        try {
            return within(() -> new TextParameters(call.describeParameters()));
        } finally {
            leave();
        }
    }

    @Override
    public final String toString() {
        return sql;
    }

    // ---- parameters

    private void set(int index, Setter setter, @Nullable Object value) throws SQLException {
        requireOpen();
        if (value == null) {
            parameters.setNull(index);
        } else {
            parameters.set(index, setter, value);
        }
    }

    @Override
    public final void clearParameters() throws SQLException {
        requireOpen();
        parameters.clear();
    }

    @Override
    public final void setNull(int index, int sqlType) throws SQLException {
        set(index, Setter.NULL, null);
    }

    @Override
    public final void setNull(int index, int sqlType, @Nullable String typeName) throws SQLException {
        set(index, Setter.NULL, null);
    }

    @Override
    public final void setBoolean(int index, boolean x) throws SQLException {
        set(index, Setter.BOOLEAN, x);
    }

    @Override
    public final void setByte(int index, byte x) throws SQLException {
        set(index, Setter.BYTE, x);
    }

    @Override
    public final void setShort(int index, short x) throws SQLException {
        set(index, Setter.SHORT, x);
    }

    @Override
    public final void setInt(int index, int x) throws SQLException {
        set(index, Setter.INT, x);
    }

    @Override
    public final void setLong(int index, long x) throws SQLException {
        set(index, Setter.LONG, x);
    }

    @Override
    public final void setFloat(int index, float x) throws SQLException {
        set(index, Setter.FLOAT, x);
    }

    @Override
    public final void setDouble(int index, double x) throws SQLException {
        set(index, Setter.DOUBLE, x);
    }

    @Override
    public final void setBigDecimal(int index, @Nullable BigDecimal x) throws SQLException {
        set(index, Setter.DECIMAL, x);
    }

    @Override
    public final void setString(int index, @Nullable String x) throws SQLException {
        set(index, Setter.STRING, x);
    }

    @Override
    public final void setNString(int index, @Nullable String x) throws SQLException {
        set(index, Setter.STRING, x);
    }

    @Override
    public final void setBytes(int index, byte @Nullable [] x) throws SQLException {
        set(index, Setter.BYTES, x == null ? null : x.clone());
    }

    @Override
    public final void setDate(int index, @Nullable Date x) throws SQLException {
        set(index, Setter.DATE, x == null ? null : x.clone());
    }

    @Override
    public final void setTime(int index, @Nullable Time x) throws SQLException {
        set(index, Setter.TIME, x == null ? null : x.clone());
    }

    @Override
    public final void setTimestamp(int index, @Nullable Timestamp x) throws SQLException {
        set(index, Setter.TIMESTAMP, x == null ? null : x.clone());
    }

    @Override
    public final void setDate(int index, @Nullable Date x, @Nullable Calendar calendar) throws SQLException {
        setAt(index, Setter.DATE, Setter.DATE_AT, x, calendar);
    }

    @Override
    public final void setTime(int index, @Nullable Time x, @Nullable Calendar calendar) throws SQLException {
        setAt(index, Setter.TIME, Setter.TIME_AT, x, calendar);
    }

    @Override
    public final void setTimestamp(int index, @Nullable Timestamp x, @Nullable Calendar calendar) throws SQLException {
        setAt(index, Setter.TIMESTAMP, Setter.TIMESTAMP_AT, x, calendar);
    }

    private void setAt(int index, Setter here, Setter at, java.util.@Nullable Date x, @Nullable Calendar calendar)
            throws SQLException {
        if (x == null || calendar == null) {
            set(index, here, x == null ? null : Materialised.copy(x));
        } else {
            set(index, at, new Setter.At(Materialised.copy(x), (Calendar) calendar.clone()));
        }
    }

    private int checked(int index) throws SQLException {
        requireOpen();
        parameters.requireIndex(index);
        return index;
    }

    private void set(int index, Binding binding) throws SQLException {
        parameters.set(index, binding);
    }

    @Override
    public final void setObject(int index, @Nullable Object x) throws SQLException {
        set(checked(index), connection().convertible(Binding.object(x)));
    }

    @Override
    public final void setObject(int index, @Nullable Object x, int targetSqlType) throws SQLException {
        set(checked(index), connection().convertible(Binding.object(x, targetSqlType)));
    }

    @Override
    public final void setObject(int index, @Nullable Object x, @Nullable SQLType targetSqlType) throws SQLException {
        set(checked(index), connection().convertible(Binding.object(x, targetSqlType)));
    }

    /** The scale is the column's to say, as in H2. */
    @Override
    public final void setObject(int index, @Nullable Object x, int targetSqlType, int scaleOrLength)
            throws SQLException {
        setObject(index, x, targetSqlType);
    }

    @Override
    public final void setObject(int index, @Nullable Object x, @Nullable SQLType targetSqlType, int scaleOrLength)
            throws SQLException {
        setObject(index, x, targetSqlType);
    }

    @Override
    public final void setArray(int index, @Nullable Array x) throws SQLException {
        setObject(index, x);
    }

    private void setBinary(int index, @Nullable InputStream x, long length) throws SQLException {
        set(checked(index), Binding.bytes(x, length));
    }

    private void setText(int index, @Nullable Reader x, long length) throws SQLException {
        set(checked(index), Binding.text(x, length));
    }

    private void setAscii(int index, @Nullable InputStream x, long length) throws SQLException {
        set(checked(index), Binding.ascii(x, length));
    }

    @Override
    public final void setBlob(int index, @Nullable Blob x) throws SQLException {
        setObject(index, x);
    }

    @Override
    public final void setBlob(int index, @Nullable InputStream x) throws SQLException {
        setBinary(index, x, -1);
    }

    @Override
    public final void setBlob(int index, @Nullable InputStream x, long length) throws SQLException {
        setBinary(index, x, length);
    }

    @Override
    public final void setBinaryStream(int index, @Nullable InputStream x) throws SQLException {
        setBinary(index, x, -1);
    }

    @Override
    public final void setBinaryStream(int index, @Nullable InputStream x, int length) throws SQLException {
        setBinary(index, x, length);
    }

    @Override
    public final void setBinaryStream(int index, @Nullable InputStream x, long length) throws SQLException {
        setBinary(index, x, length);
    }

    @Override
    public final void setAsciiStream(int index, @Nullable InputStream x) throws SQLException {
        setAscii(index, x, -1);
    }

    @Override
    public final void setAsciiStream(int index, @Nullable InputStream x, int length) throws SQLException {
        setAscii(index, x, length);
    }

    @Override
    public final void setAsciiStream(int index, @Nullable InputStream x, long length) throws SQLException {
        setAscii(index, x, length);
    }

    @Override
    public final void setClob(int index, @Nullable Clob x) throws SQLException {
        setObject(index, x);
    }

    @Override
    public final void setClob(int index, @Nullable Reader x) throws SQLException {
        setText(index, x, -1);
    }

    @Override
    public final void setClob(int index, @Nullable Reader x, long length) throws SQLException {
        setText(index, x, length);
    }

    @Override
    public final void setNClob(int index, @Nullable NClob x) throws SQLException {
        setClob(index, x);
    }

    @Override
    public final void setNClob(int index, @Nullable Reader x) throws SQLException {
        setText(index, x, -1);
    }

    @Override
    public final void setNClob(int index, @Nullable Reader x, long length) throws SQLException {
        setText(index, x, length);
    }

    @Override
    public final void setCharacterStream(int index, @Nullable Reader x) throws SQLException {
        setText(index, x, -1);
    }

    @Override
    public final void setCharacterStream(int index, @Nullable Reader x, int length) throws SQLException {
        setText(index, x, length);
    }

    @Override
    public final void setCharacterStream(int index, @Nullable Reader x, long length) throws SQLException {
        setText(index, x, length);
    }

    @Override
    public final void setNCharacterStream(int index, @Nullable Reader x) throws SQLException {
        setText(index, x, -1);
    }

    @Override
    public final void setNCharacterStream(int index, @Nullable Reader x, long length) throws SQLException {
        setText(index, x, length);
    }

    @Override
    public final void setSQLXML(int index, @Nullable SQLXML x) throws SQLException {
        setObject(index, x);
    }
}
