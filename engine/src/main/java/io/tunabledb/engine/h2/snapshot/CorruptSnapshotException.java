package io.tunabledb.engine.h2.snapshot;

import java.io.IOException;

/** A snapshot that can't be trusted: torn, changed, or of a format this version doesn't know. */
public final class CorruptSnapshotException extends IOException {
    private static final long serialVersionUID = 1L;

    public CorruptSnapshotException(String message) {
        super(message);
    }

    public CorruptSnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
