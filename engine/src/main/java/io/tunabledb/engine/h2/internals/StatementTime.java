package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.api.PrivateField;
import java.time.Instant;
import org.h2.engine.SessionLocal;
import org.h2.util.DateTimeUtils;
import org.h2.value.ValueTimestampTimeZone;
import org.jspecify.annotations.Nullable;

/** The time that an H2 session's statements take for now: CURRENT_TIMESTAMP and its kin, and defaults made of them. */
public final class StatementTime {
    /** H2 forgets it when a statement ends, not when it begins. */
    private static final PrivateField CURRENT_TIMESTAMP = PrivateField.of(SessionLocal.class, "currentTimestamp");

    private StatementTime() {}

    /** To the session's next statement it is that time. */
    public static void set(SessionLocal session, Instant time) {
        CURRENT_TIMESTAMP.set(session, DateTimeUtils.currentTimestamp(session.currentTimeZone(), time));
    }

    /** The time that the session's transaction has for its statements; null when none has asked for it. */
    public static @Nullable ValueTimestampTimeZone get(SessionLocal session) {
        return (ValueTimestampTimeZone) CURRENT_TIMESTAMP.get(session);
    }
}
