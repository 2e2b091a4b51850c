package io.tunabledb.jdbc.statement;

import io.tunabledb.jdbc.parameter.Binding;
import io.tunabledb.jdbc.parameter.Materialised;
import io.tunabledb.jdbc.parameter.ParameterValues;
import io.tunabledb.jdbc.parameter.Setter;
import io.tunabledb.jdbc.session.SharedSession;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.Date;
import java.sql.NClob;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;

/** The ways to give a parameter of a prepared statement a value. */
abstract class ParametersByIndex extends UnsupportedPreparedStatement {

    private final ParameterValues parameters;

    ParametersByIndex(Connection connection, SharedSession shared, Cursor cursor, int count) {
        super(connection, shared, cursor);
        parameters = new ParameterValues(count);
    }

    /** What they have been given so far. */
    final ParameterValues parameters() {
        return parameters;
    }

    private void set(int index, Setter setter, @Nullable Object value) throws SQLException {
        requireOpen();
        if (value == null) {
            parameters.setNull(index);
        } else {
            parameters.set(index, setter, value);
        }
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

    @Override
    public final void setObject(int index, @Nullable Object x) throws SQLException {
        set(checked(index), convertible(Binding.object(x)));
    }

    @Override
    public final void setObject(int index, @Nullable Object x, int targetSqlType) throws SQLException {
        set(checked(index), convertible(Binding.object(x, targetSqlType)));
    }

    @Override
    public final void setObject(int index, @Nullable Object x, @Nullable SQLType targetSqlType) throws SQLException {
        set(checked(index), convertible(Binding.object(x, targetSqlType)));
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
