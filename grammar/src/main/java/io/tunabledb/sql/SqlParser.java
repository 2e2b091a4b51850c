package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Rule;
import io.tunabledb.sql.HintReader.Hint;
import io.tunabledb.sql.parser.Lexed;
import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.Parsing;
import io.tunabledb.sql.parser.Position;
import io.tunabledb.sql.parser.TunableSqlParser;
import io.tunabledb.sql.parser.TunableSqlParser.StatementContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;

/** Parses SQL text. Stateless; callers cache. */
public final class SqlParser {

    private SqlParser() {}

    /**
     * Parses a script of one or more statements separated by semicolons; empty statements are dropped. Parameters are
     * counted per statement, from 1.
     *
     * @throws SqlSyntaxException with line:column, what was expected and the nearest known word
     */
    public static List<Statement> parse(String text) {
        return reporting(text, () -> {
            List<Statement> statements = new ArrayList<>(1);
            statements(text, (statement, at) -> statements.add(statement));
            return statements;
        });
    }

    /**
     * A rule of a file.
     *
     * @param line where its statement begins, from 1
     * @param column likewise
     */
    public record PlacedRule(Statement.CreateRule statement, int line, int column) {}

    /**
     * Parses a script of CREATE CONSISTENCY RULE statements.
     *
     * @throws SqlSyntaxException as {@link #parse} does, and for a statement of another kind or a name used twice
     */
    public static List<PlacedRule> parseRules(String text) {
        return reporting(text, () -> {
            List<PlacedRule> rules = new ArrayList<>();
            Set<String> names = new HashSet<>();
            statements(text, (statement, at) -> {
                if (!(statement instanceof Statement.CreateRule rule)) {
                    throw new ParseError(at, "expected CREATE CONSISTENCY RULE; a file of rules holds nothing else");
                }
                if (!names.add(rule.rule().name())) {
                    throw new ParseError(at, "rule " + rule.rule().name() + " stands twice in this file");
                }
                Position place = Position.of(text, at);
                rules.add(new PlacedRule(rule, place.line(), place.column()));
            });
            return rules;
        });
    }

    /** Each statement with the character it begins at. */
    private static void statements(String text, ObjIntConsumer<Statement> to) {
        Lexed lexed = Lexed.of(text);
        ParseTree script = Parsing.parse(lexed, TunableSqlParser::script);
        int start = 0;
        for (int i = 0; i < script.getChildCount(); i++) {
            if (script.getChild(i) instanceof StatementContext statement) {
                Token separator = lexed.tokens().get(statement.getStop().getTokenIndex() + 1);
                int end = separator.getStartIndex();
                to.accept(
                        read(lexed, statement, start, end), statement.getStart().getStartIndex());
            } else {
                start = ((TerminalNode) script.getChild(i)).getSymbol().getStopIndex() + 1;
            }
        }
    }

    /**
     * Parses {@code rung [ELSE rung]… [ELSE ERROR]} alone, as the URL property {@code consistency=} gives it.
     *
     * @throws SqlSyntaxException as {@link #parse} does
     */
    public static Ladder parseLadder(String text) {
        return reporting(
                text,
                () -> LadderReader.ladder(Parsing.parse(Lexed.of(text), TunableSqlParser::standaloneLadder)
                        .ladder()));
    }

    /**
     * The statement as SQL with everything it asks for: parsing it gives an equal statement. Differs from
     * {@link Statement#text()} only for a {@link Statement.Sql} that had a consistency clause.
     */
    public static String render(Statement statement) {
        return Rendering.text(statement);
    }

    /** The statement that creates a rule. */
    public static String render(Rule rule) {
        return Rendering.rule(rule, false, null);
    }

    private static Statement read(Lexed lexed, StatementContext statement, int start, int end) {
        List<Hint> hints = new ArrayList<>(0);
        for (int i = lexed.firstHintFrom(start); i < lexed.hints().size(); i++) {
            Token comment = lexed.hints().get(i);
            if (comment.getStartIndex() >= end) {
                break;
            }
            hints.addAll(HintReader.read(lexed.text(), comment));
        }
        return new StatementReader(lexed, start, end, hints).visit(statement);
    }

    private static <T> T reporting(String text, Supplier<T> parse) {
        try {
            return parse.get();
        } catch (ParseError e) {
            Position at = Position.of(text, Math.min(e.offset(), text.length()));
            throw new SqlSyntaxException(at.line(), at.column(), e.what());
        }
    }
}
