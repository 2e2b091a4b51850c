package io.tunabledb.jdbc.result;

import io.tunabledb.engine.client.Translator;
import io.tunabledb.jdbc.contract.Misuse;
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
 * The ways to get a column of a result set by its index, which all pass on to rows that H2 made. Thin on purpose: a getter is one
 * null check and one call that the compiler inlines.
 */
abstract class ValuesByIndex extends UpdatesByIndex {

    private final Translator translator;
    private @Nullable ResultSet rows;

    ValuesByIndex(ResultSet rows, Translator translator) {
        this.rows = rows;
        this.translator = translator;
    }

    /** The rows, or 90007 when this is closed. */
    protected final ResultSet rows() throws SQLException {
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
    public boolean release() throws SQLException {
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
            throw translated(e);
        }
    }

    /** What the reader of the rows gets for {@code failure}. */
    protected final SQLException translated(SQLException failure) {
        return translator.translateOfRows(failure);
    }

    /** A value as the application gets it. */
    final Object own(Object value) throws SQLException {
        return value == null ? value : LateAnswer.own(value, translator);
    }

    /** The same where {@code type} has it; else the value is of storage's own class because its user asked for that. */
    final <T> T own(T value, Class<T> type) throws SQLException {
        Object own = own(value);
        return type.isInstance(own) ? type.cast(own) : value;
    }

    /** What answers only later, and then fails as a statement does. */
    final <T> T later(Class<T> type, T own) {
        return LateAnswer.by(type, own, translator);
    }

    @Override
    public boolean wasNull() throws SQLException {
        return asked(ResultSet::wasNull);
    }

    @Override
    public Array getArray(int columnIndex) throws SQLException {
        return asked(rows -> later(Array.class, rows.getArray(columnIndex)));
    }

    @Override
    public InputStream getAsciiStream(int columnIndex) throws SQLException {
        return asked(rows -> rows.getAsciiStream(columnIndex));
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
    public InputStream getBinaryStream(int columnIndex) throws SQLException {
        return asked(rows -> rows.getBinaryStream(columnIndex));
    }

    @Override
    public Blob getBlob(int columnIndex) throws SQLException {
        return asked(rows -> later(Blob.class, rows.getBlob(columnIndex)));
    }

    @Override
    public boolean getBoolean(int columnIndex) throws SQLException {
        return asked(rows -> rows.getBoolean(columnIndex));
    }

    @Override
    public byte getByte(int columnIndex) throws SQLException {
        try {
            return rows().getByte(columnIndex);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    @Override
    public byte[] getBytes(int columnIndex) throws SQLException {
        return asked(rows -> rows.getBytes(columnIndex));
    }

    @Override
    public Reader getCharacterStream(int columnIndex) throws SQLException {
        return asked(rows -> rows.getCharacterStream(columnIndex));
    }

    @Override
    public Clob getClob(int columnIndex) throws SQLException {
        return asked(rows -> later(Clob.class, rows.getClob(columnIndex)));
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
    public double getDouble(int columnIndex) throws SQLException {
        try {
            return rows().getDouble(columnIndex);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    @Override
    public float getFloat(int columnIndex) throws SQLException {
        try {
            return rows().getFloat(columnIndex);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    @Override
    public int getInt(int columnIndex) throws SQLException {
        try {
            return rows().getInt(columnIndex);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    @Override
    public long getLong(int columnIndex) throws SQLException {
        try {
            return rows().getLong(columnIndex);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    @Override
    public Reader getNCharacterStream(int columnIndex) throws SQLException {
        return asked(rows -> rows.getNCharacterStream(columnIndex));
    }

    @Override
    public NClob getNClob(int columnIndex) throws SQLException {
        return asked(rows -> later(NClob.class, rows.getNClob(columnIndex)));
    }

    @Override
    public String getNString(int columnIndex) throws SQLException {
        return asked(rows -> rows.getNString(columnIndex));
    }

    @Override
    public Object getObject(int columnIndex) throws SQLException {
        return asked(rows -> own(rows.getObject(columnIndex)));
    }

    @Override
    public <T> T getObject(int columnIndex, Class<T> type) throws SQLException {
        return asked(rows -> own(rows.getObject(columnIndex, type), type));
    }

    @Override
    public SQLXML getSQLXML(int columnIndex) throws SQLException {
        return asked(rows -> later(SQLXML.class, rows.getSQLXML(columnIndex)));
    }

    @Override
    public short getShort(int columnIndex) throws SQLException {
        try {
            return rows().getShort(columnIndex);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    @Override
    public String getString(int columnIndex) throws SQLException {
        return asked(rows -> rows.getString(columnIndex));
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
    public Timestamp getTimestamp(int columnIndex) throws SQLException {
        return asked(rows -> rows.getTimestamp(columnIndex));
    }

    @Override
    public Timestamp getTimestamp(int columnIndex, Calendar calendar) throws SQLException {
        return asked(rows -> rows.getTimestamp(columnIndex, calendar));
    }
}
