package io.tunabledb.engine.h2.ddl.rule;

import io.tunabledb.engine.h2.sql.SqlTokens.Token;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The texts in a definition that H2 computes while it reads it: the comment something is declared with, {@code COMMENT RAND()},
 * and the values of an ENUM. It keeps what came of it alone: each replica would have another, and nothing compiled shows it. So
 * they are literals and nothing else. Looks at the statement, because a column may be called COMMENT, too.
 */
final class ReadTexts {
    /** Words after which a column or another thing is named, or used: not those that may end a column's type or default. */
    private static final Set<String> BEFORE_A_NAME = Set.of(
            "ADD",
            "AFTER",
            "ALTER",
            "AND",
            "AS",
            "BEFORE",
            "BETWEEN",
            "BY",
            "CASE",
            "COLUMN",
            "CONSTANT",
            "CONSTRAINT",
            "DISTINCT",
            "DOMAIN",
            "DROP",
            "ELSE",
            "EXISTS",
            "FOR",
            "FORCE",
            "FROM",
            "HAVING",
            "IN",
            "INDEX",
            "INTO",
            "JOIN",
            "LIKE",
            "NOT",
            "ON",
            "OR",
            "REFERENCES",
            "RENAME",
            "REPLACE",
            "SCHEMA",
            "SELECT",
            "SEQUENCE",
            "SET",
            "SYNONYM",
            "TABLE",
            "TEMPORARY",
            "THEN",
            "TO",
            "VIEW",
            "WHEN",
            "WHERE");
    /** What a declaration may go on with. */
    private static final Set<String> AFTER_A_COMMENT = Set.of(
            "AFTER",
            "AS",
            "AUTO_INCREMENT",
            "BEFORE",
            "CHARACTER",
            "CHARSET",
            "CHECK",
            "CONSTRAINT",
            "DEFAULT",
            "ENGINE",
            "FIRST",
            "FOREIGN",
            "GENERATED",
            "HIDDEN",
            "IDENTITY",
            "INDEX",
            "INVISIBLE",
            "KEY",
            "NOT",
            "NULL",
            "ON",
            "PERSISTENT",
            "PRIMARY",
            "REFERENCES",
            "ROW_FORMAT",
            "SELECTIVITY",
            "SEQUENCE",
            "TRANSACTIONAL",
            "UNIQUE",
            "USING",
            "VISIBLE",
            "WITH");

    private ReadTexts() {}

    /** Why one of them is none that is the same on every replica, or null. */
    static @Nullable String refusal(String sql, List<Token> tokens) {
        boolean isCreated = !tokens.isEmpty() && tokens.get(0).is("CREATE");
        for (int i = 1; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (isCreated && token.depth() == 0 && token.is("AS") && !isDomain(tokens)) {
                // what follows is a query, in which the words are names
                return null;
            }
            if (token.is("COMMENT") && !isLiteral(sql, tokens, i) && !isName(sql, tokens, i)) {
                return "a COMMENT is computed once for each replica: write it as one literal";
            }
            if (token.is("ENUM")
                    && isOpened(tokens, i + 1)
                    && (tokens.get(i - 1).is("AS") || !isName(sql, tokens, i))
                    && !areLiterals(tokens, i + 2)) {
                return "the values of an ENUM are computed once for each replica: write each as one literal";
            }
        }
        return null;
    }

    private static boolean isDomain(List<Token> tokens) {
        return tokens.size() > 1 && tokens.get(1).is("DOMAIN");
    }

    private static boolean isOpened(List<Token> tokens, int at) {
        return at < tokens.size() && tokens.get(at).is("(");
    }

    /** Literals are no tokens: there is nothing but commas to the end of the brackets. */
    private static boolean areLiterals(List<Token> tokens, int from) {
        int at = from;
        while (at < tokens.size() && tokens.get(at).is(",")) {
            at++;
        }
        return at < tokens.size() && tokens.get(at).is(")");
    }

    private static boolean isLiteral(String sql, List<Token> tokens, int comment) {
        boolean isLinked = comment + 1 < tokens.size()
                && (tokens.get(comment + 1).is("IS") || tokens.get(comment + 1).is("="));
        int last = isLinked ? comment + 1 : comment;
        String after = sql.substring(
                        tokens.get(last).start() + tokens.get(last).text().length())
                .strip();
        if (!after.startsWith("'") && !after.startsWith("$$")) {
            return false;
        }
        if (last + 1 >= tokens.size()) {
            return true;
        }
        Token next = tokens.get(last + 1);
        return next.is(",")
                || next.is(")")
                || next.is(";")
                || (!next.quoted() && AFTER_A_COMMENT.contains(next.text()));
    }

    private static boolean isName(String sql, List<Token> tokens, int comment) {
        Token before = tokens.get(comment - 1);
        if (before.quoted()) {
            return false;
        }
        // literals are no tokens, but for numbers
        String between = sql.substring(
                before.start() + before.text().length(), tokens.get(comment).start());
        if (between.contains("'") || between.contains("$$")) {
            return false;
        }
        char first = before.text().charAt(0);
        return Character.isJavaIdentifierStart(first)
                ? BEFORE_A_NAME.contains(before.text())
                : !Character.isDigit(first) && ")]}".indexOf(first) < 0;
    }
}
