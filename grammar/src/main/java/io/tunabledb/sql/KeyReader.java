package io.tunabledb.sql;

import io.tunabledb.sql.Statement.KeyEquality;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import io.tunabledb.sql.parser.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/**
 * Finds {@code column = value} that must hold for every row a statement touches. Whatever is not plainly so is left
 * out: a missing equality costs a wider route, a wrong one loses rows.
 */
final class KeyReader {
    private static final Set<String> NOT_COLUMNS =
            Set.of("TRUE", "FALSE", "NULL", "UNKNOWN", "DEFAULT", "NOT", "ROWNUM");

    private final TokenReader tokens;
    private final List<KeyEquality> keys = new ArrayList<>();

    private KeyReader(TokenReader tokens) {
        this.tokens = tokens;
    }

    static List<KeyEquality> keys(H2StatementContext statement, TokenReader tokens) {
        KeyReader reader = new KeyReader(tokens);
        if (statement instanceof QueryStatementContext query) {
            reader.query(query.query());
        } else if (statement instanceof DmlStatementContext change) {
            reader.change(change.dml());
        } else if (statement instanceof ExplainContext explain) {
            if (explain.query() != null) {
                reader.query(explain.query());
            } else {
                reader.change(explain.dml());
            }
        }
        return reader.keys;
    }

    private void query(QueryContext query) {
        if (isPlain(query.body().tail())
                && query.body().keywordPrimary() instanceof SelectContext select
                && select.where != null) {
            conjuncts(select.where.children);
        }
    }

    /** Nothing that combines queries, or lets the condition end in a query. */
    private static boolean isPlain(List<TailContext> tails) {
        return tails.stream().allMatch(tail -> tail instanceof ClauseTailContext);
    }

    private void change(DmlContext change) {
        if (change instanceof UpdateContext update
                && update.where != null
                && update.fromList() == null
                && isPlain(update.tail())) {
            conjuncts(update.where.children);
        } else if (change instanceof DeleteContext delete && delete.where != null && isPlain(delete.tail())) {
            conjuncts(delete.where.children);
        } else if (change instanceof InsertContext insert) {
            inserted(insert.target(), insert.source());
        } else if (change instanceof ReplaceContext replace) {
            inserted(replace.target(), replace.source());
        } else if (change instanceof MergeContext merge) {
            inserted(merge.target(), merge.source());
        }
    }

    /** One row; of several, none but an equality they share would hold for all. */
    private void inserted(TargetContext target, @Nullable SourceContext source) {
        if (source instanceof SetSourceContext set && set.bareQuery() == null) {
            split(set.list().children, TunableSqlLexer.COMMA).forEach(this::equality);
            return;
        }
        boolean columnsFirst = target.getChildCount() > 0 && target.getChild(0) instanceof GroupContext;
        if (!columnsFirst || !(source instanceof ValuesSourceContext values) || values.bareQuery() != null) {
            return;
        }
        List<ParseTree> row = values.list() == null ? List.of() : values.list().children;
        boolean one = !row.isEmpty() && row.size() == (type(row.get(0)) == TunableSqlLexer.ROW ? 2 : 1);
        List<List<ParseTree>> columns = elements(target.group(0));
        List<List<ParseTree>> cells =
                one && row.get(row.size() - 1) instanceof GroupContext group ? elements(group) : List.of();
        if (columns.size() != cells.size()) {
            return;
        }
        for (int i = 0; i < cells.size(); i++) {
            if (columns.get(i).size() == 1 && columns.get(i).get(0) instanceof TerminalNode column) {
                add(null, column.getSymbol(), cells.get(i));
            }
        }
    }

    /** What stands between the commas of a group; nothing when it holds a query. */
    static List<List<ParseTree>> elements(GroupContext group) {
        InnerContext inner =
                group.groupBody() == null ? null : group.groupBody().inner();
        return inner == null || inner.children == null || inner.setOperation() != null || inner.bareQuery() != null
                ? List.of()
                : split(inner.children, TunableSqlLexer.COMMA);
    }

    /** Splits at AND, but neither at that of BETWEEN nor inside CASE; an OR beside them makes none of them certain. */
    private void conjuncts(List<ParseTree> condition) {
        List<List<ParseTree>> parts = new ArrayList<>();
        List<ParseTree> part = new ArrayList<>();
        int cases = 0;
        int betweens = 0;
        for (ParseTree child : condition) {
            String word = word(child);
            if (word.equals("OR") && cases == 0) {
                return;
            }
            if (word.equals("AND") && cases == 0 && betweens == 0) {
                parts.add(part);
                part = new ArrayList<>();
                continue;
            }
            switch (word) {
                case "CASE" -> cases++;
                case "END" -> cases--;
                case "BETWEEN" -> betweens += cases == 0 ? 1 : 0;
                case "AND" -> betweens -= cases == 0 ? 1 : 0;
                default -> {}
            }
            part.add(child);
        }
        parts.add(part);
        for (List<ParseTree> conjunct : parts) {
            if (conjunct.size() == 1 && conjunct.get(0) instanceof GroupContext group) {
                InnerContext inner =
                        group.groupBody() == null ? null : group.groupBody().inner();
                if (inner != null
                        && inner.children != null
                        && inner.setOperation() == null
                        && inner.bareQuery() == null) {
                    conjuncts(inner.children);
                }
            } else {
                equality(conjunct);
            }
        }
    }

    /** column = value, or the other way round. */
    private void equality(List<ParseTree> condition) {
        List<List<ParseTree>> sides = split(condition, TunableSqlLexer.EQ);
        if (sides.size() == 2 && !column(sides.get(0), sides.get(1))) {
            column(sides.get(1), sides.get(0));
        }
    }

    private boolean column(List<ParseTree> side, List<ParseTree> value) {
        int last = side.size() - 1;
        for (int i = 0; i <= last; i++) {
            boolean fits = i % 2 == 0 ? isName(side.get(i)) : type(side.get(i)) == TunableSqlLexer.DOT;
            if (!fits) {
                return false;
            }
        }
        if (last < 0 || last % 2 != 0) {
            return false;
        }
        return add(last > 0 ? token(side.get(last - 2)) : null, token(side.get(last)), value);
    }

    private boolean add(@Nullable Token table, Token column, List<ParseTree> value) {
        String qualifier = table == null ? null : Names.folded(table);
        if (value.size() == 1 && type(value.get(0)) == TunableSqlLexer.PARAMETER) {
            int index = tokens.parameterAt(token(value.get(0)).getTokenIndex());
            return index > 0 && keys.add(new KeyEquality(qualifier, Names.folded(column), index, null));
        }
        String literal = literal(value);
        return literal != null && keys.add(new KeyEquality(qualifier, Names.folded(column), 0, literal));
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
