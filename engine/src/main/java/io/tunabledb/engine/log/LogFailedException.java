package io.tunabledb.engine.log;

/**
 * The log of a replica has ended for a reason of its own, such as its disk: nothing is logged or applied any more. What was
 * applied before is whole, and can be read as old as it is.
 */
public final class LogFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LogFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
