package io.tunabledb.sql.parser;

import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.CommonToken;
import org.antlr.v4.runtime.Token;

/**
 * A text cut into tokens, brackets checked and words told apart.
 *
 * @param text the text
 * @param tokens what the parser sees, the end of the text last
 * @param hints the comments that begin with a plus sign, in order
 */
public record Lexed(String text, List<CommonToken> tokens, List<Token> hints) {

    /**
     * Lexes the text.
     *
     * @throws ParseError for a literal or comment without end, or brackets that don't match
     */
    public static Lexed of(String text) {
        return of(text, 0, text.length());
    }

    /** Lexes a part of the text; places stay those of the whole text. */
    public static Lexed of(String text, int start, int end) {
        TunableSqlLexer lexer = new TunableSqlLexer(new TextStream(text, start, end));
        lexer.removeErrorListeners();
        List<CommonToken> tokens = new ArrayList<>(16 + (end - start) / 8);
        List<Token> hints = new ArrayList<>(0);
        CommonToken token;
        do {
            token = (CommonToken) lexer.nextToken();
            if (token.getChannel() == Token.HIDDEN_CHANNEL) {
                hints.add(token);
            } else if (!EscapedNames.completes(token, tokens)) {
                token.setTokenIndex(tokens.size());
                tokens.add(token);
            }
        } while (token.getType() != Token.EOF);
        Meanings.settle(tokens, Brackets.match(text, tokens));
        return new Lexed(text, tokens, hints);
    }

    /** The index of the first hint that begins at that character or after it. */
    public int firstHintFrom(int offset) {
        int low = 0;
        int high = hints.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (hints.get(middle).getStartIndex() < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
