package io.tunabledb.jdbc.result;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The rows of one execution. */
public final class StatementResultSet extends ReadResultSet {

    private final ResultOwner statement;

    public StatementResultSet(ResultOwner statement, ResultSet rows) {
        super(rows, statement.translator());
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
