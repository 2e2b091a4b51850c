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

    /** What is asked of rows. */
    @FunctionalInterface
    interface Question<T> {
        T of(ResultSet rows) throws SQLException;
    }

    /**
     * The rows' answer, or the error as a statement would tell it. Numbers by their column's index, which a scan gets by the
     * million, don't pass here: they would be boxed where no compiler looks through.
     */
    final <T> T asked(Question<T> question) throws SQLException {
        try {
            return question.of(rows());
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean wasNull() throws SQLException {
        return asked(ResultSet::wasNull);
    }

    @Override
    public Array getArray(int columnIndex) throws SQLException {
        return asked(rows -> Told.by(Array.class, rows.getArray(columnIndex)));
    }

    @Override
    public Array getArray(String columnLabel) throws SQLException {
        return asked(rows -> Told.by(Array.class, rows.getArray(columnLabel)));
    }

    @Override
    public InputStream getAsciiStream(int columnIndex) throws SQLException {
        return asked(rows -> rows.getAsciiStream(columnIndex));
    }

    @Override
    public InputStream getAsciiStream(String columnLabel) throws SQLException {
        return asked(rows -> rows.getAsciiStream(columnLabel));
    }

    @Override
    public BigDecimal getBigDecimal(int columnIndex) throws SQLException {
        return asked(rows -> rows.getBigDecimal(columnIndex));
    }

    @Override
    @Deprecated
    public BigDecimal getBigDecimal(int columnIndex, int scale) throws SQLException {
        return asked(rows -> rows.getBigDecimal(columnIndex, scale));
    }

    @Override
    public BigDecimal getBigDecimal(String columnLabel) throws SQLException {
        return asked(rows -> rows.getBigDecimal(columnLabel));
    }

    @Override
    @Deprecated
    public BigDecimal getBigDecimal(String columnLabel, int scale) throws SQLException {
        return asked(rows -> rows.getBigDecimal(columnLabel, scale));
    }

    @Override
    public InputStream getBinaryStream(int columnIndex) throws SQLException {
        return asked(rows -> rows.getBinaryStream(columnIndex));
    }

    @Override
    public InputStream getBinaryStream(String columnLabel) throws SQLException {
        return asked(rows -> rows.getBinaryStream(columnLabel));
    }

    @Override
    public Blob getBlob(int columnIndex) throws SQLException {
        return asked(rows -> Told.by(Blob.class, rows.getBlob(columnIndex)));
    }

    @Override
    public Blob getBlob(String columnLabel) throws SQLException {
        return asked(rows -> Told.by(Blob.class, rows.getBlob(columnLabel)));
    }

    @Override
    public boolean getBoolean(int columnIndex) throws SQLException {
        return asked(rows -> rows.getBoolean(columnIndex));
    }

    @Override
    public boolean getBoolean(String columnLabel) throws SQLException {
        return asked(rows -> rows.getBoolean(columnLabel));
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
        return asked(rows -> rows.getByte(columnLabel));
    }

    @Override
    public byte[] getBytes(int columnIndex) throws SQLException {
        return asked(rows -> rows.getBytes(columnIndex));
    }

    @Override
    public byte[] getBytes(String columnLabel) throws SQLException {
        return asked(rows -> rows.getBytes(columnLabel));
    }

    @Override
    public Reader getCharacterStream(int columnIndex) throws SQLException {
        return asked(rows -> rows.getCharacterStream(columnIndex));
    }

    @Override
    public Reader getCharacterStream(String columnLabel) throws SQLException {
        return asked(rows -> rows.getCharacterStream(columnLabel));
    }

    @Override
    public Clob getClob(int columnIndex) throws SQLException {
        return asked(rows -> Told.by(Clob.class, rows.getClob(columnIndex)));
    }

    @Override
    public Clob getClob(String columnLabel) throws SQLException {
        return asked(rows -> Told.by(Clob.class, rows.getClob(columnLabel)));
    }

    @Override
    public Date getDate(int columnIndex) throws SQLException {
        return asked(rows -> rows.getDate(columnIndex));
    }

    @Override
    public Date getDate(int columnIndex, Calendar calendar) throws SQLException {
        return asked(rows -> rows.getDate(columnIndex, calendar));
    }

    @Override
    public Date getDate(String columnLabel) throws SQLException {
        return asked(rows -> rows.getDate(columnLabel));
    }

    @Override
    public Date getDate(String columnLabel, Calendar calendar) throws SQLException {
        return asked(rows -> rows.getDate(columnLabel, calendar));
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
        return asked(rows -> rows.getDouble(columnLabel));
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
        return asked(rows -> rows.getFloat(columnLabel));
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
        return asked(rows -> rows.getInt(columnLabel));
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
        return asked(rows -> rows.getLong(columnLabel));
    }

    @Override
    public Reader getNCharacterStream(int columnIndex) throws SQLException {
        return asked(rows -> rows.getNCharacterStream(columnIndex));
    }

    @Override
    public Reader getNCharacterStream(String columnLabel) throws SQLException {
        return asked(rows -> rows.getNCharacterStream(columnLabel));
    }

    @Override
    public NClob getNClob(int columnIndex) throws SQLException {
        return asked(rows -> Told.by(NClob.class, rows.getNClob(columnIndex)));
    }

    @Override
    public NClob getNClob(String columnLabel) throws SQLException {
        return asked(rows -> Told.by(NClob.class, rows.getNClob(columnLabel)));
    }

    @Override
    public String getNString(int columnIndex) throws SQLException {
        return asked(rows -> rows.getNString(columnIndex));
    }

    @Override
    public String getNString(String columnLabel) throws SQLException {
        return asked(rows -> rows.getNString(columnLabel));
    }

    @Override
    public Object getObject(int columnIndex) throws SQLException {
        return asked(rows -> rows.getObject(columnIndex));
    }

    @Override
    public <T> T getObject(int columnIndex, Class<T> type) throws SQLException {
        return asked(rows -> rows.getObject(columnIndex, type));
    }

    @Override
    public Object getObject(String columnLabel) throws SQLException {
        return asked(rows -> rows.getObject(columnLabel));
    }

    @Override
    public <T> T getObject(String columnLabel, Class<T> type) throws SQLException {
        return asked(rows -> rows.getObject(columnLabel, type));
    }

    @Override
    public SQLXML getSQLXML(int columnIndex) throws SQLException {
        return asked(rows -> Told.by(SQLXML.class, rows.getSQLXML(columnIndex)));
    }

    @Override
    public SQLXML getSQLXML(String columnLabel) throws SQLException {
        return asked(rows -> Told.by(SQLXML.class, rows.getSQLXML(columnLabel)));
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
        return asked(rows -> rows.getShort(columnLabel));
    }

    @Override
    public String getString(int columnIndex) throws SQLException {
        return asked(rows -> rows.getString(columnIndex));
    }

    @Override
    public String getString(String columnLabel) throws SQLException {
        return asked(rows -> rows.getString(columnLabel));
    }

    @Override
    public Time getTime(int columnIndex) throws SQLException {
        return asked(rows -> rows.getTime(columnIndex));
    }

    @Override
    public Time getTime(int columnIndex, Calendar calendar) throws SQLException {
        return asked(rows -> rows.getTime(columnIndex, calendar));
    }

    @Override
    public Time getTime(String columnLabel) throws SQLException {
        return asked(rows -> rows.getTime(columnLabel));
    }

    @Override
    public Time getTime(String columnLabel, Calendar calendar) throws SQLException {
        return asked(rows -> rows.getTime(columnLabel, calendar));
    }

    @Override
    public Timestamp getTimestamp(int columnIndex) throws SQLException {
        return asked(rows -> rows.getTimestamp(columnIndex));
    }

    @Override
    public Timestamp getTimestamp(int columnIndex, Calendar calendar) throws SQLException {
        return asked(rows -> rows.getTimestamp(columnIndex, calendar));
    }

    @Override
    public Timestamp getTimestamp(String columnLabel) throws SQLException {
        return asked(rows -> rows.getTimestamp(columnLabel));
    }

    @Override
    public Timestamp getTimestamp(String columnLabel, Calendar calendar) throws SQLException {
        return asked(rows -> rows.getTimestamp(columnLabel, calendar));
    }
}
