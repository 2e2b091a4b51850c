package io.tunabledb.sql;

import io.tunabledb.sql.Structure.Column;
import io.tunabledb.sql.Structure.Condition;
import io.tunabledb.sql.Structure.Value;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.GroupContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.antlr.v4.runtime.tree.ParseTree;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a condition what must hold of single columns. A part that is not plainly so is left out of AND, where the rest
 * holds without it, and takes the whole OR with it.
 */
final class ConditionReader {
    /** Deeper brackets are nobody's own writing, and not worth the stack. */
    private static final int DEEPEST = 50;

    /** Words that stand for a value where a column could: functions that need no parentheses, and a row's id. */
    private static final Set<String> VALUES = Set.of(
            "CURRENT_CATALOG",
            "CURRENT_DATE",
            "CURRENT_PATH",
            "CURRENT_ROLE",
            "CURRENT_SCHEMA",
            "CURRENT_TIME",
            "CURRENT_TIMESTAMP",
            "CURRENT_USER",
            "LOCALTIME",
            "LOCALTIMESTAMP",
            "SESSION_USER",
            "SYSDATE",
            "SYSTEM_USER",
            "SYSTIMESTAMP",
            "USER",
            "_ROWID_");

    private final TokenReader tokens;

    ConditionReader(TokenReader tokens) {
        this.tokens = tokens;
    }

    /** What must hold, or null when nothing is certain. */
    @Nullable
    Condition condition(List<ParseTree> words) {
        return or(words, 0);
    }

    private @Nullable Condition or(List<ParseTree> words, int depth) {
        List<List<ParseTree>> parts = splitAt("OR", words);
        if (parts.size() == 1) {
            return and(words, depth);
        }
        List<Condition> conditions = new ArrayList<>(parts.size());
        for (List<ParseTree> part : parts) {
            Condition condition = and(part, depth);
            if (condition == null) {
                return null;
            }
            conditions.add(condition);
        }
        return new Condition.Or(conditions);
    }

    private @Nullable Condition and(List<ParseTree> words, int depth) {
        List<Condition> conditions = new ArrayList<>();
        for (List<ParseTree> part : splitAt("AND", words)) {
            Condition condition = single(part, depth);
            if (condition != null) {
                conditions.add(condition);
            }
        }
        return all(conditions);
    }

    private static @Nullable Condition all(List<Condition> conditions) {
        return switch (conditions.size()) {
            case 0 -> null;
            case 1 -> conditions.get(0);
            default -> new Condition.And(conditions);
        };
    }

    /** Splits at AND or OR, but neither at the AND of BETWEEN nor inside CASE. */
    private static List<List<ParseTree>> splitAt(String separator, List<ParseTree> words) {
        List<List<ParseTree>> parts = new ArrayList<>();
        List<ParseTree> part = new ArrayList<>();
        int cases = 0;
        int betweens = 0;
        for (ParseTree tree : words) {
            String word = Trees.word(tree);
            boolean ofBetween = word.equals("AND") && betweens > 0;
            if (cases == 0 && word.equals(separator) && !ofBetween) {
                parts.add(part);
                part = new ArrayList<>();
                continue;
            }
            switch (word) {
                case "CASE" -> cases++;
                case "END" -> cases--;
                case "BETWEEN" -> betweens += cases == 0 ? 1 : 0;
                case "AND" -> betweens -= cases == 0 && betweens > 0 ? 1 : 0;
                default -> {}
            }
            part.add(tree);
        }
        parts.add(part);
        return parts;
    }

    private @Nullable Condition single(List<ParseTree> words, int depth) {
        if (words.size() == 1 && words.get(0) instanceof GroupContext group) {
            List<ParseTree> inner = Trees.inside(group);
            return inner == null || depth == DEEPEST ? null : or(inner, depth + 1);
        }
        int in = words.size() - 2;
        if (in > 0 && Trees.word(words.get(in)).equals("IN") && words.get(in + 1) instanceof GroupContext group) {
            return in(words.subList(0, in), Trees.elements(group));
        }
        List<List<ParseTree>> sides = Trees.split(words, TunableSqlLexer.EQ);
        return sides.size() == 2 ? equal(sides.get(0), sides.get(1)) : null;
    }

    /** column IN (value, …) or (column, …) IN ((value, …), …). */
    private @Nullable Condition in(List<ParseTree> left, List<List<ParseTree>> right) {
        if (right.isEmpty()) {
            return null;
        }
        List<List<ParseTree>> columns = row(left);
        if (columns.isEmpty()) {
            return oneOf(left, right);
        }
        List<List<List<ParseTree>>> rows =
                right.stream().map(ConditionReader::row).toList();
        if (rows.stream().anyMatch(row -> row.size() != columns.size())) {
            return null;
        }
        List<Condition> conditions = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int at = i;
            Condition condition =
                    oneOf(columns.get(i), rows.stream().map(row -> row.get(at)).toList());
            if (condition != null) {
                conditions.add(condition);
            }
        }
        return all(conditions);
    }

    /** The parts of a row value; none when it is something else. */
    private static List<List<ParseTree>> row(List<ParseTree> words) {
        boolean isRow = words.size() == 1 && words.get(0) instanceof GroupContext;
        List<List<ParseTree>> parts = isRow ? Trees.elements((GroupContext) words.get(0)) : List.of();
        return parts.size() > 1 ? parts : List.of();
    }

    private @Nullable Condition oneOf(List<ParseTree> left, List<List<ParseTree>> right) {
        Column column = column(left);
        if (column == null) {
            return null;
        }
        List<Value> values = right.stream().map(this::value).toList();
        return values.stream().allMatch(ConditionReader::isKnown) ? new Condition.In(column, values) : null;
    }

    private @Nullable Condition equal(List<ParseTree> left, List<ParseTree> right) {
        List<List<ParseTree>> leftRow = row(left);
        List<List<ParseTree>> rightRow = row(right);
        if (!leftRow.isEmpty() && leftRow.size() == rightRow.size()) {
            List<Condition> conditions = new ArrayList<>();
            for (int i = 0; i < leftRow.size(); i++) {
                Condition condition = equal(leftRow.get(i), rightRow.get(i));
                if (condition != null) {
                    conditions.add(condition);
                }
            }
            return all(conditions);
        }
        Column leftColumn = column(left);
        Column rightColumn = column(right);
        if (leftColumn != null && rightColumn != null) {
            return new Condition.Same(leftColumn, rightColumn);
        }
        if (leftColumn != null) {
            return oneOf(left, List.of(right));
        }
        return rightColumn == null ? null : oneOf(right, List.of(left));
    }

    private static boolean isKnown(Value value) {
        return value instanceof Value.Parameter || value instanceof Value.Literal;
    }

    /** name, table.name or schema.table.name; null when it is something else. */
    static @Nullable Column column(List<ParseTree> words) {
        int last = words.size() - 1;
        if (last < 0 || last % 2 != 0) {
            return null;
        }
        for (int i = 0; i <= last; i++) {
            ParseTree word = words.get(i);
            boolean fits = i % 2 == 0 ? Trees.isName(word) : Trees.type(word) == TunableSqlLexer.DOT;
            if (!fits) {
                return null;
            }
        }
        if (last == 0 && VALUES.contains(Trees.word(words.get(0)))) {
            return null;
        }
        String name = Names.folded(Trees.token(words.get(last)));
        return new Column(last == 0 ? null : Names.folded(Trees.token(words.get(last - 2))), name);
    }

    /** The value that stands there. */
    Value value(List<ParseTree> words) {
        if (words.size() == 1 && Trees.type(words.get(0)) == TunableSqlLexer.PARAMETER) {
            int index = tokens.parameterAt(Trees.token(words.get(0)).getTokenIndex());
            return index > 0 ? new Value.Parameter(index) : new Value.Other();
        }
        if (words.size() == 1 && Trees.word(words.get(0)).equals("DEFAULT")) {
            return new Value.Default();
        }
        String literal = Trees.literal(words);
        return literal == null ? new Value.Other() : new Value.Literal(literal);
    }
}
