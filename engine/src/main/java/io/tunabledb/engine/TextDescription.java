package io.tunabledb.engine;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.client.PreparedText.DescribedParameter;
import io.tunabledb.engine.execute.session.StorageStatement;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a replica's storage knows of a text without executing it: its columns, its parameters, its faults. */
record TextDescription(EmbeddedSession session, List<DecidedStatement> statements) {

    /**
     * Those of the first statement; null when it gives no rows.
     *
     * @throws SQLException for our own commands, which have none before they are executed
     */
    @Nullable
    ResultSetMetaData columns() throws SQLException {
        DecidedStatement first = statements.isEmpty() ? null : statements.get(0);
        StorageStatement stored = first == null ? null : first.stored();
        if (first == null || stored == null) {
            throw Errors.of(SqlState.NOT_SUPPORTED, "a consistency command has no metadata before it is executed");
        }
        return cleared(stored.describedOn(session.storage(first.patience()))).getMetaData();
    }

    /** Of each parameter of the text, whichever of its statements has it. */
    List<DescribedParameter> parameters(boolean isNumbered) throws SQLException {
        List<DescribedParameter> all = new ArrayList<>();
        for (DecidedStatement statement : statements) {
            int count = statement.parameterCount();
            if (count > 0) {
                ParameterMetaData parameters = parameters(statement);
                for (int i = 1; i <= count; i++) {
                    DescribedParameter one = new DescribedParameter(parameters, i);
                    if (!isNumbered || i > all.size()) {
                        all.add(one);
                    } else if (parameters.getParameterType(i) != Types.VARCHAR) {
                        // a statement that lacks the number has a text there
                        all.set(i - 1, one);
                    }
                }
            }
        }
        return all;
    }

    private ParameterMetaData parameters(DecidedStatement statement) throws SQLException {
        StorageStatement stored =
                Objects.requireNonNull(statement.stored(), "only what storage is given has parameters");
        PreparedStatement described;
        try {
            described = stored.describedOn(session.storage(statement.patience()));
        } catch (SQLException e) {
            if (statements.size() == 1 || e instanceof SQLTransientException) {
                throw e;
            }
            // it may need what a statement before it makes: until then of each parameter no type is known
            described = session.scratch().prepareStatement("SELECT ?" + ", ?".repeat(statement.parameterCount() - 1));
        }
        return cleared(described).getParameterMetaData();
    }

    /** A parameter that was bound before would show the type of its value instead of the column's. */
    private static PreparedStatement cleared(PreparedStatement described) throws SQLException {
        described.clearParameters();
        return described;
    }

    /** H2's error for the text, if a replica can tell. */
    void check() throws SQLException {
        DecidedStatement only = statements.size() == 1 ? statements.get(0) : null;
        StorageStatement stored = only == null ? null : only.stored();
        if (only != null && stored != null && !only.isDefinition()) {
            session.paths().metadata().check(stored, only.patience());
        }
    }
}
