package io.tunabledb.sql.parser;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.antlr.v4.runtime.DefaultErrorStrategy;
import org.antlr.v4.runtime.InputMismatchException;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.misc.IntervalSet;
import org.jspecify.annotations.Nullable;

/** What happens at a token that does not fit: always the end, with or without a good message. */
enum Strictness {
    /** Fails without a message. */
    QUICK,
    /** Says what was found and what could have stood there. */
    EXPLAINING;

    private static final int MOST_EXPECTED = 8;

    DefaultErrorStrategy strategy() {
        return this == QUICK ? new Quick() : new Explaining();
    }

    private static class Quick extends DefaultErrorStrategy {
        @Override
        public void recover(Parser parser, RecognitionException e) {
            throw error(parser, e);
        }

        @Override
        public Token recoverInline(Parser parser) {
            throw error(parser, null);
        }

        @Override
        public void reportError(Parser parser, RecognitionException e) {
            // recover follows
        }

        @Override
        public void sync(Parser parser) {
            // a token that does not fit is found where it is consumed
        }

        ParseError error(Parser parser, @Nullable RecognitionException e) {
            return new ParseError(parser.getCurrentToken().getStartIndex(), "syntax error");
        }
    }

    private static final class Explaining extends Quick {
        private final DefaultErrorStrategy memory = new DefaultErrorStrategy() {
            @Override
            protected @Nullable Token singleTokenDeletion(Parser parser) {
                return null;
            }
        };

        @Override
        public void sync(Parser parser) {
            memory.sync(parser);
        }

        @Override
        ParseError error(Parser parser, @Nullable RecognitionException e) {
            RecognitionException cause = e;
            if (cause == null) {
                try {
                    memory.recoverInline(parser);
                    cause = new InputMismatchException(parser);
                } catch (RecognitionException remembered) {
                    cause = remembered;
                }
            }
            Token found = cause.getOffendingToken() == null ? parser.getCurrentToken() : cause.getOffendingToken();
            return new ParseError(found.getStartIndex(), message(parser, found, cause.getExpectedTokens()));
        }
    }

    private static String message(Parser parser, Token found, @Nullable IntervalSet expected) {
        if (found.getType() == TunableSqlLexer.WITH
                && parser.getTokenStream()
                                .get(Math.min(
                                        found.getTokenIndex() + 1,
                                        parser.getTokenStream().size() - 1))
                                .getType()
                        == TunableSqlLexer.CONSISTENCY) {
            return "found WITH CONSISTENCY, which stands once, at the end of the whole statement";
        }
        List<Integer> types = new ArrayList<>(expected == null ? List.of() : expected.toList());
        String what = describe(types);
        StringBuilder message = new StringBuilder("found ").append(Words.quoted(found));
        if (!what.isEmpty()) {
            message.append(", expected ").append(what);
        }
        Set<String> known = new TreeSet<>();
        types.forEach(type -> Words.keyword(type).ifPresent(known::add));
        Optional<String> meant =
                found.getType() == TunableSqlLexer.STRING ? Optional.empty() : Words.nearest(found.getText(), known);
        meant.ifPresent(word -> message.append("; did you mean ").append(word).append('?'));
        return message.toString();
    }

    /** Names what could have stood there, and leaves in {@code types} what a slip of the pen may have missed. */
    private static String describe(List<Integer> types) {
        if (types.contains(TunableSqlLexer.ROLLBACK)
                && types.contains(TunableSqlLexer.SHUTDOWN)
                && !types.contains(TunableSqlLexer.WORD)) {
            return "a statement";
        }
        if (types.contains(TunableSqlLexer.OPERATOR)) {
            // inside a run anything goes; what ends it is not worth a list
            types.removeIf(type -> type == TunableSqlLexer.WORD);
            return "";
        }
        Set<String> names = new TreeSet<>();
        if (types.contains(TunableSqlLexer.WORD)) {
            names.add("a name");
            types.removeIf(type -> type == TunableSqlLexer.WORD
                    || type == TunableSqlLexer.QUOTED
                    || type == TunableSqlLexer.BACKTICKED
                    || NonReserved.contains(type));
        }
        types.forEach(type -> names.add(Words.name(type)));
        if (names.isEmpty() || names.size() > MOST_EXPECTED) {
            return "";
        }
        List<String> listed = new ArrayList<>(names);
        int last = listed.size() - 1;
        return last == 0 ? listed.get(0) : String.join(", ", listed.subList(0, last)) + " or " + listed.get(last);
    }
}
