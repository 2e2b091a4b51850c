package io.tunabledb.sql;

import io.tunabledb.sql.Statement.Sharded;
import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import io.tunabledb.sql.parser.Words;
import java.util.List;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/**
 * Reads SHARD BY (column), REFERENCE and UNSHARDED.
 *
 * @param sharded what it says
 * @param start the character it begins at
 * @param end the one after its last
 */
record ShardingReader(Sharded sharded, int start, int end) {
    private static final String EXPECTED = ", expected SHARD BY (column), with one column";

    /** That of a CREATE TABLE; null when it has none. */
    static @Nullable ShardingReader of(CreateContext create, CreateTableContext table) {
        ShardingReader found = null;
        List<ParseTree> children = table.definition().children;
        for (int i = 0; children != null && i < children.size(); i++) {
            if (!(children.get(i) instanceof TableOptionContext option)
                    || option.getStart().getType() == TunableSqlLexer.ENGINE) {
                continue;
            }
            Token start = option.getStart();
            if (found != null) {
                throw new ParseError(start.getStartIndex(), "SHARD BY (…) or REFERENCE stands twice");
            }
            if (create.createWord().stream().anyMatch(word -> word.TEMPORARY() != null || word.TEMP() != null)) {
                throw new ParseError(start.getStartIndex(), "a temporary table can't be sharded; leave it out");
            }
            found = read(start, children.subList(i + 1, children.size()));
        }
        return found;
    }

    /** That of an ALTER TABLE; null when it changes something else. */
    static @Nullable ShardingReader of(AlterTableContext alter) {
        if (!(alter.alterAction() instanceof AlterOtherwiseContext action)) {
            return null;
        }
        Token start = action.getStart();
        boolean isUnsharded = start.getText().equalsIgnoreCase("UNSHARDED");
        if (start.getType() != TunableSqlLexer.SHARD && start.getType() != TunableSqlLexer.REFERENCE && !isUnsharded) {
            return null;
        }
        List<ParseTree> rest = action.ddl().children == null ? List.of() : action.ddl().children;
        ShardingReader read = isUnsharded
                ? new ShardingReader(Sharded.NOT, start.getStartIndex(), start.getStopIndex() + 1)
                : read(start, rest);
        int expected = read.sharded.key() == null ? 0 : 2;
        if (rest.size() > expected) {
            Token more = first(rest.get(expected));
            throw new ParseError(
                    more.getStartIndex(), "found " + Words.quoted(more) + ", expected the end of the text");
        }
        return read;
    }

    private static ShardingReader read(Token start, List<ParseTree> rest) {
        if (start.getType() == TunableSqlLexer.REFERENCE) {
            return new ShardingReader(new Sharded(null), start.getStartIndex(), start.getStopIndex() + 1);
        }
        if (rest.isEmpty() || !Trees.word(rest.get(0)).equals("BY")) {
            throw expected(rest.isEmpty() ? start : first(rest.get(0)));
        }
        if (rest.size() < 2 || !(rest.get(1) instanceof GroupContext group)) {
            throw expected(rest.size() < 2 ? first(rest.get(0)) : first(rest.get(1)));
        }
        List<List<ParseTree>> columns = Trees.elements(group);
        if (columns.size() != 1
                || columns.get(0).size() != 1
                || !Trees.isName(columns.get(0).get(0))) {
            throw expected(group.getStart());
        }
        String column = Names.folded(Trees.token(columns.get(0).get(0)));
        return new ShardingReader(
                new Sharded(column), start.getStartIndex(), group.getStop().getStopIndex() + 1);
    }

    private static ParseError expected(Token at) {
        return new ParseError(at.getStartIndex(), "found " + Words.quoted(at) + EXPECTED);
    }

    private static Token first(ParseTree tree) {
        return tree instanceof TerminalNode word ? word.getSymbol() : ((ParserRuleContext) tree).getStart();
    }
}
