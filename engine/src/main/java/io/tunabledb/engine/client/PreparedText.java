package io.tunabledb.engine.client;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import java.sql.ParameterMetaData;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text of one statement or several that a session has prepared: what stands behind a JDBC statement, executed any
 * number of times. Not safe for use by many threads, except {@link #cancel}.
 */
public interface PreparedText extends AutoCloseable {

    /** How many JDBC parameters the text has. */
    int parameterCount();

    /** Whether the first statement gives rows; known without executing it. */
    boolean isQuery();

    /** Executes; several statements in one text run in order and the first one's result is returned, as H2 does. */
    Result execute(Parameters parameters) throws SQLException;

    /**
     * Executes once per element. In autocommit mode all elements travel in one log entry; one that fails leaves nothing,
     * the others take effect.
     *
     * @throws java.sql.BatchUpdateException with each element's count when one fails
     */
    List<Result> executeBatch(List<Parameters> batch) throws SQLException;

    /**
     * The columns of the rows that the first statement gives, found without executing it; null when it gives none.
     *
     * @throws SQLException for consistency commands, of which nothing is known before they are executed
     */
    @Nullable
    ResultSetMetaData describe() throws SQLException;

    /** The parameter of that number, from 1, in one statement of the text. */
    record DescribedParameter(ParameterMetaData parameters, int index) {}

    /** What is known of each parameter of the text, whichever of its statements has it. */
    List<DescribedParameter> describeParameters() throws SQLException;

    /**
     * Finds out now what is wrong with the text, as H2 does when it prepares. A statement that names a session's
     * temporary tables is only checked when it runs, and so is everything while no replica can be reached.
     *
     * @throws SQLException H2's error for the text
     */
    void check() throws SQLException;

    /** The most rows a query returns; 0 means all. */
    void setMaxRows(long maxRows) throws SQLException;

    /** After how many seconds an execution is cancelled; 0 means never. */
    void setQueryTimeout(int seconds) throws SQLException;

    /** Makes a running execution fail with 57014 soon. Does nothing when none runs. From any thread. */
    void cancel();

    /** Lets go of what storage has compiled; rows that an execution gave end with it. */
    @Override
    void close();
}
