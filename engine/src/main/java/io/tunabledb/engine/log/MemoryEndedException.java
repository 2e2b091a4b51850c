package io.tunabledb.engine.log;

import org.jspecify.annotations.Nullable;

/** A replica, or a thread it can't do without, has ended because the JVM ran out of memory: it is whole again once rebuilt. */
public final class MemoryEndedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MemoryEndedException(String message) {
        super(message);
    }

    public MemoryEndedException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether memory was the reason: then nothing is wrong that would break again by itself. */
    public static boolean isReasonOf(@Nullable Throwable failure) {
        // bounded: causes may go round in a circle
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (cause instanceof OutOfMemoryError || cause instanceof MemoryEndedException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
