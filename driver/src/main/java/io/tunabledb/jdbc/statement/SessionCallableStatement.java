package io.tunabledb.jdbc.statement;

import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.jdbc.contract.Misuse;
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
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.BitSet;
import java.util.Calendar;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call with values that come out: what {@code {? = call f(?)}} gives is a row, and its columns are the out
 * parameters, as in H2.
 */
public final class SessionCallableStatement extends OutputsByName {

    private final BitSet registered = new BitSet();
    private int outputCount;
    private @Nullable Map<String, Integer> names;

    public SessionCallableStatement(
            Connection connection, SharedSession shared, Cursor cursor, String sql, PreparedText text) {
        super(connection, shared, cursor, sql, text);
    }

    @Override
    public int executeUpdate() throws SQLException {
        return narrow(executeLargeUpdate());
    }

    /** A call gives rows, which are the out parameters, and so no count. */
    @Override
    public long executeLargeUpdate() throws SQLException {
        if (isQuery()) {
            var unused = executeQuery();
            return 0;
        }
        return super.executeLargeUpdate();
    }

    private ResultSetMetaData outputColumns() throws SQLException {
        ResultSetMetaData columns = getMetaData();
        if (columns == null) {
            throw Unsupported.method("An out parameter of what gives no rows");
        }
        return columns;
    }

    private void register(int index) throws SQLException {
        requireOpen();
        if (registered.isEmpty()) {
            outputCount = Math.min(
                    getParameterMetaData().getParameterCount(), outputColumns().getColumnCount());
        }
        requireOutput(index);
        setIfUnset(index);
        registered.set(index);
    }

    private void requireOutput(int index) throws SQLException {
        requireOpen();
        if (index < 1 || index > outputCount) {
            throw Misuse.invalid("parameterIndex", index);
        }
    }

    private ResultSet registered(int index) throws SQLException {
        requireOutput(index);
        if (!registered.get(index)) {
            throw Misuse.invalid("parameterIndex", index);
        }
        return outputs();
    }

    private ResultSet outputs() throws SQLException {
        requireOpen();
        ResultSet rows = getResultSet();
        if (rows == null) {
            throw Misuse.noData();
        }
        if (rows.isBeforeFirst()) {
            rows.next();
        }
        return rows;
    }

    @Override
    int indexOf(@Nullable String parameterName) throws SQLException {
        requireOpen();
        Map<String, Integer> known = names;
        if (known == null) {
            known = new HashMap<>();
            ResultSetMetaData columns = outputColumns();
            for (int column = 1; column <= columns.getColumnCount(); column++) {
                known.put(columns.getColumnLabel(column), column);
            }
            names = known;
        }
        Integer index = parameterName == null ? null : known.get(parameterName);
        if (index == null) {
            throw Misuse.invalid("parameterName", parameterName);
        }
        return index;
    }

    @Override
    public boolean wasNull() throws SQLException {
        return outputs().wasNull();
    }

    @Override
    public final Array getArray(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getArray(parameterIndex);
    }

    @Override
    @Deprecated
    public final BigDecimal getBigDecimal(int parameterIndex, int scale) throws SQLException {
        return registered(parameterIndex).getBigDecimal(parameterIndex, scale);
    }

    @Override
    public final BigDecimal getBigDecimal(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getBigDecimal(parameterIndex);
    }

    @Override
    public final Blob getBlob(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getBlob(parameterIndex);
    }

    @Override
    public final boolean getBoolean(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getBoolean(parameterIndex);
    }

    @Override
    public final byte getByte(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getByte(parameterIndex);
    }

    @Override
    public final byte[] getBytes(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getBytes(parameterIndex);
    }

    @Override
    public final Reader getCharacterStream(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getCharacterStream(parameterIndex);
    }

    @Override
    public final Clob getClob(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getClob(parameterIndex);
    }

    @Override
    public final Date getDate(int parameterIndex, @Nullable Calendar calendar) throws SQLException {
        return registered(parameterIndex).getDate(parameterIndex, calendar);
    }

    @Override
    public final Date getDate(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getDate(parameterIndex);
    }

    @Override
    public final double getDouble(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getDouble(parameterIndex);
    }

    @Override
    public final float getFloat(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getFloat(parameterIndex);
    }

    @Override
    public final int getInt(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getInt(parameterIndex);
    }

    @Override
    public final long getLong(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getLong(parameterIndex);
    }

    @Override
    public final Reader getNCharacterStream(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getNCharacterStream(parameterIndex);
    }

    @Override
    public final NClob getNClob(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getNClob(parameterIndex);
    }

    @Override
    public final String getNString(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getNString(parameterIndex);
    }

    @Override
    public final <T> T getObject(int parameterIndex, Class<T> type) throws SQLException {
        return outputs().getObject(parameterIndex, type);
    }

    @Override
    public final Object getObject(int parameterIndex, @Nullable Map<String, Class<?>> map) throws SQLException {
        throw Unsupported.method("CallableStatement.getObject");
    }

    @Override
    public final Object getObject(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getObject(parameterIndex);
    }

    @Override
    public final Ref getRef(int parameterIndex) throws SQLException {
        throw Unsupported.method("CallableStatement.getRef");
    }

    @Override
    public final RowId getRowId(int parameterIndex) throws SQLException {
        throw Unsupported.method("CallableStatement.getRowId");
    }

    @Override
    public final SQLXML getSQLXML(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getSQLXML(parameterIndex);
    }

    @Override
    public final short getShort(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getShort(parameterIndex);
    }

    @Override
    public final String getString(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getString(parameterIndex);
    }

    @Override
    public final Time getTime(int parameterIndex, @Nullable Calendar calendar) throws SQLException {
        return registered(parameterIndex).getTime(parameterIndex, calendar);
    }

    @Override
    public final Time getTime(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getTime(parameterIndex);
    }

    @Override
    public final Timestamp getTimestamp(int parameterIndex, @Nullable Calendar calendar) throws SQLException {
        return registered(parameterIndex).getTimestamp(parameterIndex, calendar);
    }

    @Override
    public final Timestamp getTimestamp(int parameterIndex) throws SQLException {
        return registered(parameterIndex).getTimestamp(parameterIndex);
    }

    @Override
    public final URL getURL(int parameterIndex) throws SQLException {
        throw Unsupported.method("CallableStatement.getURL");
    }

    @Override
    public final void registerOutParameter(int parameterIndex, int sqlType, @Nullable String typeName)
            throws SQLException {
        register(parameterIndex);
    }

    @Override
    public final void registerOutParameter(int parameterIndex, int sqlType, int scale) throws SQLException {
        register(parameterIndex);
    }

    @Override
    public final void registerOutParameter(int parameterIndex, int sqlType) throws SQLException {
        register(parameterIndex);
    }
}
