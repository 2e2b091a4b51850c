package io.tunabledb.engine;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * One statement of a session, executed any number of times: what stands behind a JDBC statement. Not safe for use by
 * many threads, except {@link #cancel}.
 */
public final class Call implements AutoCloseable {

    /** How many JDBC parameters the text has. */
    public int parameterCount() {
        throw new UnsupportedOperationException();
    }

    /** Executes; several statements in one text run in order and the first one's result is returned, as H2 does. */
    public Result execute(Parameters parameters) throws SQLException {
        throw new UnsupportedOperationException(parameters.toString());
    }

    /**
     * Executes once per element. In autocommit mode each element is a transaction of its own.
     *
     * @throws java.sql.BatchUpdateException with the counts so far when one fails
     */
    public List<Result> executeBatch(List<Parameters> batch) throws SQLException {
        throw new UnsupportedOperationException(batch.toString());
    }

    /**
     * The statement prepared on a replica's H2 but never executed: the source of ResultSetMetaData and
     * ParameterMetaData.
     *
     * @throws SQLException for our own commands, which have neither
     */
    public PreparedStatement describe() throws SQLException {
        throw new UnsupportedOperationException();
    }

    /** The most rows a query returns; 0 means all. */
    public void setMaxRows(long maxRows) {
        throw new UnsupportedOperationException(maxRows + "");
    }

    /** After how many seconds an execution is cancelled; 0 means never. */
    public void setQueryTimeout(int seconds) {
        throw new UnsupportedOperationException(seconds + "");
    }

    /** Makes a running execution fail with 57014 soon. Does nothing when none runs. From any thread. */
    public void cancel() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
