package io.tunabledb.engine.h2.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Splits a statement that H2 has already parsed into words, names and signs; literals and comments are left out. Enough
 * to look for a keyword or a function's name, no more.
 */
public final class SqlTokens {

    /**
     * A word or sign.
     *
     * @param text in upper case unless it was quoted
     * @param quoted whether it is a quoted identifier
     * @param depth how many parentheses it stands in
     * @param start where it begins
     */
    public record Token(String text, boolean quoted, int depth, int start) {
        public boolean is(String keyword) {
            return !quoted && text.equals(keyword);
        }
    }

    private final String sql;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int depth;

    private SqlTokens(String sql) {
        this.sql = sql;
    }

    public static List<Token> of(String sql) {
        SqlTokens scanner = new SqlTokens(sql);
        while (scanner.at < sql.length()) {
            scanner.next();
        }
        return scanner.tokens;
    }

    public static boolean startsWith(String sql, String... keywords) {
        List<Token> tokens = of(sql);
        for (int i = 0; i < keywords.length; i++) {
            if (i >= tokens.size() || !tokens.get(i).is(keywords[i])) {
                return false;
            }
        }
        return true;
    }

    private void next() {
        char c = sql.charAt(at);
        if (Character.isJavaIdentifierStart(c) && c != '$') {
            int from = at;
            while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
                at++;
            }
            add(sql.substring(from, at).toUpperCase(Locale.ROOT), false, from);
        } else if (c == '"' || c == '`') {
            int from = at;
            add(quoted(c), true, from);
        } else if (c == '\'') {
            quoted(c);
        } else if (sql.startsWith("$$", at)) {
            skipPast("$$", at + 2);
        } else if (sql.startsWith("--", at)) {
            skipPast("\n", at);
        } else if (sql.startsWith("/*", at)) {
            comment();
        } else {
            at++;
            sign(c);
        }
    }

    private void sign(char c) {
        if (c == ')') {
            depth--;
        }
        if (c > ' ') {
            add(String.valueOf(c), false, at - 1);
        }
        if (c == '(') {
            depth++;
        }
    }

    private String quoted(char quote) {
        StringBuilder text = new StringBuilder();
        for (at++; at < sql.length(); at++) {
            char c = sql.charAt(at);
            if (c == quote) {
                if (at + 1 < sql.length() && sql.charAt(at + 1) == quote) {
                    at++;
                } else {
                    at++;
                    break;
                }
            }
            text.append(c);
        }
        return text.toString();
    }

    private void skipPast(String end, int from) {
        int found = sql.indexOf(end, from);
        at = found < 0 ? sql.length() : found + end.length();
    }

    private void comment() {
        int open = 1;
        at += 2;
        while (at < sql.length() && open > 0) {
            if (sql.startsWith("*/", at)) {
                open--;
                at += 2;
            } else if (sql.startsWith("/*", at)) {
                open++;
                at += 2;
            } else {
                at++;
            }
        }
    }

    private void add(String text, boolean quoted, int start) {
        tokens.add(new Token(text, quoted, depth, start));
    }
}
