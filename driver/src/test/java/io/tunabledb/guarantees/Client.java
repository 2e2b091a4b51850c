package io.tunabledb.guarantees;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.jdbc.TunableConnection;
import io.tunabledb.jdbc.TunableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** One connection, with statements prepared once; for one thread. */
final class Client implements AutoCloseable {

    private final TunableConnection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private Receipt receipt;

    Client(Connection connection) throws SQLException {
        this.connection = connection.unwrap(TunableConnection.class);
    }

    TunableConnection connection() {
        return connection;
    }

    /** The first column of the only row. */
    long number(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = bound(sql, parameters);
        try (ResultSet rows = statement.executeQuery()) {
            receipt = statement.unwrap(TunableStatement.class).receipt();
            if (!rows.next()) {
                throw new AssertionError("no row from " + sql);
            }
            return rows.getLong(1);
        }
    }

    /** The same without preparing it, which at a replica that lags behind this session waits for that before it waits. */
    long look(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            receipt = statement.unwrap(TunableStatement.class).receipt();
            if (!rows.next()) {
                throw new AssertionError("no row from " + sql);
            }
            return rows.getLong(1);
        }
    }

    int update(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = bound(sql, parameters);
        int count = statement.executeUpdate();
        receipt = statement.unwrap(TunableStatement.class).receipt();
        return count;
    }

    /** Runs what is not worth preparing, or must not be: settings, schema changes. */
    void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private PreparedStatement bound(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    /** What the last {@link #number} or {@link #update} got. */
    Receipt receipt() {
        return receipt;
    }

    /** The number of the node that served it. */
    int servedBy() {
        return Integer.parseInt(receipt.served().get(0).replica().substring(1));
    }

    String token() throws SQLException {
        return connection.consistencyToken();
    }

    void use(String token) throws SQLException {
        connection.useConsistencyToken(token);
    }

    void begin() throws SQLException {
        connection.setAutoCommit(false);
    }

    void commit() throws SQLException {
        connection.commit();
    }

    void rollback() throws SQLException {
        connection.rollback();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
