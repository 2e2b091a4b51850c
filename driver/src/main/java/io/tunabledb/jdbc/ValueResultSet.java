package io.tunabledb.jdbc;

import io.tunabledb.engine.Failures;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;

/**
 * The fifty-eight ways to get a column of a result set, which all pass on to rows that H2 made. Thin on purpose: a getter is one
 * null check and one call that the compiler inlines.
 */
abstract class ValueResultSet extends UpdateResultSet {

    private @Nullable ResultSet rows;

    ValueResultSet(ResultSet rows) {
        this.rows = rows;
    }

    /** The rows, or 90007 when this is closed. */
    final ResultSet rows() throws SQLException {
        ResultSet open = rows;
        if (open == null) {
            throw Misuse.closed();
        }
        return open;
    }

    /** Reads go to {@code next} from now on. */
    final void continueWith(ResultSet next) {
        rows = next;
    }

    /** Lets go of the rows and says whether this was still open. */
    boolean release() throws SQLException {
        ResultSet open = rows;
        rows = null;
        if (open == null) {
            return false;
        }
        open.close();
        return true;
    }

    @Override
    public final boolean isClosed() throws SQLException {
        return rows == null || rows.isClosed();
    }

    @Override
    public boolean wasNull() throws SQLException {
        try {
            return rows().wasNull();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Array getArray(int columnIndex) throws SQLException {
        try {
            return Told.by(Array.class, rows().getArray(columnIndex));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Array getArray(String columnLabel) throws SQLException {
        try {
            return Told.by(Array.class, rows().getArray(columnLabel));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public InputStream getAsciiStream(int columnIndex) throws SQLException {
        try {
            return rows().getAsciiStream(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public InputStream getAsciiStream(String columnLabel) throws SQLException {
        try {
            return rows().getAsciiStream(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public BigDecimal getBigDecimal(int columnIndex) throws SQLException {
        try {
            return rows().getBigDecimal(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    @Deprecated
    public BigDecimal getBigDecimal(int columnIndex, int scale) throws SQLException {
        try {
            return rows().getBigDecimal(columnIndex, scale);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public BigDecimal getBigDecimal(String columnLabel) throws SQLException {
        try {
            return rows().getBigDecimal(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    @Deprecated
    public BigDecimal getBigDecimal(String columnLabel, int scale) throws SQLException {
        try {
            return rows().getBigDecimal(columnLabel, scale);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public InputStream getBinaryStream(int columnIndex) throws SQLException {
        try {
            return rows().getBinaryStream(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public InputStream getBinaryStream(String columnLabel) throws SQLException {
        try {
            return rows().getBinaryStream(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Blob getBlob(int columnIndex) throws SQLException {
        try {
            return Told.by(Blob.class, rows().getBlob(columnIndex));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Blob getBlob(String columnLabel) throws SQLException {
        try {
            return Told.by(Blob.class, rows().getBlob(columnLabel));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean getBoolean(int columnIndex) throws SQLException {
        try {
            return rows().getBoolean(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean getBoolean(String columnLabel) throws SQLException {
        try {
            return rows().getBoolean(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public byte getByte(int columnIndex) throws SQLException {
        try {
            return rows().getByte(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public byte getByte(String columnLabel) throws SQLException {
        try {
            return rows().getByte(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public byte[] getBytes(int columnIndex) throws SQLException {
        try {
            return rows().getBytes(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public byte[] getBytes(String columnLabel) throws SQLException {
        try {
            return rows().getBytes(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Reader getCharacterStream(int columnIndex) throws SQLException {
        try {
            return rows().getCharacterStream(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Reader getCharacterStream(String columnLabel) throws SQLException {
        try {
            return rows().getCharacterStream(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Clob getClob(int columnIndex) throws SQLException {
        try {
            return Told.by(Clob.class, rows().getClob(columnIndex));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Clob getClob(String columnLabel) throws SQLException {
        try {
            return Told.by(Clob.class, rows().getClob(columnLabel));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Date getDate(int columnIndex) throws SQLException {
        try {
            return rows().getDate(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Date getDate(int columnIndex, Calendar calendar) throws SQLException {
        try {
            return rows().getDate(columnIndex, calendar);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Date getDate(String columnLabel) throws SQLException {
        try {
            return rows().getDate(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Date getDate(String columnLabel, Calendar calendar) throws SQLException {
        try {
            return rows().getDate(columnLabel, calendar);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public double getDouble(int columnIndex) throws SQLException {
        try {
            return rows().getDouble(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public double getDouble(String columnLabel) throws SQLException {
        try {
            return rows().getDouble(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public float getFloat(int columnIndex) throws SQLException {
        try {
            return rows().getFloat(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public float getFloat(String columnLabel) throws SQLException {
        try {
            return rows().getFloat(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int getInt(int columnIndex) throws SQLException {
        try {
            return rows().getInt(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int getInt(String columnLabel) throws SQLException {
        try {
            return rows().getInt(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public long getLong(int columnIndex) throws SQLException {
        try {
            return rows().getLong(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public long getLong(String columnLabel) throws SQLException {
        try {
            return rows().getLong(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Reader getNCharacterStream(int columnIndex) throws SQLException {
        try {
            return rows().getNCharacterStream(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Reader getNCharacterStream(String columnLabel) throws SQLException {
        try {
            return rows().getNCharacterStream(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public NClob getNClob(int columnIndex) throws SQLException {
        try {
            return Told.by(NClob.class, rows().getNClob(columnIndex));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public NClob getNClob(String columnLabel) throws SQLException {
        try {
            return Told.by(NClob.class, rows().getNClob(columnLabel));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public String getNString(int columnIndex) throws SQLException {
        try {
            return rows().getNString(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public String getNString(String columnLabel) throws SQLException {
        try {
            return rows().getNString(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Object getObject(int columnIndex) throws SQLException {
        try {
            return rows().getObject(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public <T> T getObject(int columnIndex, Class<T> type) throws SQLException {
        try {
            return rows().getObject(columnIndex, type);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Object getObject(String columnLabel) throws SQLException {
        try {
            return rows().getObject(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public <T> T getObject(String columnLabel, Class<T> type) throws SQLException {
        try {
            return rows().getObject(columnLabel, type);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public SQLXML getSQLXML(int columnIndex) throws SQLException {
        try {
            return Told.by(SQLXML.class, rows().getSQLXML(columnIndex));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public SQLXML getSQLXML(String columnLabel) throws SQLException {
        try {
            return Told.by(SQLXML.class, rows().getSQLXML(columnLabel));
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public short getShort(int columnIndex) throws SQLException {
        try {
            return rows().getShort(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public short getShort(String columnLabel) throws SQLException {
        try {
            return rows().getShort(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public String getString(int columnIndex) throws SQLException {
        try {
            return rows().getString(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public String getString(String columnLabel) throws SQLException {
        try {
            return rows().getString(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Time getTime(int columnIndex) throws SQLException {
        try {
            return rows().getTime(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Time getTime(int columnIndex, Calendar calendar) throws SQLException {
        try {
            return rows().getTime(columnIndex, calendar);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Time getTime(String columnLabel) throws SQLException {
        try {
            return rows().getTime(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Time getTime(String columnLabel, Calendar calendar) throws SQLException {
        try {
            return rows().getTime(columnLabel, calendar);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Timestamp getTimestamp(int columnIndex) throws SQLException {
        try {
            return rows().getTimestamp(columnIndex);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Timestamp getTimestamp(int columnIndex, Calendar calendar) throws SQLException {
        try {
            return rows().getTimestamp(columnIndex, calendar);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Timestamp getTimestamp(String columnLabel) throws SQLException {
        try {
            return rows().getTimestamp(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public Timestamp getTimestamp(String columnLabel, Calendar calendar) throws SQLException {
        try {
            return rows().getTimestamp(columnLabel, calendar);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }
}
