package io.tunabledb.engine.heap;

/** A statement is ended before it takes what is left of the heap; thrown where that does no harm, by its own thread. */
public final class HeapEndedError extends OutOfMemoryError {
    private static final long serialVersionUID = 1L;

    HeapEndedError(String message) {
        super(message);
    }
}
