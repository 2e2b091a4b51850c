package io.tunabledb.jdbc;

import io.tunabledb.engine.Call;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call whose parameters go by name as well: the names of the columns that the call gives. */
abstract class NamedCall extends PreparedCall implements CallableStatement {

    NamedCall(SessionConnection connection, Cursor cursor, String sql, Call call) {
        super(connection, cursor, sql, call);
    }

    /** The index of a parameter of that name; 90008 when there is none. */
    abstract int indexOf(@Nullable String parameterName) throws SQLException;

    @Override
    public final Array getArray(String parameterName) throws SQLException {
        return getArray(indexOf(parameterName));
    }

    @Override
    public final BigDecimal getBigDecimal(String parameterName) throws SQLException {
        return getBigDecimal(indexOf(parameterName));
    }

    @Override
    public final Blob getBlob(String parameterName) throws SQLException {
        return getBlob(indexOf(parameterName));
    }

    @Override
    public final boolean getBoolean(String parameterName) throws SQLException {
        return getBoolean(indexOf(parameterName));
    }

    @Override
    public final byte getByte(String parameterName) throws SQLException {
        return getByte(indexOf(parameterName));
    }

    @Override
    public final byte[] getBytes(String parameterName) throws SQLException {
        return getBytes(indexOf(parameterName));
    }

    @Override
    public final Reader getCharacterStream(String parameterName) throws SQLException {
        return getCharacterStream(indexOf(parameterName));
    }

    @Override
    public final Clob getClob(String parameterName) throws SQLException {
        return getClob(indexOf(parameterName));
    }

    @Override
    public final Date getDate(String parameterName, @Nullable Calendar calendar) throws SQLException {
        return getDate(indexOf(parameterName), calendar);
    }

    @Override
    public final Date getDate(String parameterName) throws SQLException {
        return getDate(indexOf(parameterName));
    }

    @Override
    public final double getDouble(String parameterName) throws SQLException {
        return getDouble(indexOf(parameterName));
    }

    @Override
    public final float getFloat(String parameterName) throws SQLException {
        return getFloat(indexOf(parameterName));
    }

    @Override
    public final int getInt(String parameterName) throws SQLException {
        return getInt(indexOf(parameterName));
    }

    @Override
    public final long getLong(String parameterName) throws SQLException {
        return getLong(indexOf(parameterName));
    }

    @Override
    public final Reader getNCharacterStream(String parameterName) throws SQLException {
        return getNCharacterStream(indexOf(parameterName));
    }

    @Override
    public final NClob getNClob(String parameterName) throws SQLException {
        return getNClob(indexOf(parameterName));
    }

    @Override
    public final String getNString(String parameterName) throws SQLException {
        return getNString(indexOf(parameterName));
    }

    @Override
    public final <T> T getObject(String parameterName, Class<T> type) throws SQLException {
        return getObject(indexOf(parameterName), type);
    }

    @Override
    public final Object getObject(String parameterName, @Nullable Map<String, Class<?>> map) throws SQLException {
        throw Unsupported.method("CallableStatement.getObject");
    }

    @Override
    public final Object getObject(String parameterName) throws SQLException {
        return getObject(indexOf(parameterName));
    }

    @Override
    public final Ref getRef(String parameterName) throws SQLException {
        throw Unsupported.method("CallableStatement.getRef");
    }

    @Override
    public final RowId getRowId(String parameterName) throws SQLException {
        throw Unsupported.method("CallableStatement.getRowId");
    }

    @Override
    public final SQLXML getSQLXML(String parameterName) throws SQLException {
        return getSQLXML(indexOf(parameterName));
    }

    @Override
    public final short getShort(String parameterName) throws SQLException {
        return getShort(indexOf(parameterName));
    }

    @Override
    public final String getString(String parameterName) throws SQLException {
        return getString(indexOf(parameterName));
    }

    @Override
    public final Time getTime(String parameterName, @Nullable Calendar calendar) throws SQLException {
        return getTime(indexOf(parameterName), calendar);
    }

    @Override
    public final Time getTime(String parameterName) throws SQLException {
        return getTime(indexOf(parameterName));
    }

    @Override
    public final Timestamp getTimestamp(String parameterName, @Nullable Calendar calendar) throws SQLException {
        return getTimestamp(indexOf(parameterName), calendar);
    }

    @Override
    public final Timestamp getTimestamp(String parameterName) throws SQLException {
        return getTimestamp(indexOf(parameterName));
    }

    @Override
    public final URL getURL(String parameterName) throws SQLException {
        throw Unsupported.method("CallableStatement.getURL");
    }

    @Override
    public final void registerOutParameter(String parameterName, int sqlType, @Nullable String typeName)
            throws SQLException {
        registerOutParameter(indexOf(parameterName), sqlType, typeName);
    }

    @Override
    public final void registerOutParameter(String parameterName, int sqlType, int scale) throws SQLException {
        registerOutParameter(indexOf(parameterName), sqlType, scale);
    }

    @Override
    public final void registerOutParameter(String parameterName, int sqlType) throws SQLException {
        registerOutParameter(indexOf(parameterName), sqlType);
    }

    @Override
    public final void setAsciiStream(String parameterName, @Nullable InputStream x, int length) throws SQLException {
        setAsciiStream(indexOf(parameterName), x, length);
    }

    @Override
    public final void setAsciiStream(String parameterName, @Nullable InputStream x, long length) throws SQLException {
        setAsciiStream(indexOf(parameterName), x, length);
    }

    @Override
    public final void setAsciiStream(String parameterName, @Nullable InputStream x) throws SQLException {
        setAsciiStream(indexOf(parameterName), x);
    }

    @Override
    public final void setBigDecimal(String parameterName, @Nullable BigDecimal x) throws SQLException {
        setBigDecimal(indexOf(parameterName), x);
    }

    @Override
    public final void setBinaryStream(String parameterName, @Nullable InputStream x, int length) throws SQLException {
        setBinaryStream(indexOf(parameterName), x, length);
    }

    @Override
    public final void setBinaryStream(String parameterName, @Nullable InputStream x, long length) throws SQLException {
        setBinaryStream(indexOf(parameterName), x, length);
    }

    @Override
    public final void setBinaryStream(String parameterName, @Nullable InputStream x) throws SQLException {
        setBinaryStream(indexOf(parameterName), x);
    }

    @Override
    public final void setBlob(String parameterName, @Nullable InputStream x, long length) throws SQLException {
        setBlob(indexOf(parameterName), x, length);
    }

    @Override
    public final void setBlob(String parameterName, @Nullable InputStream x) throws SQLException {
        setBlob(indexOf(parameterName), x);
    }

    @Override
    public final void setBlob(String parameterName, @Nullable Blob x) throws SQLException {
        setBlob(indexOf(parameterName), x);
    }

    @Override
    public final void setBoolean(String parameterName, boolean x) throws SQLException {
        setBoolean(indexOf(parameterName), x);
    }

    @Override
    public final void setByte(String parameterName, byte x) throws SQLException {
        setByte(indexOf(parameterName), x);
    }

    @Override
    public final void setBytes(String parameterName, byte @Nullable [] x) throws SQLException {
        setBytes(indexOf(parameterName), x);
    }

    @Override
    public final void setCharacterStream(String parameterName, @Nullable Reader x, int length) throws SQLException {
        setCharacterStream(indexOf(parameterName), x, length);
    }

    @Override
    public final void setCharacterStream(String parameterName, @Nullable Reader x, long length) throws SQLException {
        setCharacterStream(indexOf(parameterName), x, length);
    }

    @Override
    public final void setCharacterStream(String parameterName, @Nullable Reader x) throws SQLException {
        setCharacterStream(indexOf(parameterName), x);
    }

    @Override
    public final void setClob(String parameterName, @Nullable Reader x, long length) throws SQLException {
        setClob(indexOf(parameterName), x, length);
    }

    @Override
    public final void setClob(String parameterName, @Nullable Reader x) throws SQLException {
        setClob(indexOf(parameterName), x);
    }

    @Override
    public final void setClob(String parameterName, @Nullable Clob x) throws SQLException {
        setClob(indexOf(parameterName), x);
    }

    @Override
    public final void setDate(String parameterName, @Nullable Date x, @Nullable Calendar calendar) throws SQLException {
        setDate(indexOf(parameterName), x, calendar);
    }

    @Override
    public final void setDate(String parameterName, @Nullable Date x) throws SQLException {
        setDate(indexOf(parameterName), x);
    }

    @Override
    public final void setDouble(String parameterName, double x) throws SQLException {
        setDouble(indexOf(parameterName), x);
    }

    @Override
    public final void setFloat(String parameterName, float x) throws SQLException {
        setFloat(indexOf(parameterName), x);
    }

    @Override
    public final void setInt(String parameterName, int x) throws SQLException {
        setInt(indexOf(parameterName), x);
    }

    @Override
    public final void setLong(String parameterName, long x) throws SQLException {
        setLong(indexOf(parameterName), x);
    }

    @Override
    public final void setNCharacterStream(String parameterName, @Nullable Reader x, long length) throws SQLException {
        setNCharacterStream(indexOf(parameterName), x, length);
    }

    @Override
    public final void setNCharacterStream(String parameterName, @Nullable Reader x) throws SQLException {
        setNCharacterStream(indexOf(parameterName), x);
    }

    @Override
    public final void setNClob(String parameterName, @Nullable Reader x, long length) throws SQLException {
        setNClob(indexOf(parameterName), x, length);
    }

    @Override
    public final void setNClob(String parameterName, @Nullable Reader x) throws SQLException {
        setNClob(indexOf(parameterName), x);
    }

    @Override
    public final void setNClob(String parameterName, @Nullable NClob x) throws SQLException {
        setNClob(indexOf(parameterName), x);
    }

    @Override
    public final void setNString(String parameterName, @Nullable String x) throws SQLException {
        setNString(indexOf(parameterName), x);
    }

    @Override
    public final void setNull(String parameterName, int sqlType, @Nullable String typeName) throws SQLException {
        setNull(indexOf(parameterName), sqlType, typeName);
    }

    @Override
    public final void setNull(String parameterName, int sqlType) throws SQLException {
        setNull(indexOf(parameterName), sqlType);
    }

    @Override
    public final void setObject(String parameterName, @Nullable Object x, int sqlType, int scale) throws SQLException {
        setObject(indexOf(parameterName), x, sqlType, scale);
    }

    @Override
    public final void setObject(String parameterName, @Nullable Object x, int sqlType) throws SQLException {
        setObject(indexOf(parameterName), x, sqlType);
    }

    @Override
    public final void setObject(String parameterName, @Nullable Object x, @Nullable SQLType sqlType, int scale)
            throws SQLException {
        setObject(indexOf(parameterName), x, sqlType, scale);
    }

    @Override
    public final void setObject(String parameterName, @Nullable Object x, @Nullable SQLType sqlType)
            throws SQLException {
        setObject(indexOf(parameterName), x, sqlType);
    }

    @Override
    public final void setObject(String parameterName, @Nullable Object x) throws SQLException {
        setObject(indexOf(parameterName), x);
    }

    @Override
    public final void setRowId(String parameterName, @Nullable RowId x) throws SQLException {
        throw Unsupported.method("CallableStatement.setRowId");
    }

    @Override
    public final void setSQLXML(String parameterName, @Nullable SQLXML x) throws SQLException {
        setSQLXML(indexOf(parameterName), x);
    }

    @Override
    public final void setShort(String parameterName, short x) throws SQLException {
        setShort(indexOf(parameterName), x);
    }

    @Override
    public final void setString(String parameterName, @Nullable String x) throws SQLException {
        setString(indexOf(parameterName), x);
    }

    @Override
    public final void setTime(String parameterName, @Nullable Time x, @Nullable Calendar calendar) throws SQLException {
        setTime(indexOf(parameterName), x, calendar);
    }

    @Override
    public final void setTime(String parameterName, @Nullable Time x) throws SQLException {
        setTime(indexOf(parameterName), x);
    }

    @Override
    public final void setTimestamp(String parameterName, @Nullable Timestamp x, @Nullable Calendar calendar)
            throws SQLException {
        setTimestamp(indexOf(parameterName), x, calendar);
    }

    @Override
    public final void setTimestamp(String parameterName, @Nullable Timestamp x) throws SQLException {
        setTimestamp(indexOf(parameterName), x);
    }

    @Override
    public final void setURL(String parameterName, @Nullable URL x) throws SQLException {
        throw Unsupported.method("CallableStatement.setURL");
    }
}
