package io.tunabledb.jdbc.statement;

import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.jdbc.contract.Unsupported;
import io.tunabledb.jdbc.session.SharedSession;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.Date;
import java.sql.NClob;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;

/** The setters of a call's parameters by name: the names of the columns that the call gives. */
abstract class ParametersByName extends SessionPreparedStatement implements CallableStatement {

    ParametersByName(Connection connection, SharedSession shared, Cursor cursor, String sql, PreparedText text) {
        super(connection, shared, cursor, sql, text);
    }

    /** The index of a parameter of that name; 90008 when there is none. */
    abstract int indexOf(@Nullable String parameterName) throws SQLException;

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
