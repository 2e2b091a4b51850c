package io.tunabledb.sql;

import io.tunabledb.sql.Statement.Trait;
import io.tunabledb.sql.Statement.Use;
import io.tunabledb.sql.Structure.Assignment;
import io.tunabledb.sql.Structure.Change;
import io.tunabledb.sql.Structure.Column;
import io.tunabledb.sql.Structure.Row;
import io.tunabledb.sql.Structure.Value;
import io.tunabledb.sql.Structure.Verb;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/** Reads what a change does: the rows it brings, the columns it sets. */
final class ChangeReader {
    private final List<? extends Token> words;
    private final TokenReader tokens;
    private final ConditionReader conditions;
    private final int base;

    /**
     * A reader of one statement.
     *
     * @param words its tokens
     * @param base the character at which the text that storage is given begins
     */
    ChangeReader(List<? extends Token> words, TokenReader tokens, ConditionReader conditions, int base) {
        this.words = words;
        this.tokens = tokens;
        this.conditions = conditions;
        this.base = base;
    }

    /** The target of a change that brings its own rows. */
    static @Nullable QualifiedNameContext givenRows(@Nullable DmlContext change) {
        if (change instanceof InsertContext insert) {
            return insert.qualifiedName();
        }
        if (change instanceof ReplaceContext replace) {
            return replace.qualifiedName();
        }
        return change instanceof MergeContext merge ? merge.qualifiedName() : null;
    }

    Change change(DmlContext change) {
        if (change instanceof UpdateContext update) {
            boolean rowByRow = update.fromList() == null && update.tail().isEmpty() && !numbersRows();
            boolean isCut = update.tail().stream().anyMatch(tail -> tail instanceof BareTailContext);
            ListContext set = update.list(0);
            return picked(Verb.UPDATE, update.qualifiedName(), isCut ? null : assignments(set.children), rowByRow);
        }
        if (change instanceof DeleteContext delete) {
            return picked(
                    Verb.DELETE,
                    delete.qualifiedName(),
                    List.of(),
                    delete.tail().isEmpty() && !numbersRows());
        }
        if (change instanceof InsertContext insert) {
            List<Assignment> assignments = insert.ON_CONFLICT() == null ? List.of() : onConflict(insert.list());
            return given(Verb.INSERT, insert.qualifiedName(), insert.target(), insert.source(), assignments);
        }
        if (change instanceof ReplaceContext replace) {
            return given(Verb.REPLACE, replace.qualifiedName(), replace.target(), replace.source(), List.of());
        }
        MergeContext merge = (MergeContext) change;
        // MERGE … USING may set any column
        List<Assignment> assignments = merge.USING() == null ? List.of() : null;
        return given(Verb.MERGE, merge.qualifiedName(), merge.target(), merge.source(), assignments);
    }

    private static Change picked(
            Verb verb, QualifiedNameContext target, @Nullable List<Assignment> assignments, boolean isRowByRow) {
        return new Change(
                verb,
                Names.table(target, Use.WRITE),
                List.of(),
                List.of(),
                List.of(),
                assignments,
                List.of(),
                isRowByRow,
                false);
    }

    private Change given(
            Verb verb,
            QualifiedNameContext table,
            TargetContext target,
            @Nullable SourceContext source,
            @Nullable List<Assignment> assignments) {
        boolean plain = isPlain(target);
        List<GroupContext> groups = target.group();
        boolean columnsFirst = !groups.isEmpty() && target.getChild(0) == groups.get(0);
        List<String> columns = columnsFirst ? names(groups.get(0)) : List.of();
        int keysAt = columnsFirst ? 1 : 0;
        List<String> keys = groups.size() > keysAt ? names(groups.get(keysAt)) : List.of();
        List<Row> rows = List.of();
        if (source instanceof SetSourceContext set && set.bareQuery() == null) {
            List<Assignment> setTo = assignments(set.list().children);
            if (setTo != null) {
                columns = setTo.stream().map(Assignment::column).toList();
                rows = List.of(new Row(
                        0, 0, List.of(), setTo.stream().map(Assignment::value).toList()));
            }
        } else if (source instanceof ValuesSourceContext values && values.bareQuery() == null) {
            rows = values.list() == null ? List.of(noCells()) : rows(values.list(), plain);
        }
        boolean isSplittable =
                rows.size() > 1 && words.stream().noneMatch(ChangeReader::isNumberedParameter) && !numbersRows();
        return new Change(
                verb,
                Names.table(table, Use.WRITE),
                columns,
                keys,
                rows,
                assignments,
                isSplittable && source != null ? parametersBehind(source) : List.of(),
                !rows.isEmpty(),
                isSplittable);
    }

    /** Each part of a statement would count rows of its own. */
    private boolean numbersRows() {
        return tokens.traits().contains(Trait.NUMBERS_ROWS);
    }

    private static Row noCells() {
        return new Row(0, 0, List.of(), List.of());
    }

    /** Nothing but columns, KEY (…) or DEFAULT; OVERRIDING USER VALUE would make the values mean something else. */
    private static boolean isPlain(TargetContext target) {
        for (int i = 0; i < target.getChildCount(); i++) {
            ParseTree child = target.getChild(i);
            boolean isColumns = child instanceof GroupContext && (i == 0 || isKeyWord(target.getChild(i - 1)));
            if (!isKeyWord(child) && !isColumns) {
                return false;
            }
        }
        return true;
    }

    private static boolean isKeyWord(ParseTree tree) {
        return tree instanceof NameContext name && name.getStart().getType() == TunableSqlLexer.KEY;
    }

    /** The names between the commas; null characters can't be in a name, so what is no name is a name that is nobody's. */
    private static List<String> names(GroupContext group) {
        return Trees.elements(group).stream()
                .map(ConditionReader::column)
                .map(column -> column == null ? "\0" : column.name())
                .toList();
    }

    private List<Row> rows(ListContext list, boolean isPlain) {
        List<Row> rows = new ArrayList<>();
        List<ParseTree> row = new ArrayList<>();
        for (ParseTree child : list.children) {
            int type = Trees.type(child);
            if (type == TunableSqlLexer.COMMA || type == TunableSqlLexer.VALUES_COMMA) {
                rows.add(row(row, isPlain));
                row = new ArrayList<>();
            } else {
                row.add(child);
            }
        }
        rows.add(row(row, isPlain));
        return rows;
    }

    private Row row(List<ParseTree> trees, boolean isPlain) {
        if (trees.isEmpty()) {
            return new Row(0, 0, List.of(), List.of(new Value.Other()));
        }
        Token first = first(trees.get(0));
        Token last = last(trees.get(trees.size() - 1));
        int group = Trees.type(trees.get(0)) == TunableSqlLexer.ROW ? 1 : 0;
        List<List<ParseTree>> elements = trees.size() == group + 1 && trees.get(group) instanceof GroupContext cells
                ? Trees.elements(cells)
                : List.of(trees);
        List<Value> cells = isPlain && !elements.isEmpty()
                ? elements.stream().map(conditions::value).toList()
                : List.of(new Value.Other());
        return new Row(
                first.getStartIndex() - base,
                last.getStopIndex() + 1 - base,
                parameters(first.getTokenIndex(), last.getTokenIndex()),
                cells);
    }

    private List<Integer> parameters(int fromToken, int toToken) {
        List<Integer> found = new ArrayList<>();
        int first = words.get(0).getTokenIndex();
        for (int i = Math.max(fromToken - first, 0); i <= toToken - first && i < words.size(); i++) {
            if (words.get(i).getType() == TunableSqlLexer.PARAMETER) {
                found.add(tokens.parameterAt(words.get(i).getTokenIndex()));
            }
        }
        return found;
    }

    private List<Integer> parametersBehind(ParserRuleContext source) {
        return parameters(source.getStop().getTokenIndex() + 1, Integer.MAX_VALUE);
    }

    private static boolean isNumberedParameter(Token token) {
        return token.getType() == TunableSqlLexer.PARAMETER && token.getText().length() > 1;
    }

    /** DUPLICATE KEY UPDATE …, or CONFLICT DO NOTHING. */
    private @Nullable List<Assignment> onConflict(@Nullable ListContext list) {
        List<ParseTree> trees = list == null ? List.of() : list.children;
        for (int i = 0; i < trees.size(); i++) {
            if (Trees.type(trees.get(i)) == TunableSqlLexer.UPDATE) {
                return assignments(trees.subList(i + 1, trees.size()));
            }
        }
        return List.of();
    }

    /** column = value with commas between; null when one is something else. */
    private @Nullable List<Assignment> assignments(List<ParseTree> trees) {
        List<Assignment> found = new ArrayList<>();
        for (List<ParseTree> one : Trees.split(trees, TunableSqlLexer.COMMA)) {
            int equal = 0;
            while (equal < one.size() && Trees.type(one.get(equal)) != TunableSqlLexer.EQ) {
                equal++;
            }
            if (equal == one.size()) {
                return null;
            }
            Column column = ConditionReader.column(one.subList(0, equal));
            if (column != null) {
                found.add(new Assignment(column.name(), conditions.value(one.subList(equal + 1, one.size()))));
            } else if (equal == 1 && one.get(0) instanceof GroupContext group) {
                names(group).forEach(name -> found.add(new Assignment(name, new Value.Other())));
            } else {
                return null;
            }
        }
        return found;
    }

    private static Token first(ParseTree tree) {
        return tree instanceof TerminalNode word ? word.getSymbol() : ((ParserRuleContext) tree).getStart();
    }

    private static Token last(ParseTree tree) {
        return tree instanceof TerminalNode word ? word.getSymbol() : ((ParserRuleContext) tree).getStop();
    }
}
