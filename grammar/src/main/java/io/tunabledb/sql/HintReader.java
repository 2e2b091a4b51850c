package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.sql.parser.Lexed;
import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.Parsing;
import io.tunabledb.sql.parser.TunableSqlParser;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.antlr.v4.runtime.Token;

/** Reads {@code CONSISTENCY(…)} out of hint comments; other hints are none of our business. */
final class HintReader {
    private static final Pattern START = Pattern.compile("\\bCONSISTENCY\\s*\\(", Pattern.CASE_INSENSITIVE);

    private HintReader() {}

    /**
     * A ladder and where it was asked.
     *
     * @param offset the character the hint's CONSISTENCY is at
     */
    record Hint(Ladder ladder, int offset) {}

    static List<Hint> read(String text, Token comment) {
        List<Hint> hints = new ArrayList<>();
        int end = comment.getStopIndex() - 1;
        Matcher matcher = START.matcher(text).region(comment.getStartIndex() + 3, end);
        while (matcher.find()) {
            int close = closing(text, matcher.end(), end);
            if (close < 0) {
                throw new ParseError(matcher.start(), "this hint has no closing ')'");
            }
            Lexed lexed = Lexed.of(text, matcher.start(), close + 1);
            Ladder ladder = LadderReader.ladder(
                    Parsing.parse(lexed, TunableSqlParser::hint).ladder());
            hints.add(new Hint(ladder, matcher.start()));
            matcher.region(close + 1, end);
        }
        return hints;
    }

    /** The closing parenthesis; those inside a text in quotes don't count. */
    private static int closing(String text, int from, int end) {
        int depth = 1;
        int i = from;
        while (i >= from && i < end) {
            char c = text.charAt(i);
            if (c == '\'') {
                i = text.indexOf('\'', i + 1);
            } else if (text.startsWith("$$", i)) {
                i = text.indexOf("$$", i + 2) + 1;
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && --depth == 0) {
                return i;
            }
            i = i < from ? -1 : i + 1;
        }
        return -1;
    }
}
