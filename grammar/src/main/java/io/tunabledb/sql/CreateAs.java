package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.sql.Statement.TableUse;
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
 * @param namesItself whether what follows the table's name says that name again, so that it means nothing under another
 */
public record CreateAs(
        String before, String after, @Nullable String query, boolean isConditional, boolean namesItself) {
    /** At once, whatever level the session asks of its writes. */
    private static final Statement.Asked AT_ONCE =
            new Statement.Asked(Ladder.of(Level.SEQUENTIAL), Statement.Source.HINT);

    /** Creates the table, empty, under that name. */
    public String definition(TableUse name) {
        return before + exact(name) + after;
    }

    /** Fills the table that was created under that name; null when it stays empty. */
    public Statement.@Nullable Sql filling(TableUse name) {
        if (query == null) {
            return null;
        }
        Statement.Sql insert = (Statement.Sql)
                SqlParser.parse("INSERT INTO " + exact(name) + " " + query).get(0);
        return new Statement.Sql(
                insert.text(),
                insert.operation(),
                insert.tables(),
                insert.traits(),
                insert.parameterCount(),
                insert.structure(),
                insert.needs(),
                AT_ONCE);
    }

    /** Gives the table that was created under one name another, in the same schema. */
    public static String renaming(TableUse from, String to) {
        return "ALTER TABLE " + exact(from) + " RENAME TO " + Names.exact(to);
    }

    /** Drops the table that was created under that name. */
    public static String dropping(TableUse name) {
        return "DROP TABLE IF EXISTS " + exact(name);
    }

    private static String exact(TableUse table) {
        String schema = table.schema();
        return schema == null ? Names.exact(table.name()) : Names.exact(schema) + "." + Names.exact(table.name());
    }

    /** Splits a statement with {@link Statement.Trait#CREATE_AS_SELECT}. */
    public static CreateAs of(Statement.Sql statement) {
        String text = statement.text();
        Lexed lexed = Lexed.of(text);
        CreateTableContext table = find(Parsing.parse(lexed, TunableSqlParser::script));
        ParserRuleContext query = table.query();
        int from = query.getStart().getStartIndex();
        int to = query.getStop().getStopIndex() + 1;
        ParserRuleContext name = table.qualifiedName();
        boolean isEmpty =
                table.name().stream().anyMatch(word -> Names.folded(word).equals("NO"));
        return new CreateAs(
                text.substring(0, name.getStart().getStartIndex()),
                text.substring(name.getStop().getStopIndex() + 1, to) + " WITH NO DATA",
                isEmpty ? null : text.substring(from, to),
                table.ifNotExists() != null,
                namesItself(lexed, name, query));
    }

    private static boolean namesItself(Lexed lexed, ParserRuleContext name, ParserRuleContext query) {
        String own = Names.folded(name.getStop());
        return lexed
                .tokens()
                .subList(name.getStop().getTokenIndex() + 1, query.getStop().getTokenIndex() + 1)
                .stream()
                .anyMatch(token -> Names.folded(token).equalsIgnoreCase(own));
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
