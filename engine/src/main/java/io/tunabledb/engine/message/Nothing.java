package io.tunabledb.engine.message;

/** The answer that says only that a message was heard, and what it asked for is done. */
public record Nothing() {
    /** The one there is. */
    public static final Nothing NOTHING = new Nothing();
}
