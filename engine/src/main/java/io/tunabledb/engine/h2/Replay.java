package io.tunabledb.engine.h2;

import java.lang.reflect.Field;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.util.DateTimeUtils;
import org.h2.value.ValueTimestampTimeZone;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes statements that were accepted elsewhere, earlier, in a {@link Writer}'s transaction. To them it is still the
 * moment they were accepted: NOW(), CURRENT_DATE and their kin, and column defaults made of them, give that time.
 */
public final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final int MAX_PREPARED = 64;
    private static final Field CURRENT_TIMESTAMP = currentTimestampField();

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

    /** H2 forgets the time of a statement when the statement ends, not when it begins. */
    private static Field currentTimestampField() {
        try {
            Field field = SessionLocal.class.getDeclaredField("currentTimestamp");
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
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
            setTime(session, acceptedAt);
            return statement.executeLargeUpdate();
        } catch (SQLException e) {
            throw writer.failed(e);
        }
    }

    /** To the session's next statement it is that time. */
    static void setTime(SessionLocal session, Instant time) {
        try {
            CURRENT_TIMESTAMP.set(session, DateTimeUtils.currentTimestamp(session.currentTimeZone(), time));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("H2's statement time can't be reached", e);
        }
    }

    /** The time that the session's transaction has for its statements; null when none has asked for it. */
    static @Nullable ValueTimestampTimeZone time(SessionLocal session) {
        try {
            return (ValueTimestampTimeZone) CURRENT_TIMESTAMP.get(session);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("H2's statement time can't be reached", e);
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
