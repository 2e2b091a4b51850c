package io.tunabledb.jdbc;

import java.sql.CallableStatement;
import java.sql.SQLException;
import java.sql.Struct;
import java.util.Map;

/** What no connection does. */
abstract class UnsupportedConnection implements TunableConnection {

    private static SQLException noCallable() {
        return Unsupported.because(
                "CallableStatement is not supported, as no function here has OUT parameters",
                "use prepareStatement(\"CALL f(?)\"), which returns the value as a row");
    }

    @Override
    public final CallableStatement prepareCall(String sql) throws SQLException {
        throw noCallable();
    }

    @Override
    public final CallableStatement prepareCall(String sql, int type, int concurrency) throws SQLException {
        throw noCallable();
    }

    @Override
    public final CallableStatement prepareCall(String sql, int type, int concurrency, int holdability)
            throws SQLException {
        throw noCallable();
    }

    @Override
    public final Struct createStruct(String typeName, Object[] attributes) throws SQLException {
        throw Unsupported.method("Connection.createStruct");
    }

    @Override
    public final Map<String, Class<?>> getTypeMap() {
        return Map.of();
    }

    @Override
    public final void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        if (map != null && !map.isEmpty()) {
            throw Unsupported.method("A type map");
        }
    }
}
