package io.tunabledb.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The rows of one execution. */
final class StatementResultSet extends ReadResultSet {

    private final CallStatement statement;

    StatementResultSet(CallStatement statement, ResultSet rows) {
        super(rows);
        this.statement = statement;
    }

    @Override
    public Statement getStatement() throws SQLException {
        rows();
        return statement;
    }

    @Override
    public void close() throws SQLException {
        if (release()) {
            statement.completed();
        }
    }
}
