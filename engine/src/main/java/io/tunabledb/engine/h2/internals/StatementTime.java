package io.tunabledb.engine.h2.internals;

import java.lang.reflect.Field;
import java.time.Instant;
import org.h2.engine.SessionLocal;
import org.h2.util.DateTimeUtils;
import org.h2.value.ValueTimestampTimeZone;
import org.jspecify.annotations.Nullable;

/** The time that an H2 session's statements take for now: CURRENT_TIMESTAMP and its kin, and defaults made of them. */
public final class StatementTime {
    /** H2 forgets it when a statement ends, not when it begins. */
    private static final Field CURRENT_TIMESTAMP = field();

    private StatementTime() {}

    private static Field field() {
        try {
            Field field = SessionLocal.class.getDeclaredField("currentTimestamp");
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** To the session's next statement it is that time. */
    public static void set(SessionLocal session, Instant time) {
        try {
            CURRENT_TIMESTAMP.set(session, DateTimeUtils.currentTimestamp(session.currentTimeZone(), time));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("H2's statement time can't be reached", e);
        }
    }

    /** The time that the session's transaction has for its statements; null when none has asked for it. */
    public static @Nullable ValueTimestampTimeZone get(SessionLocal session) {
        try {
            return (ValueTimestampTimeZone) CURRENT_TIMESTAMP.get(session);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("H2's statement time can't be reached", e);
        }
    }
}
