package io.tunabledb.sql;

import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Statement.Use;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.NameContext;
import io.tunabledb.sql.parser.TunableSqlParser.QualifiedNameContext;
import io.tunabledb.sql.parser.Words;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/** Names as H2 folds them: upper case unless in double quotes. */
final class Names {
    private static final Pattern REGULAR = Pattern.compile("[A-Z_][A-Z_0-9]*");

    private Names() {}

    static String folded(NameContext name) {
        return folded(name.getStart());
    }

    static String folded(Token token) {
        String text = token.getText();
        return switch (token.getType()) {
            case TunableSqlLexer.QUOTED -> text.charAt(0) == '"' ? inner(text, 1, '"') : unescaped(inner(text, 3, '"'));
            case TunableSqlLexer.BACKTICKED -> inner(text, 1, '`').toUpperCase(Locale.ROOT);
            default -> text.toUpperCase(Locale.ROOT);
        };
    }

    /** The table of that name; of {@code catalog.schema.table} the catalog is left out. */
    static TableUse table(QualifiedNameContext name, Use use) {
        List<NameContext> parts = name.name();
        int last = parts.size() - 1;
        return new TableUse(last == 0 ? null : folded(parts.get(last - 1)), folded(parts.get(last)), use);
    }

    /** The text of a string literal in quotes. */
    static String literal(Token string) {
        String text = string.getText();
        if (text.startsWith("$$")) {
            return text.substring(2, text.length() - 2);
        }
        int open = text.indexOf('\'');
        String body = inner(text, open + 1, '\'');
        return open == 2 ? unescaped(body) : body;
    }

    /** The table's name in SQL. */
    static String text(TableUse table) {
        return table.schema() == null ? quoted(table.name()) : quoted(table.schema()) + "." + quoted(table.name());
    }

    static String quoted(String name) {
        return REGULAR.matcher(name).matches() && Words.isName(name) ? name : exact(name);
    }

    /** The name in SQL, whatever words it is made of. */
    static String exact(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String inner(String text, int start, char mark) {
        String body = text.substring(start, text.length() - 1);
        return body.indexOf(mark) < 0 ? body : body.replace(String.valueOf(mark) + mark, String.valueOf(mark));
    }

    /** Reads the escapes {@code \0041}, {@code \+01F600} and {@code \\}; what is no escape stays as it is. */
    private static String unescaped(String body) {
        if (body.indexOf('\\') < 0) {
            return body;
        }
        StringBuilder text = new StringBuilder(body.length());
        int i = 0;
        while (i < body.length()) {
            char c = body.charAt(i);
            boolean isLong = body.startsWith("\\+", i);
            @Nullable Integer point = c == '\\' ? hex(body, i + (isLong ? 2 : 1), isLong ? 6 : 4) : null;
            if (point != null) {
                text.appendCodePoint(point);
                i += isLong ? 8 : 5;
            } else {
                text.append(c);
                i += body.startsWith("\\\\", i) ? 2 : 1;
            }
        }
        return text.toString();
    }

    private static @Nullable Integer hex(String text, int start, int digits) {
        if (start + digits > text.length()) {
            return null;
        }
        int value = 0;
        for (int i = start; i < start + digits; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return null;
            }
            value = value * 16 + digit;
        }
        return Character.isValidCodePoint(value) ? value : null;
    }
}
