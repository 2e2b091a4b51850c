package io.tunabledb.engine.peer;

/** Another node failed while it answered, in a way that is its own: the text is what is known of it here. */
final class NodeFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NodeFailedException(String message) {
        super(message);
    }
}
