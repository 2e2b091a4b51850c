package io.tunabledb.jdbc.result;

import io.tunabledb.engine.client.Translator;
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

/** The ways to get a column of a result set by its label, which H2 looks up. */
abstract class ValuesByLabel extends ValuesByIndex {

    ValuesByLabel(ResultSet rows, Translator translator) {
        super(rows, translator);
    }

    @Override
    public Array getArray(String columnLabel) throws SQLException {
        return asked(rows -> later(Array.class, rows.getArray(columnLabel)));
    }

    @Override
    public InputStream getAsciiStream(String columnLabel) throws SQLException {
        return asked(rows -> rows.getAsciiStream(columnLabel));
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
    public InputStream getBinaryStream(String columnLabel) throws SQLException {
        return asked(rows -> rows.getBinaryStream(columnLabel));
    }

    @Override
    public Blob getBlob(String columnLabel) throws SQLException {
        return asked(rows -> later(Blob.class, rows.getBlob(columnLabel)));
    }

    @Override
    public boolean getBoolean(String columnLabel) throws SQLException {
        return asked(rows -> rows.getBoolean(columnLabel));
    }

    @Override
    public byte getByte(String columnLabel) throws SQLException {
        return asked(rows -> rows.getByte(columnLabel));
    }

    @Override
    public byte[] getBytes(String columnLabel) throws SQLException {
        return asked(rows -> rows.getBytes(columnLabel));
    }

    @Override
    public Reader getCharacterStream(String columnLabel) throws SQLException {
        return asked(rows -> rows.getCharacterStream(columnLabel));
    }

    @Override
    public Clob getClob(String columnLabel) throws SQLException {
        return asked(rows -> later(Clob.class, rows.getClob(columnLabel)));
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
    public double getDouble(String columnLabel) throws SQLException {
        return asked(rows -> rows.getDouble(columnLabel));
    }

    @Override
    public float getFloat(String columnLabel) throws SQLException {
        return asked(rows -> rows.getFloat(columnLabel));
    }

    @Override
    public int getInt(String columnLabel) throws SQLException {
        return asked(rows -> rows.getInt(columnLabel));
    }

    @Override
    public long getLong(String columnLabel) throws SQLException {
        return asked(rows -> rows.getLong(columnLabel));
    }

    @Override
    public Reader getNCharacterStream(String columnLabel) throws SQLException {
        return asked(rows -> rows.getNCharacterStream(columnLabel));
    }

    @Override
    public NClob getNClob(String columnLabel) throws SQLException {
        return asked(rows -> later(NClob.class, rows.getNClob(columnLabel)));
    }

    @Override
    public String getNString(String columnLabel) throws SQLException {
        return asked(rows -> rows.getNString(columnLabel));
    }

    @Override
    public Object getObject(String columnLabel) throws SQLException {
        return asked(rows -> own(rows.getObject(columnLabel)));
    }

    @Override
    public <T> T getObject(String columnLabel, Class<T> type) throws SQLException {
        return asked(rows -> own(rows.getObject(columnLabel, type), type));
    }

    @Override
    public SQLXML getSQLXML(String columnLabel) throws SQLException {
        return asked(rows -> later(SQLXML.class, rows.getSQLXML(columnLabel)));
    }

    @Override
    public short getShort(String columnLabel) throws SQLException {
        return asked(rows -> rows.getShort(columnLabel));
    }

    @Override
    public String getString(String columnLabel) throws SQLException {
        return asked(rows -> rows.getString(columnLabel));
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
    public Timestamp getTimestamp(String columnLabel) throws SQLException {
        return asked(rows -> rows.getTimestamp(columnLabel));
    }

    @Override
    public Timestamp getTimestamp(String columnLabel, Calendar calendar) throws SQLException {
        return asked(rows -> rows.getTimestamp(columnLabel, calendar));
    }
}
