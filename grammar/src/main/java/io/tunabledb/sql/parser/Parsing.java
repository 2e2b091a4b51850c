package io.tunabledb.sql.parser;

import java.util.function.Function;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ListTokenSource;
import org.antlr.v4.runtime.atn.PredictionMode;

/** Runs the generated parser: fast first, and once more with full context when that fails, to be sure of the error. */
public final class Parsing {

    private Parsing() {}

    /**
     * The tree of the rule that {@code entry} calls.
     *
     * @throws ParseError at the first token that does not fit; nothing is repaired
     */
    public static <T> T parse(Lexed lexed, Function<TunableSqlParser, T> entry) {
        try {
            return entry.apply(parser(lexed, PredictionMode.SLL, Strictness.QUICK));
        } catch (ParseError e) {
            return entry.apply(parser(lexed, PredictionMode.LL, Strictness.EXPLAINING));
        }
    }

    private static TunableSqlParser parser(Lexed lexed, PredictionMode mode, Strictness strictness) {
        TunableSqlParser parser = new TunableSqlParser(new CommonTokenStream(new ListTokenSource(lexed.tokens())));
        parser.removeErrorListeners();
        parser.setErrorHandler(strictness.strategy());
        parser.getInterpreter().setPredictionMode(mode);
        return parser;
    }
}
