package io.tunabledb.rules;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.jdbc.TunableConnection;
import io.tunabledb.jdbc.TunableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** One connection; what the last statement got can be asked. For one thread. */
final class Client implements AutoCloseable {
    private final Connection connection;
    private Receipt receipt;
    private List<String> warnings = List.of();

    Client(String url) throws SQLException {
        this.connection = DriverManager.getConnection(url);
    }

    /** Executes statements one after the other. */
    Client run(String... all) throws SQLException {
        for (String sql : all) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
                remember(statement);
            }
        }
        return this;
    }

    /** One column of all rows. */
    List<String> column(String sql, String column) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(column));
            }
            remember(statement);
        }
        return values;
    }

    /** The statements that recreate the rules. */
    List<String> rules() throws SQLException {
        return column("SHOW CONSISTENCY RULES", "STATEMENT");
    }

    private void remember(Statement statement) throws SQLException {
        receipt = statement.unwrap(TunableStatement.class).receipt();
        warnings = warnings(statement.getWarnings());
    }

    static List<String> warnings(SQLWarning first) {
        List<String> all = new ArrayList<>();
        for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
            all.add(warning.getSQLState() + " " + warning.getMessage());
        }
        return all;
    }

    Receipt receipt() {
        return receipt;
    }

    /** State and message of each. */
    List<String> warnings() {
        return warnings;
    }

    TunableConnection connection() throws SQLException {
        return connection.unwrap(TunableConnection.class);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
