package io.tunabledb.jdbc.statement;

import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.jdbc.contract.Unsupported;
import io.tunabledb.jdbc.session.SharedSession;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The getters of a call's outputs by name: the names of the columns that the call gives. */
abstract class OutputsByName extends ParametersByName {

    OutputsByName(Connection connection, SharedSession shared, Cursor cursor, String sql, PreparedText text) {
        super(connection, shared, cursor, sql, text);
    }

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
}
