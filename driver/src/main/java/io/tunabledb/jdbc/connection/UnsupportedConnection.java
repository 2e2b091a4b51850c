package io.tunabledb.jdbc.connection;

import io.tunabledb.jdbc.TunableConnection;
import io.tunabledb.jdbc.contract.Unsupported;
import java.sql.SQLException;
import java.sql.Struct;
import java.util.Map;

/** What no connection does. */
abstract class UnsupportedConnection implements TunableConnection {

    @Override
    public final Struct createStruct(String typeName, Object[] attributes) throws SQLException {
        throw Unsupported.method("Connection.createStruct");
    }

    @Override
    public final void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        if (map != null && !map.isEmpty()) {
            throw Unsupported.method("A type map");
        }
    }
}
