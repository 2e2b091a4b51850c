package io.tunabledb.sql;

import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.GroupContext;
import io.tunabledb.sql.parser.TunableSqlParser.InnerContext;
import io.tunabledb.sql.parser.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/** What the nodes of a parse tree stand for, where the grammar leaves a run of tokens as it is. */
final class Trees {
    private static final Set<String> NOT_COLUMNS =
            Set.of("TRUE", "FALSE", "NULL", "UNKNOWN", "DEFAULT", "NOT", "ROWNUM");

    private Trees() {}

    /** What stands in a group; null when it is nothing, or a query. */
    static @Nullable List<ParseTree> inside(GroupContext group) {
        InnerContext inner =
                group.groupBody() == null ? null : group.groupBody().inner();
        return inner != null && inner.setOperation() == null && inner.bareQuery() == null ? inner.children : null;
    }

    /** What stands between the commas of a group; nothing when it holds a query. */
    static List<List<ParseTree>> elements(GroupContext group) {
        List<ParseTree> inside = inside(group);
        return inside == null ? List.of() : split(inside, TunableSqlLexer.COMMA);
    }

    /** The source text of a value that is one literal; null when it is something else. */
    static @Nullable String literal(List<ParseTree> value) {
        int last = value.size() - 1;
        if (last < 0) {
            return null;
        }
        boolean signed = last == 1 && value.get(0).getText().equals("-");
        if (last != 0 && !signed) {
            return null;
        }
        boolean isNumber = type(value.get(last)) == TunableSqlLexer.NUMBER;
        boolean isText = type(value.get(last)) == TunableSqlLexer.STRING;
        boolean isBoolean =
                word(value.get(last)).equals("TRUE") || word(value.get(last)).equals("FALSE");
        boolean isLiteral = isNumber || (!signed && (isText || isBoolean));
        return isLiteral ? (signed ? "-" : "") + value.get(last).getText() : null;
    }

    /** What stands between the separators. */
    static List<List<ParseTree>> split(List<ParseTree> children, int separator) {
        List<List<ParseTree>> parts = new ArrayList<>();
        List<ParseTree> part = new ArrayList<>();
        for (ParseTree child : children) {
            if (type(child) == separator) {
                parts.add(part);
                part = new ArrayList<>();
            } else {
                part.add(child);
            }
        }
        parts.add(part);
        return parts;
    }

    /** Whether it can be the name of a column. */
    static boolean isName(ParseTree tree) {
        return switch (type(tree)) {
            case TunableSqlLexer.QUOTED, TunableSqlLexer.BACKTICKED -> true;
            default -> !word(tree).isEmpty() && !NOT_COLUMNS.contains(word(tree));
        };
    }

    static Token token(ParseTree tree) {
        return ((TerminalNode) tree).getSymbol();
    }

    static int type(ParseTree tree) {
        return tree instanceof TerminalNode terminal ? terminal.getSymbol().getType() : 0;
    }

    /** An unquoted word in upper case; empty for everything else. */
    static String word(ParseTree tree) {
        return Words.isWord(type(tree)) ? Names.folded(token(tree)) : "";
    }
}
