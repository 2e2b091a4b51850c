package io.tunabledb.sql;

import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.Words;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/** H2's SET: which settings are the session's own, and which concern the whole database. */
final class Settings {
    static final String ISOLATION = "TRANSACTION ISOLATION LEVEL";

    /** What H2 keeps in the session; and what its compatibility modes take from drivers of other databases. */
    private static final Set<String> OF_THE_SESSION = Set.of(
            "CATALOG",
            "CLIENT_ENCODING",
            "CLIENT_MIN_MESSAGES",
            "DATESTYLE",
            "JOIN_COLLAPSE_LIMIT",
            "LAZY_QUERY_EXECUTION",
            "LOCK_TIMEOUT",
            "NAMES",
            "NON_KEYWORDS",
            "QUERY_TIMEOUT",
            "SCHEMA",
            "SCHEMA_SEARCH_PATH",
            "SEARCH_PATH",
            "STATEMENT_TIMEOUT",
            "THROTTLE",
            "TRUNCATE_LARGE_LENGTH",
            "VARIABLE_BINARY");

    private static final Set<String> OF_THE_DATABASE = Set.of(
            "ACCESS_MODE_DATA",
            "ALLOW_LITERALS",
            "ASSERT",
            "AUTHENTICATOR",
            "AUTO_RECONNECT",
            "AUTO_SERVER",
            "AUTO_SERVER_PORT",
            "BINARY_COLLATION",
            "BUILTIN_ALIAS_OVERRIDE",
            "CACHE_SIZE",
            "CACHE_TYPE",
            "CLUSTER",
            "COLLATION",
            "CREATE",
            "CREATE_BUILD",
            "DATABASE",
            "DATABASE_EVENT_LISTENER",
            "DB_CLOSE_DELAY",
            "DB_CLOSE_ON_EXIT",
            "DEFAULT_LOCK_TIMEOUT",
            "DEFAULT_NULL_ORDERING",
            "DEFAULT_TABLE_TYPE",
            "EXCLUSIVE",
            "FILE_LOCK",
            "FOREIGN_KEY_CHECKS",
            "IGNORECASE",
            "IGNORE_CATALOGS",
            "JAVA_OBJECT_SERIALIZER",
            "JMX",
            "LOCK_MODE",
            "LOG",
            "LOGSIZE",
            "MAX_LENGTH_INPLACE_LOB",
            "MAX_LOG_SIZE",
            "MAX_MEMORY_ROWS",
            "MAX_MEMORY_UNDO",
            "MAX_OPERATION_MEMORY",
            "MODE",
            "NETWORK_TIMEOUT",
            "OLD_INFORMATION_SCHEMA",
            "OPEN_NEW",
            "OPTIMIZE_REUSE_RESULTS",
            "PAGE_SIZE",
            "PROPERTY",
            "QUERY_STATISTICS",
            "QUERY_STATISTICS_MAX_ENTRIES",
            "READONLY",
            "RECOVER",
            "REDO_LOG_BINARY",
            "REFERENTIAL_INTEGRITY",
            "RETENTION_TIME",
            "TRACE_LEVEL_FILE",
            "TRACE_LEVEL_SYSTEM_OUT",
            "TRACE_MAX_FILE_SIZE",
            "UUID_COLLATION",
            "WRITE_DELAY");

    private Settings() {}

    /**
     * What {@code SET} with these tokens is; the first of them is the word after SET.
     *
     * @param text the statement
     * @param source the whole text, which the tokens' places are of
     */
    static Statement read(List<? extends Token> tokens, String text, String source) {
        Token first = tokens.get(0);
        if (first.getType() == TunableSqlLexer.AT && tokens.size() > 1) {
            String variable = Names.folded(tokens.get(1));
            return new Statement.SessionSetting("@" + variable, text, expression(tokens, variable, source));
        }
        String name = Names.folded(first);
        return switch (name) {
            case "AUTOCOMMIT" -> autocommit(tokens);
            case "PASSWORD" -> UserReader.ownPassword(tokens);
            case "SALT" -> Refusals.refused("SET " + name, text);
            case "TIME" -> named("TIME ZONE", tokens, List.of("ZONE"), text);
            case "TRANSACTION" -> named(ISOLATION, tokens, List.of("ISOLATION", "LEVEL"), text);
            case "SESSION" ->
                named(ISOLATION, tokens, List.of("CHARACTERISTICS", "AS", "TRANSACTION", "ISOLATION", "LEVEL"), text);
            default -> {
                if (OF_THE_SESSION.contains(name)) {
                    yield new Statement.SessionSetting(name, text);
                }
                if (OF_THE_DATABASE.contains(name)) {
                    yield Refusals.databaseWide(name, text);
                }
                throw unknown(first);
            }
        };
    }

    /** What a variable is set to; null for a literal, which is the same wherever it is evaluated. */
    private static Statement.SessionSetting.@Nullable Expression expression(
            List<? extends Token> tokens, String variable, String source) {
        boolean hasMark = tokens.size() > 2 && Set.of("=", "TO").contains(Names.folded(tokens.get(2)));
        List<? extends Token> value = tokens.subList(hasMark ? 3 : 2, tokens.size());
        if (value.isEmpty() || isLiteral(value)) {
            return null;
        }
        int from = value.get(0).getStartIndex();
        int to = value.get(value.size() - 1).getStopIndex() + 1;
        return new Statement.SessionSetting.Expression(variable, source.substring(from, to));
    }

    private static boolean isLiteral(List<? extends Token> value) {
        Token last = value.get(value.size() - 1);
        boolean isNumber = last.getType() == TunableSqlLexer.NUMBER;
        if (value.size() == 2) {
            return isNumber && Set.of("+", "-").contains(value.get(0).getText());
        }
        return value.size() == 1
                && (isNumber
                        || last.getType() == TunableSqlLexer.STRING
                        || Set.of("NULL", "TRUE", "FALSE")
                                .contains(last.getText().toUpperCase(Locale.ROOT)));
    }

    private static Statement named(String name, List<? extends Token> tokens, List<String> expected, String text) {
        for (int i = 0; i < expected.size(); i++) {
            Token token = tokens.get(Math.min(i + 1, tokens.size() - 1));
            if (!token.getText().equalsIgnoreCase(expected.get(i))) {
                throw new ParseError(
                        token.getStartIndex(), "found " + Words.quoted(token) + ", expected " + expected.get(i));
            }
        }
        return new Statement.SessionSetting(name, text);
    }

    private static Statement autocommit(List<? extends Token> tokens) {
        Token value = tokens.get(tokens.size() - 1);
        boolean mark = tokens.size() == 3 && Set.of("=", "TO").contains(Names.folded(tokens.get(1)));
        String word = tokens.size() == 2 || mark ? Names.folded(value) : "";
        return switch (word) {
            case "ON", "TRUE", "1" ->
                new Statement.TransactionControl(
                        Statement.TransactionControl.Verb.AUTOCOMMIT_ON, null, "SET AUTOCOMMIT ON");
            case "OFF", "FALSE", "0" ->
                new Statement.TransactionControl(
                        Statement.TransactionControl.Verb.AUTOCOMMIT_OFF, null, "SET AUTOCOMMIT OFF");
            default ->
                throw new ParseError(
                        value.getStartIndex(), "found " + Words.quoted(value) + ", expected SET AUTOCOMMIT ON or OFF");
        };
    }

    private static ParseError unknown(Token name) {
        Set<String> known = new TreeSet<>(OF_THE_SESSION);
        known.addAll(List.of("AUTOCOMMIT", "CONSISTENCY", "SESSION", "TIME", "TRANSACTION"));
        Set<String> all = new TreeSet<>(known);
        all.addAll(OF_THE_DATABASE);
        Optional<String> meant = Words.nearest(name.getText(), all);
        return new ParseError(
                name.getStartIndex(),
                "there is no setting " + Words.quoted(name)
                        + meant.map(word -> "; did you mean " + word + "?").orElse(";")
                        + " a session has @variable, " + String.join(", ", known));
    }
}
