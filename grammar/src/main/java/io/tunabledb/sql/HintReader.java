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

    private static int closing(String text, int from, int end) {
        int depth = 1;
        boolean quoted = false;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            if (c == '\'') {
                quoted = !quoted;
            } else if (!quoted && c == '(') {
                depth++;
            } else if (!quoted && c == ')' && --depth == 0) {
                return i;
            }
        }
        return -1;
    }
}
