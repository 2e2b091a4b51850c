package io.tunabledb.engine.log;

import org.jspecify.annotations.Nullable;

/** A proposed entry may or may not be committed; only the log itself can tell later. */
public final class OutcomeUnknownException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
