package io.tunabledb.engine.shard.validation;

/** Another transaction changed what this one has read, or waits to commit on: nothing was logged, and nothing will be. */
public final class ConflictException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConflictException(String message) {
        super(message);
    }
}
