package io.tunabledb.engine.cut;

/** A cut can't be had under the number that was asked for, or not now. Nothing was changed: ask again. */
public final class CutRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CutRefusedException(String message) {
        // it steers and is not shown
        super(message, null, false, false);
    }
}
