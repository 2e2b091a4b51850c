package io.tunabledb.sql;

import io.tunabledb.sql.parser.Lexed;
import io.tunabledb.sql.parser.Parsing;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import java.util.ArrayDeque;
import java.util.Deque;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/**
 * How many rows a write would change, found without executing it: a number that its text says, or a query that counts
 * the rows it picks.
 *
 * @param rows the number; {@link #UNKNOWN} when it can't be told from the text, or the query tells
 * @param query counts them; its parameters are the write's last ones, in order. Null when there is none
 */
public record RowCount(long rows, @Nullable String query) {
    /** JDBC's SUCCESS_NO_INFO. */
    public static final long UNKNOWN = -2;

    private static final RowCount NOT_TOLD = new RowCount(UNKNOWN, null);

    /** Looks at an INSERT, UPDATE, DELETE or MERGE. */
    public static RowCount of(Statement.Sql statement) {
        String text = statement.text();
        Lexed lexed = Lexed.of(text);
        DmlContext write = find(Parsing.parse(lexed, TunableSqlParser::script));
        if (write instanceof InsertContext insert) {
            boolean mayLeaveOut = insert.IGNORE() != null || insert.ON_CONFLICT() != null;
            return mayLeaveOut ? NOT_TOLD : given(insert.source());
        }
        if (write instanceof MergeContext merge) {
            return given(merge.source());
        }
        if (lexed.tokens().stream().anyMatch(RowCount::isNumberedParameter)) {
            // the query would have other numbers
            return NOT_TOLD;
        }
        if (write instanceof UpdateContext update) {
            return update.fromList() != null || !update.tail().isEmpty()
                    ? NOT_TOLD
                    : picked(text, update.qualifiedName(), update.suffix(), update.where);
        }
        if (write instanceof DeleteContext delete) {
            return delete.tail().isEmpty()
                    ? picked(text, delete.qualifiedName(), delete.suffix(), delete.where)
                    : NOT_TOLD;
        }
        return NOT_TOLD;
    }

    private static boolean isNumberedParameter(org.antlr.v4.runtime.Token token) {
        return token.getType() == TunableSqlLexer.PARAMETER && token.getText().length() > 1;
    }

    /** The rows after VALUES; SET gives one. */
    private static RowCount given(@Nullable SourceContext source) {
        if (source instanceof SetSourceContext set && set.bareQuery() == null) {
            return new RowCount(1, null);
        }
        if (!(source instanceof ValuesSourceContext values) || values.bareQuery() != null) {
            return NOT_TOLD;
        }
        ListContext list = values.list();
        if (list == null) {
            return new RowCount(1, null);
        }
        long rows = 1;
        for (int i = 0; i < list.getChildCount(); i++) {
            boolean isComma = list.getChild(i) instanceof TerminalNode word
                    && (word.getSymbol().getType() == TunableSqlLexer.COMMA
                            || word.getSymbol().getType() == TunableSqlLexer.VALUES_COMMA);
            rows += isComma ? 1 : 0;
        }
        return new RowCount(rows, null);
    }

    private static RowCount picked(
            String text, ParserRuleContext table, ParserRuleContext suffix, @Nullable ParserRuleContext where) {
        int end = suffix.getChildCount() == 0 ? stop(table) : stop(suffix);
        String from = "SELECT COUNT(*) FROM " + text.substring(table.getStart().getStartIndex(), end);
        return new RowCount(
                UNKNOWN,
                where == null
                        ? from
                        : from + " WHERE " + text.substring(where.getStart().getStartIndex(), stop(where)));
    }

    private static int stop(ParserRuleContext tree) {
        return tree.getStop().getStopIndex() + 1;
    }

    private static @Nullable DmlContext find(ParseTree script) {
        Deque<ParseTree> open = new ArrayDeque<>();
        open.push(script);
        while (!open.isEmpty()) {
            ParseTree tree = open.pop();
            if (tree instanceof DmlContext write) {
                return write;
            }
            for (int i = tree.getChildCount() - 1; i >= 0; i--) {
                open.push(tree.getChild(i));
            }
        }
        return null;
    }
}
