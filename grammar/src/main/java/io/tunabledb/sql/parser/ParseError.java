package io.tunabledb.sql.parser;

/** What is wrong at one place of a text; the caller knows the text and turns the place into line and column. */
public final class ParseError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int offset;
    private final String what;

    /** An error at that character, from 0. */
    public ParseError(int offset, String message) {
        // a refusal of text is a value, not a fault of this program: no stack trace to fill
        super(message, null, false, false);
        this.offset = offset;
        this.what = message;
    }

    /** What is wrong. */
    public String what() {
        return what;
    }

    /** The character the error is at, from 0; the length of the text when it ends too early. */
    public int offset() {
        return offset;
    }
}
