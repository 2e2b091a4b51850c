package io.tunabledb.jdbc.result;

import io.tunabledb.jdbc.contract.Unsupported;
import java.io.InputStream;
import java.net.URL;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.RowId;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What no result set does: values of types that H2 does not have, and the relics of JDBC 1. */
abstract class UnsupportedResultSet implements ResultSet {

    @Override
    public final String getCursorName() throws SQLException {
        throw Unsupported.method("ResultSet.getCursorName");
    }

    @Override
    public final Object getObject(String columnLabel, @Nullable Map<String, Class<?>> map) throws SQLException {
        throw Unsupported.method("ResultSet.getObject");
    }

    @Override
    public final Object getObject(int columnIndex, @Nullable Map<String, Class<?>> map) throws SQLException {
        throw Unsupported.method("ResultSet.getObject");
    }

    @Override
    public final Ref getRef(String columnLabel) throws SQLException {
        throw Unsupported.method("ResultSet.getRef");
    }

    @Override
    public final Ref getRef(int columnIndex) throws SQLException {
        throw Unsupported.method("ResultSet.getRef");
    }

    @Override
    public final RowId getRowId(String columnLabel) throws SQLException {
        throw Unsupported.method("ResultSet.getRowId");
    }

    @Override
    public final RowId getRowId(int columnIndex) throws SQLException {
        throw Unsupported.method("ResultSet.getRowId");
    }

    @Override
    public final URL getURL(String columnLabel) throws SQLException {
        throw Unsupported.method("ResultSet.getURL");
    }

    @Override
    public final URL getURL(int columnIndex) throws SQLException {
        throw Unsupported.method("ResultSet.getURL");
    }

    @Override
    @Deprecated
    public final InputStream getUnicodeStream(String columnLabel) throws SQLException {
        throw Unsupported.method("ResultSet.getUnicodeStream");
    }

    @Override
    @Deprecated
    public final InputStream getUnicodeStream(int columnIndex) throws SQLException {
        throw Unsupported.method("ResultSet.getUnicodeStream");
    }

    @Override
    public final void updateRef(String columnLabel, @Nullable Ref x) throws SQLException {
        throw Unsupported.method("ResultSet.updateRef");
    }

    @Override
    public final void updateRef(int columnIndex, @Nullable Ref x) throws SQLException {
        throw Unsupported.method("ResultSet.updateRef");
    }

    @Override
    public final void updateRowId(String columnLabel, @Nullable RowId x) throws SQLException {
        throw Unsupported.method("ResultSet.updateRowId");
    }

    @Override
    public final void updateRowId(int columnIndex, @Nullable RowId x) throws SQLException {
        throw Unsupported.method("ResultSet.updateRowId");
    }
}
