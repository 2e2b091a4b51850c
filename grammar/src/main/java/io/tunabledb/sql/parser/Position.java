package io.tunabledb.sql.parser;

/**
 * A place in a text as people count.
 *
 * @param line from 1
 * @param column from 1, in characters
 */
public record Position(int line, int column) {

    /** The place of the character with that index; a line ends with LF, CR or both. */
    public static Position of(String text, int offset) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < offset; i++) {
            char c = text.charAt(i);
            boolean pair = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
            if (c == '\n' || (c == '\r' && !pair)) {
                line++;
                lineStart = i + 1;
            }
        }
        return new Position(line, offset - lineStart + 1);
    }

    @Override
    public String toString() {
        return line + ":" + column;
    }
}
