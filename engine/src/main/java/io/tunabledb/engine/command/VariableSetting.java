package io.tunabledb.engine.command;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.statement.SessionPaths;
import io.tunabledb.engine.h2.sql.SqlLiteral;
import io.tunabledb.sql.SqlSyntaxException;
import io.tunabledb.sql.Statement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/**
 * {@code SET @variable = expression}. A session has a storage connection on each replica it uses, and the variable must be the
 * same on all: so the expression is evaluated once, as a query like any other, and set as its value.
 */
final class VariableSetting {

    private VariableSetting() {}

    /** The setting as it is to be run on every connection. */
    static Statement.SessionSetting evaluated(Statement.SessionSetting setting, SessionPaths session)
            throws SQLException {
        Statement.SessionSetting.Expression expression = setting.expression();
        if (expression == null) {
            return setting;
        }
        Statement.Sql value = query(expression);
        try (StorageStatement query = StorageStatement.plain(value.text());
                ResultSet rows = Objects.requireNonNull(session.statements()
                        .execute(value, session.decider().decide(value), query, Parameters.NONE)
                        .rows())) {
            rows.next();
            return expression.to(SqlLiteral.of(rows, 1));
        }
    }

    private static Statement.Sql query(Statement.SessionSetting.Expression expression) throws SQLException {
        try {
            return expression.query();
        } catch (SqlSyntaxException e) {
            throw Errors.of(SqlState.SYNTAX, Objects.requireNonNull(e.getMessage()), e);
        }
    }
}
