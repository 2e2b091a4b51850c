package io.tunabledb.engine.session;

/** A token that is torn, of another database, of another format, or from the future. Becomes TC004. */
public final class BadTokenException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadTokenException(String message) {
        super(message);
    }
}
