package io.tunabledb.sql.parser;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.antlr.v4.runtime.CommonToken;
import org.antlr.v4.runtime.Token;

/** Pairs brackets before parsing, so that errors name the open one and nesting is bounded before anything recurses. */
final class Brackets {
    /** Deeper nesting is refused: parsing recurses, and this much fits half the default stack; H2 overflows from 400 on. */
    static final int MAX_DEPTH = 200;

    private Brackets() {}

    /** For each bracket the index of its partner, for every other token -1. */
    static int[] match(String text, List<CommonToken> tokens) {
        int[] partner = new int[tokens.size()];
        Deque<CommonToken> open = new ArrayDeque<>();
        for (int i = 0; i < partner.length; i++) {
            CommonToken token = tokens.get(i);
            partner[i] = -1;
            switch (token.getType()) {
                case TunableSqlLexer.LPAREN, TunableSqlLexer.LBRACKET, TunableSqlLexer.LBRACE -> {
                    open.push(token);
                    if (open.size() > MAX_DEPTH) {
                        throw new ParseError(token.getStartIndex(), "brackets nest deeper than " + MAX_DEPTH + " here");
                    }
                }
                case TunableSqlLexer.RPAREN, TunableSqlLexer.RBRACKET, TunableSqlLexer.RBRACE -> {
                    if (open.isEmpty()) {
                        throw new ParseError(
                                token.getStartIndex(), "found " + Words.quoted(token) + ", which closes nothing");
                    }
                    if (closing(open.peek()) != token.getType()) {
                        throw stillOpen(text, open.peek(), token);
                    }
                    partner[i] = open.pop().getTokenIndex();
                    partner[partner[i]] = i;
                }
                case TunableSqlLexer.SEMI, Token.EOF -> {
                    if (!open.isEmpty()) {
                        throw stillOpen(text, open.peek(), token);
                    }
                }
                default -> {}
            }
        }
        return partner;
    }

    private static int closing(Token open) {
        return switch (open.getType()) {
            case TunableSqlLexer.LPAREN -> TunableSqlLexer.RPAREN;
            case TunableSqlLexer.LBRACKET -> TunableSqlLexer.RBRACKET;
            default -> TunableSqlLexer.RBRACE;
        };
    }

    private static ParseError stillOpen(String text, Token open, Token found) {
        return new ParseError(
                found.getStartIndex(),
                "found " + Words.quoted(found) + ", expected " + Words.name(closing(open)) + " to close "
                        + Words.quoted(open) + " at " + Position.of(text, open.getStartIndex()));
    }
}
