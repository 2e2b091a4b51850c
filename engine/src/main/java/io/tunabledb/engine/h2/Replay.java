package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.StatementTime;
import io.tunabledb.engine.h2.statement.BoundedCommand;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes statements that were accepted elsewhere, earlier, in a {@link Writer}'s transaction. To them it is still the
 * moment they were accepted: NOW(), CURRENT_DATE and their kin, and column defaults made of them, give that time.
 */
public final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final int MAX_PREPARED = 64;

    private final Writer writer;
    private final SessionLocal session;
    private final Map<String, PreparedStatement> prepared = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PreparedStatement> eldest) {
            if (size() <= MAX_PREPARED) {
                return false;
            }
            close(eldest.getValue());
            return true;
        }
    };

    /** Executes on {@code writer}, on its owner's thread. */
    public Replay(Writer writer) {
        this.writer = writer;
        this.session = H2Instance.session((JdbcConnection) writer.connection());
    }

    /** The session it executes in. */
    public Writer writer() {
        return writer;
    }

    /**
     * Executes one statement as of {@code acceptedAt}.
     *
     * @param values what {@link BoundValues#encode} gave
     * @return the update count
     * @throws SQLException 40001: the whole transaction was rolled back; any other: only this statement was
     */
    public long execute(String sql, byte[] values, Instant acceptedAt) throws SQLException {
        try {
            PreparedStatement statement = prepared.get(sql);
            if (statement == null) {
                statement = BoundedCommand.bound(writer.connection().prepareStatement(sql), writer.connection(), sql);
                prepared.put(sql, statement);
            }
            BoundValues.bind(values, statement, session);
            StatementTime.set(session, acceptedAt);
            return statement.executeLargeUpdate();
        } catch (SQLException e) {
            throw writer.failed(e);
        }
    }

    private static void close(PreparedStatement statement) {
        try {
            statement.close();
        } catch (SQLException e) {
            LOG.trace("its connection went first", e);
        }
    }
}
