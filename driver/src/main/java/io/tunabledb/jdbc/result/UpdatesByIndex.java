package io.tunabledb.jdbc.result;

import io.tunabledb.jdbc.parameter.Binding;
import io.tunabledb.jdbc.parameter.Setter;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * The ways to give a column of a result set a value by its index, which all come to {@link #update(int, Binding)}.
 */
abstract class UpdatesByIndex extends UpdatesByLabel {

    /** Remembers a value for the row under the cursor or the row to insert; {@code column} counts from 1. */
    abstract void update(int column, Binding value) throws SQLException;

    /** The same {@code column}; 90008 when there is none of that number. */
    abstract int checked(int column) throws SQLException;

    /** The same {@code value}; 22018 when it can't become of the type that it is to be of. */
    abstract Binding convertible(Binding value) throws SQLException;

    @Override
    public final void updateArray(int columnIndex, @Nullable Array x) throws SQLException {
        update(checked(columnIndex), Binding.object(x));
    }

    @Override
    public final void updateAsciiStream(int columnIndex, @Nullable InputStream x, int length) throws SQLException {
        update(checked(columnIndex), Binding.ascii(x, length));
    }

    @Override
    public final void updateAsciiStream(int columnIndex, @Nullable InputStream x, long length) throws SQLException {
        update(checked(columnIndex), Binding.ascii(x, length));
    }

    @Override
    public final void updateAsciiStream(int columnIndex, @Nullable InputStream x) throws SQLException {
        update(checked(columnIndex), Binding.ascii(x, -1));
    }

    @Override
    public final void updateBigDecimal(int columnIndex, @Nullable BigDecimal x) throws SQLException {
        update(columnIndex, Binding.of(Setter.DECIMAL, x));
    }

    @Override
    public final void updateBinaryStream(int columnIndex, @Nullable InputStream x, int length) throws SQLException {
        update(checked(columnIndex), Binding.bytes(x, length));
    }

    @Override
    public final void updateBinaryStream(int columnIndex, @Nullable InputStream x, long length) throws SQLException {
        update(checked(columnIndex), Binding.bytes(x, length));
    }

    @Override
    public final void updateBinaryStream(int columnIndex, @Nullable InputStream x) throws SQLException {
        update(checked(columnIndex), Binding.bytes(x, -1));
    }

    @Override
    public final void updateBlob(int columnIndex, @Nullable InputStream x, long length) throws SQLException {
        update(checked(columnIndex), Binding.bytes(x, length));
    }

    @Override
    public final void updateBlob(int columnIndex, @Nullable InputStream x) throws SQLException {
        update(checked(columnIndex), Binding.bytes(x, -1));
    }

    @Override
    public final void updateBlob(int columnIndex, @Nullable Blob x) throws SQLException {
        update(checked(columnIndex), Binding.object(x));
    }

    @Override
    public final void updateBoolean(int columnIndex, boolean x) throws SQLException {
        update(columnIndex, Binding.of(Setter.BOOLEAN, x));
    }

    @Override
    public final void updateByte(int columnIndex, byte x) throws SQLException {
        update(columnIndex, Binding.of(Setter.BYTE, x));
    }

    @Override
    public final void updateBytes(int columnIndex, byte @Nullable [] x) throws SQLException {
        update(columnIndex, Binding.copy(Setter.BYTES, x));
    }

    @Override
    public final void updateCharacterStream(int columnIndex, @Nullable Reader x, int length) throws SQLException {
        update(checked(columnIndex), Binding.text(x, length));
    }

    @Override
    public final void updateCharacterStream(int columnIndex, @Nullable Reader x, long length) throws SQLException {
        update(checked(columnIndex), Binding.text(x, length));
    }

    @Override
    public final void updateCharacterStream(int columnIndex, @Nullable Reader x) throws SQLException {
        update(checked(columnIndex), Binding.text(x, -1));
    }

    @Override
    public final void updateClob(int columnIndex, @Nullable Reader x, long length) throws SQLException {
        update(checked(columnIndex), Binding.text(x, length));
    }

    @Override
    public final void updateClob(int columnIndex, @Nullable Reader x) throws SQLException {
        update(checked(columnIndex), Binding.text(x, -1));
    }

    @Override
    public final void updateClob(int columnIndex, @Nullable Clob x) throws SQLException {
        update(checked(columnIndex), Binding.object(x));
    }

    @Override
    public final void updateDate(int columnIndex, @Nullable Date x) throws SQLException {
        update(columnIndex, Binding.copy(Setter.DATE, x));
    }

    @Override
    public final void updateDouble(int columnIndex, double x) throws SQLException {
        update(columnIndex, Binding.of(Setter.DOUBLE, x));
    }

    @Override
    public final void updateFloat(int columnIndex, float x) throws SQLException {
        update(columnIndex, Binding.of(Setter.FLOAT, x));
    }

    @Override
    public final void updateInt(int columnIndex, int x) throws SQLException {
        update(columnIndex, Binding.of(Setter.INT, x));
    }

    @Override
    public final void updateLong(int columnIndex, long x) throws SQLException {
        update(columnIndex, Binding.of(Setter.LONG, x));
    }

    @Override
    public final void updateNCharacterStream(int columnIndex, @Nullable Reader x, long length) throws SQLException {
        update(checked(columnIndex), Binding.text(x, length));
    }

    @Override
    public final void updateNCharacterStream(int columnIndex, @Nullable Reader x) throws SQLException {
        update(checked(columnIndex), Binding.text(x, -1));
    }

    @Override
    public final void updateNClob(int columnIndex, @Nullable Reader x, long length) throws SQLException {
        update(checked(columnIndex), Binding.text(x, length));
    }

    @Override
    public final void updateNClob(int columnIndex, @Nullable Reader x) throws SQLException {
        update(checked(columnIndex), Binding.text(x, -1));
    }

    @Override
    public final void updateNClob(int columnIndex, @Nullable NClob x) throws SQLException {
        update(checked(columnIndex), Binding.object(x));
    }

    @Override
    public final void updateNString(int columnIndex, @Nullable String x) throws SQLException {
        update(columnIndex, Binding.of(Setter.STRING, x));
    }

    @Override
    public final void updateNull(int columnIndex) throws SQLException {
        update(columnIndex, Binding.NULL);
    }

    @Override
    public final void updateObject(int columnIndex, @Nullable Object x, int scaleOrLength) throws SQLException {
        update(checked(columnIndex), Binding.object(x));
    }

    @Override
    public final void updateObject(int columnIndex, @Nullable Object x, SQLType type, int scaleOrLength)
            throws SQLException {
        update(checked(columnIndex), convertible(Binding.object(x, type)));
    }

    @Override
    public final void updateObject(int columnIndex, @Nullable Object x, SQLType type) throws SQLException {
        update(checked(columnIndex), convertible(Binding.object(x, type)));
    }

    @Override
    public final void updateObject(int columnIndex, @Nullable Object x) throws SQLException {
        update(checked(columnIndex), Binding.object(x));
    }

    @Override
    public final void updateSQLXML(int columnIndex, @Nullable SQLXML x) throws SQLException {
        update(checked(columnIndex), Binding.object(x));
    }

    @Override
    public final void updateShort(int columnIndex, short x) throws SQLException {
        update(columnIndex, Binding.of(Setter.SHORT, x));
    }

    @Override
    public final void updateString(int columnIndex, @Nullable String x) throws SQLException {
        update(columnIndex, Binding.of(Setter.STRING, x));
    }

    @Override
    public final void updateTime(int columnIndex, @Nullable Time x) throws SQLException {
        update(columnIndex, Binding.copy(Setter.TIME, x));
    }

    @Override
    public final void updateTimestamp(int columnIndex, @Nullable Timestamp x) throws SQLException {
        update(columnIndex, Binding.copy(Setter.TIMESTAMP, x));
    }
}
