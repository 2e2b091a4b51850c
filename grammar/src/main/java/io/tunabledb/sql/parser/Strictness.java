package io.tunabledb.sql.parser;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.antlr.v4.runtime.DefaultErrorStrategy;
import org.antlr.v4.runtime.InputMismatchException;
import org.antlr.v4.runtime.NoViableAltException;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.ParserRuleContext;
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

    private static final class Quick extends DefaultErrorStrategy {
        @Override
        public void recover(Parser parser, RecognitionException e) {
            throw new ParseError(parser.getCurrentToken().getStartIndex(), "syntax error");
        }

        @Override
        public Token recoverInline(Parser parser) {
            throw new ParseError(parser.getCurrentToken().getStartIndex(), "syntax error");
        }

        @Override
        public void reportError(Parser parser, RecognitionException e) {
            // recover follows
        }

        @Override
        public void sync(Parser parser) {
            // a token that does not fit is found where it is consumed
        }
    }

    private static final class Explaining extends DefaultErrorStrategy {
        /** The token before which the last optional part could have begun. */
        private int optionalAt = -1;

        @Override
        public void recover(Parser parser, RecognitionException e) {
            throw error(parser, e);
        }

        @Override
        public Token recoverInline(Parser parser) {
            throw error(parser, farthestBack(parser, new InputMismatchException(parser)));
        }

        @Override
        public void reportError(Parser parser, RecognitionException e) {
            // recover follows
        }

        @Override
        public void sync(Parser parser) {
            int at = parser.getInputStream().index();
            if (at != optionalAt) {
                // what was optional before the last token says nothing of this one
                nextTokensContext = null;
                optionalAt = at;
            }
            try {
                super.sync(parser);
            } catch (InputMismatchException e) {
                throw farthestBack(parser, e);
            }
        }

        @Override
        protected @Nullable Token singleTokenDeletion(Parser parser) {
            return null;
        }

        /** The mismatch as seen where the first optional part did not begin: there, most was possible. */
        private InputMismatchException farthestBack(Parser parser, InputMismatchException e) {
            return nextTokensContext == null
                            || optionalAt != parser.getInputStream().index()
                    ? e
                    : new InputMismatchException(parser, nextTokensState, nextTokensContext);
        }

        private static ParseError error(Parser parser, RecognitionException e) {
            Token found = e.getOffendingToken();
            // a choice that failed some tokens on says only what could have begun it
            boolean late = e instanceof NoViableAltException choice && choice.getStartToken() != found;
            return new ParseError(found.getStartIndex(), message(parser, found, late ? null : e.getExpectedTokens()));
        }
    }

    private static String message(Parser parser, Token found, @Nullable IntervalSet expected) {
        if (found.getType() == TunableSqlLexer.WITH_ASKED) {
            return "found WITH CONSISTENCY, which stands once, at the end of the whole statement";
        }
        List<Integer> types = new ArrayList<>(expected == null ? List.of() : expected.toList());
        String what = describe(types, nameOf(parser.getContext()));
        StringBuilder message = new StringBuilder("found ").append(Words.quoted(found));
        if (!what.isEmpty()) {
            message.append(", expected ").append(what);
        }
        Set<String> known = new TreeSet<>();
        types.forEach(type -> Words.keyword(type).ifPresent(known::add));
        // a keyword in the wrong place is no slip of the pen
        Optional<String> meant = found.getType() == TunableSqlLexer.WORD
                ? Words.nearest(found.getText(), known).filter(word -> !word.equals(what))
                : Optional.empty();
        meant.ifPresent(word -> message.append("; did you mean ").append(word).append('?'));
        return message.toString();
    }

    /** Names what could have stood there, and leaves in {@code types} what a slip of the pen may have missed. */
    private static String describe(List<Integer> types, String name) {
        if (types.contains(TunableSqlLexer.INSERT)
                && types.contains(TunableSqlLexer.CREATE)
                && !types.contains(TunableSqlLexer.WORD)) {
            return "a statement";
        }
        if (types.contains(TunableSqlLexer.DELTA)) {
            return "a table or a query in parentheses";
        }
        if (types.contains(TunableSqlLexer.OPERATOR)) {
            // inside a run anything goes; what ends it is not worth a list
            types.removeIf(type -> type == TunableSqlLexer.WORD);
            return "";
        }
        // it may end nearly everything, so it is no help
        types.removeIf(type -> type == TunableSqlLexer.WITH_ASKED);
        Set<String> names = new TreeSet<>();
        if (types.contains(TunableSqlLexer.WORD)) {
            names.add(name);
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

    /** What a name stands for where the parser is. */
    private static String nameOf(@Nullable ParserRuleContext context) {
        for (ParserRuleContext at = context; at != null; at = at.getParent()) {
            if (at instanceof TunableSqlParser.DurationContext) {
                return "a unit of time";
            } else if (at instanceof TunableSqlParser.LadderContext || at instanceof TunableSqlParser.BareRungContext) {
                return "a consistency level";
            } else if (at instanceof TunableSqlParser.QualifiedNameContext) {
                return "a table";
            } else if (!(at instanceof TunableSqlParser.NameContext || at instanceof TunableSqlParser.RungContext)) {
                break;
            }
        }
        return "a name";
    }
}
