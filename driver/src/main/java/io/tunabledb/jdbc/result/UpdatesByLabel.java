package io.tunabledb.jdbc.result;

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

/** The ways to give a column of a result set a value by its label, which come to those by its index. */
abstract class UpdatesByLabel extends UnsupportedResultSet {

    @Override
    public final void updateArray(String columnLabel, @Nullable Array x) throws SQLException {
        updateArray(findColumn(columnLabel), x);
    }

    @Override
    public final void updateAsciiStream(String columnLabel, @Nullable InputStream x, int length) throws SQLException {
        updateAsciiStream(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateAsciiStream(String columnLabel, @Nullable InputStream x, long length) throws SQLException {
        updateAsciiStream(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateAsciiStream(String columnLabel, @Nullable InputStream x) throws SQLException {
        updateAsciiStream(findColumn(columnLabel), x);
    }

    @Override
    public final void updateBigDecimal(String columnLabel, @Nullable BigDecimal x) throws SQLException {
        updateBigDecimal(findColumn(columnLabel), x);
    }

    @Override
    public final void updateBinaryStream(String columnLabel, @Nullable InputStream x, int length) throws SQLException {
        updateBinaryStream(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateBinaryStream(String columnLabel, @Nullable InputStream x, long length) throws SQLException {
        updateBinaryStream(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateBinaryStream(String columnLabel, @Nullable InputStream x) throws SQLException {
        updateBinaryStream(findColumn(columnLabel), x);
    }

    @Override
    public final void updateBlob(String columnLabel, @Nullable InputStream x, long length) throws SQLException {
        updateBlob(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateBlob(String columnLabel, @Nullable InputStream x) throws SQLException {
        updateBlob(findColumn(columnLabel), x);
    }

    @Override
    public final void updateBlob(String columnLabel, @Nullable Blob x) throws SQLException {
        updateBlob(findColumn(columnLabel), x);
    }

    @Override
    public final void updateBoolean(String columnLabel, boolean x) throws SQLException {
        updateBoolean(findColumn(columnLabel), x);
    }

    @Override
    public final void updateByte(String columnLabel, byte x) throws SQLException {
        updateByte(findColumn(columnLabel), x);
    }

    @Override
    public final void updateBytes(String columnLabel, byte @Nullable [] x) throws SQLException {
        updateBytes(findColumn(columnLabel), x);
    }

    @Override
    public final void updateCharacterStream(String columnLabel, @Nullable Reader x, int length) throws SQLException {
        updateCharacterStream(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateCharacterStream(String columnLabel, @Nullable Reader x, long length) throws SQLException {
        updateCharacterStream(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateCharacterStream(String columnLabel, @Nullable Reader x) throws SQLException {
        updateCharacterStream(findColumn(columnLabel), x);
    }

    @Override
    public final void updateClob(String columnLabel, @Nullable Reader x, long length) throws SQLException {
        updateClob(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateClob(String columnLabel, @Nullable Reader x) throws SQLException {
        updateClob(findColumn(columnLabel), x);
    }

    @Override
    public final void updateClob(String columnLabel, @Nullable Clob x) throws SQLException {
        updateClob(findColumn(columnLabel), x);
    }

    @Override
    public final void updateDate(String columnLabel, @Nullable Date x) throws SQLException {
        updateDate(findColumn(columnLabel), x);
    }

    @Override
    public final void updateDouble(String columnLabel, double x) throws SQLException {
        updateDouble(findColumn(columnLabel), x);
    }

    @Override
    public final void updateFloat(String columnLabel, float x) throws SQLException {
        updateFloat(findColumn(columnLabel), x);
    }

    @Override
    public final void updateInt(String columnLabel, int x) throws SQLException {
        updateInt(findColumn(columnLabel), x);
    }

    @Override
    public final void updateLong(String columnLabel, long x) throws SQLException {
        updateLong(findColumn(columnLabel), x);
    }

    @Override
    public final void updateNCharacterStream(String columnLabel, @Nullable Reader x, long length) throws SQLException {
        updateNCharacterStream(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateNCharacterStream(String columnLabel, @Nullable Reader x) throws SQLException {
        updateNCharacterStream(findColumn(columnLabel), x);
    }

    @Override
    public final void updateNClob(String columnLabel, @Nullable Reader x, long length) throws SQLException {
        updateNClob(findColumn(columnLabel), x, length);
    }

    @Override
    public final void updateNClob(String columnLabel, @Nullable Reader x) throws SQLException {
        updateNClob(findColumn(columnLabel), x);
    }

    @Override
    public final void updateNClob(String columnLabel, @Nullable NClob x) throws SQLException {
        updateNClob(findColumn(columnLabel), x);
    }

    @Override
    public final void updateNString(String columnLabel, @Nullable String x) throws SQLException {
        updateNString(findColumn(columnLabel), x);
    }

    @Override
    public final void updateNull(String columnLabel) throws SQLException {
        updateNull(findColumn(columnLabel));
    }

    @Override
    public final void updateObject(String columnLabel, @Nullable Object x, int scaleOrLength) throws SQLException {
        updateObject(findColumn(columnLabel), x, scaleOrLength);
    }

    @Override
    public final void updateObject(String columnLabel, @Nullable Object x, SQLType type, int scaleOrLength)
            throws SQLException {
        updateObject(findColumn(columnLabel), x, type, scaleOrLength);
    }

    @Override
    public final void updateObject(String columnLabel, @Nullable Object x, SQLType type) throws SQLException {
        updateObject(findColumn(columnLabel), x, type);
    }

    @Override
    public final void updateObject(String columnLabel, @Nullable Object x) throws SQLException {
        updateObject(findColumn(columnLabel), x);
    }

    @Override
    public final void updateSQLXML(String columnLabel, @Nullable SQLXML x) throws SQLException {
        updateSQLXML(findColumn(columnLabel), x);
    }

    @Override
    public final void updateShort(String columnLabel, short x) throws SQLException {
        updateShort(findColumn(columnLabel), x);
    }

    @Override
    public final void updateString(String columnLabel, @Nullable String x) throws SQLException {
        updateString(findColumn(columnLabel), x);
    }

    @Override
    public final void updateTime(String columnLabel, @Nullable Time x) throws SQLException {
        updateTime(findColumn(columnLabel), x);
    }

    @Override
    public final void updateTimestamp(String columnLabel, @Nullable Timestamp x) throws SQLException {
        updateTimestamp(findColumn(columnLabel), x);
    }
}
