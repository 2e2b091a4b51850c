package io.tunabledb.engine.log;

/** The replica asked does not lead (or no leader can confirm): nothing was logged, and nothing will be. */
public final class NotLeaderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotLeaderException(String message) {
        super(message);
    }
}
