package io.tunabledb.sql;

import io.tunabledb.sql.parser.Lexed;
import io.tunabledb.sql.parser.Parsing;
import io.tunabledb.sql.parser.TunableSqlParser;
import io.tunabledb.sql.parser.TunableSqlParser.CreateContext;
import io.tunabledb.sql.parser.TunableSqlParser.CreateTableContext;
import java.util.ArrayDeque;
import java.util.Deque;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.jspecify.annotations.Nullable;

/**
 * CREATE TABLE … AS query in two parts: every replica can execute the first, and only its leader may run the query,
 * because two runs of it can differ.
 *
 * @param before the definition up to the table's name
 * @param after the definition from behind the table's name; it creates the table empty
 * @param query what fills it, or null when it stays empty (WITH NO DATA)
 * @param isConditional whether it says IF NOT EXISTS
 */
public record CreateAs(
        String before, String after, @Nullable String query, boolean isConditional) {

    /** Creates the table, empty, under that name. */
    public String definition(String name) {
        return before + name + after;
    }

    /** Splits a statement with {@link Statement.Trait#CREATE_AS_SELECT}. */
    public static CreateAs of(Statement.Sql statement) {
        String text = statement.text();
        CreateTableContext table = find(Parsing.parse(Lexed.of(text), TunableSqlParser::script));
        ParserRuleContext query = table.query();
        int from = query.getStart().getStartIndex();
        int to = query.getStop().getStopIndex() + 1;
        ParserRuleContext name = table.qualifiedName();
        boolean isEmpty = text.substring(to).toUpperCase(java.util.Locale.ROOT).contains("NO");
        return new CreateAs(
                text.substring(0, name.getStart().getStartIndex()),
                text.substring(name.getStop().getStopIndex() + 1, to) + " WITH NO DATA",
                isEmpty ? null : text.substring(from, to),
                table.ifNotExists() != null);
    }

    private static CreateTableContext find(ParseTree script) {
        Deque<ParseTree> open = new ArrayDeque<>();
        open.push(script);
        while (!open.isEmpty()) {
            ParseTree tree = open.pop();
            if (tree instanceof CreateContext create && create.createObject() instanceof CreateTableContext table) {
                return table;
            }
            for (int i = 0; i < tree.getChildCount(); i++) {
                open.push(tree.getChild(i));
            }
        }
        throw new IllegalArgumentException("not a CREATE TABLE … AS");
    }
}
