package io.tunabledb.engine.scram;

/** A message of the exchange, or a password, that can't be used. Its message has nothing secret in it. */
public final class ScramException extends Exception {
    private static final long serialVersionUID = 1L;

    ScramException(String message) {
        super(message);
    }
}
