package io.tunabledb.examples.quickstart;

/** The database answered, and the answer is not what its level promised. */
final class BrokenPromiseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BrokenPromiseException(String message) {
        super(message);
    }
}
