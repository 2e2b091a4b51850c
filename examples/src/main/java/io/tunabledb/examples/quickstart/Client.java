package io.tunabledb.examples.quickstart;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.jdbc.TunableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** One session of the bank: a connection, its prepared statements, and a tally that hears of every receipt. */
final class Client implements AutoCloseable {
    private final Connection connection;
    private final Tally tally;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Client(String url, Tally tally) throws SQLException {
        this.connection = DriverManager.getConnection(url);
        this.tally = tally;
    }

    /** What a transaction does. */
    interface Work {
        void run() throws SQLException;
    }

    Connection connection() {
        return connection;
    }

    /** Executes a write; how many rows it changed. */
    int update(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = bind(sql, parameters);
        int count = statement.executeUpdate();
        note(statement);
        return count;
    }

    /** The first column of the only row of a query. */
    String text(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = bind(sql, parameters);
        try (ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new BrokenPromiseException("no row from: " + sql);
            }
            String value = String.valueOf(rows.getObject(1));
            note(statement);
            return value;
        }
    }

    /** The same as a number. */
    long number(String sql, Object... parameters) throws SQLException {
        return Long.parseLong(text(sql, parameters));
    }

    /** Runs {@code work} as a transaction: committed when it returns, rolled back when it throws. */
    void atomically(Work work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            work.run();
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            rollBackAfter(e);
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private void rollBackAfter(Exception failure) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private PreparedStatement bind(String sql, Object... parameters) throws SQLException {
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

    private void note(PreparedStatement statement) throws SQLException {
        Receipt receipt = statement.unwrap(TunableStatement.class).receipt();
        if (receipt != null) {
            tally.saw(receipt);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
