package io.tunabledb.engine.execute.statement;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.SchemaDoubt;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

/** What a session can learn of texts and of the schema from a live replica, before anything is executed. */
public final class MetadataPath {
    /** A replica may be in the middle of a definition again, but hardly ever so often. */
    private static final int MOST_ATTEMPTS = 3;

    private final SessionState state;
    private final AskedLevels levels;
    private final TemporaryTables temporaryTables;
    private final SessionTransaction transaction;

    MetadataPath(
            SessionState state, AskedLevels levels, TemporaryTables temporaryTables, SessionTransaction transaction) {
        this.state = state;
        this.levels = levels;
        this.temporaryTables = temporaryTables;
        this.transaction = transaction;
    }

    /** A connection that waits for what the session saw and wrote as long as its reads do that say nothing. */
    public Connection connection() throws SQLException {
        return state.metadata(levels.readPatience());
    }

    /** The same, waiting so long. */
    public Connection connection(Duration patience) throws SQLException {
        return state.metadata(patience);
    }

    /**
     * Finds out what is wrong with a text, as H2 does when it prepares, if a replica can tell: none knows the
     * session's own tables, and where none is in reach its execution will say so.
     */
    public void check(StorageStatement query, Duration patience) throws SQLException {
        if (!temporaryTables.isEmpty() || transaction.isAtLeader()) {
            return;
        }
        Connection connection;
        try {
            connection = state.metadata(patience);
        } catch (SQLTransientConnectionException e) {
            return;
        }
        Deadline inDoubt = Deadline.in(SchemaDoubt.PATIENCE);
        for (int attempt = 1; true; attempt++) {
            try {
                var unused = query.describedOn(connection);
                return;
            } catch (SQLException e) {
                if (attempt == MOST_ATTEMPTS || !state.isOfLaggingSchema(e, inDoubt)) {
                    throw e;
                }
            }
            connection = state.metadata(Duration.ZERO);
        }
    }

    /** Whether a replica answers within {@code timeout}; one that lags behind this session answers too. */
    public boolean isAnswered(Duration timeout) {
        try (java.sql.Statement statement = state.metadata(Duration.ZERO).createStatement()) {
            statement.setQueryTimeout((int) Math.max(0, timeout.toSeconds()));
            return statement.execute("SELECT 1");
        } catch (SQLException e) {
            return false;
        }
    }
}
