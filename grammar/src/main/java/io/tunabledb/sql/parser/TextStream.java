package io.tunabledb.sql.parser;

import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.IntStream;
import org.antlr.v4.runtime.misc.Interval;

/**
 * A part of a string as ANTLR reads it, without a copy; indexes are the string's own, so slices need no translation.
 *
 * <p>Every character beyond ASCII is shown to the lexer as {@link #WIDE}, because it keeps its decisions for ASCII only
 * and works each of them out again for the others.
 */
final class TextStream implements CharStream {
    /** Stands for every character beyond ASCII. */
    static final char WIDE = 0x7F;

    private final String text;
    private final int end;
    private int index;

    TextStream(String text, int start, int end) {
        this.text = text;
        this.index = start;
        this.end = end;
    }

    @Override
    public String getText(Interval interval) {
        return text.substring(interval.a, Math.min(interval.b + 1, end));
    }

    @Override
    public void consume() {
        if (index >= end) {
            throw new IllegalStateException("cannot consume EOF");
        }
        index++;
    }

    @Override
    public int LA(int i) {
        return Math.min(actual(i), WIDE);
    }

    /** The character itself where {@link #LA} may show a stand-in. */
    int actual(int i) {
        int at = index + (i > 0 ? i - 1 : i);
        return at >= 0 && at < end ? text.charAt(at) : IntStream.EOF;
    }

    @Override
    public int mark() {
        return -1;
    }

    @Override
    public void release(int marker) {
        // everything stays readable
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public void seek(int to) {
        index = Math.min(to, end);
    }

    @Override
    public int size() {
        return end;
    }

    @Override
    public String getSourceName() {
        return IntStream.UNKNOWN_SOURCE_NAME;
    }
}
