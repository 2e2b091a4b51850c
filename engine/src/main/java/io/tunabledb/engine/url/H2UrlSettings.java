package io.tunabledb.engine.url;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The settings behind semicolons that a URL of H2 has. None of them becomes a part of the name: each does what it does in
 * H2, as a property of ours, or is refused by name with what to write instead.
 */
final class H2UrlSettings {
    /** Those of a connection: H2 runs SET with them, and so do we. */
    private static final Set<String> OF_THE_SESSION = Set.of(
            "CATALOG",
            "LAZY_QUERY_EXECUTION",
            "LOCK_TIMEOUT",
            "NON_KEYWORDS",
            "QUERY_TIMEOUT",
            "SCHEMA",
            "SCHEMA_SEARCH_PATH",
            "THROTTLE",
            "TIME ZONE",
            "TRUNCATE_LARGE_LENGTH",
            "VARIABLE_BINARY");

    /** Those that a database here has one value of, which may be written. */
    private static final Map<String, String> FIXED = Map.ofEntries(
            Map.entry("ACCESS_MODE_DATA", "RW"),
            Map.entry("AUTO_RECONNECT", "FALSE"),
            Map.entry("AUTO_SERVER", "FALSE"),
            Map.entry("CASE_INSENSITIVE_IDENTIFIERS", "FALSE"),
            Map.entry("COLLATION", "OFF"),
            Map.entry("DATABASE_TO_LOWER", "FALSE"),
            Map.entry("DATABASE_TO_UPPER", "TRUE"),
            Map.entry("DEFAULT_ESCAPE", "\\"),
            Map.entry("DEFAULT_LOCK_TIMEOUT", "2000"),
            Map.entry("DEFAULT_TABLE_TYPE", "CACHED"),
            Map.entry("DROP_RESTRICT", "TRUE"),
            Map.entry("IGNORECASE", "FALSE"),
            Map.entry("IGNORE_CATALOGS", "TRUE"),
            Map.entry("OLD_INFORMATION_SCHEMA", "FALSE"),
            Map.entry("REFERENTIAL_INTEGRITY", "TRUE"),
            Map.entry("ZERO_BASED_ENUMS", "FALSE"));

    /** Those about what H2 does with its memory, files, caches, plans and traces; another database has its own. */
    private static final Set<String> INSIDE_H2 = Set.of(
            "@",
            "ALLOW_LITERALS",
            "ANALYZE_AUTO",
            "ANALYZE_SAMPLE",
            "ASSERT",
            "AUTHENTICATOR",
            "AUTHREALM",
            "AUTHZPWD",
            "AUTOCOMMIT",
            "AUTO_COMPACT_FILL_RATE",
            "AUTO_SERVER_PORT",
            "BINARY_COLLATION",
            "BUILTIN_ALIAS_OVERRIDE",
            "CACHE_SIZE",
            "CACHE_TYPE",
            "CIPHER",
            "CLUSTER",
            "COMPRESS",
            "CREATE",
            "CREATE_BUILD",
            "DATABASE_EVENT_LISTENER",
            "DEFAULT_CONNECTION",
            "DEFAULT_TABLE_ENGINE",
            "DEFRAG_ALWAYS",
            "ESTIMATED_FUNCTION_TABLE_ROWS",
            "EXCLUSIVE",
            "FILE_LOCK",
            "IGNORE_UNKNOWN_SETTINGS",
            "JAVA_OBJECT_SERIALIZER",
            "JMX",
            "LOB_TIMEOUT",
            "LOCK_MODE",
            "MAX_COMPACT_TIME",
            "MAX_LENGTH_INPLACE_LOB",
            "MAX_LOG_SIZE",
            "MAX_MEMORY_ROWS",
            "MAX_MEMORY_UNDO",
            "MAX_OPERATION_MEMORY",
            "MAX_QUERY_TIMEOUT",
            "MV_STORE",
            "NETWORK_TIMEOUT",
            "NO_UPGRADE",
            "OPEN_NEW",
            "OPTIMIZE_DISTINCT",
            "OPTIMIZE_EVALUATABLE_SUBQUERIES",
            "OPTIMIZE_INSERT_FROM_SELECT",
            "OPTIMIZE_IN_LIST",
            "OPTIMIZE_IN_SELECT",
            "OPTIMIZE_OR",
            "OPTIMIZE_REUSE_RESULTS",
            "OPTIMIZE_SIMPLE_SINGLE_ROW_SUBQUERIES",
            "OPTIMIZE_TWO_EQUALS",
            "PAGE_SIZE",
            "PAGE_STORE",
            "PASSWORD_HASH",
            "QUERY_CACHE_SIZE",
            "QUERY_STATISTICS",
            "QUERY_STATISTICS_MAX_ENTRIES",
            "READONLY",
            "RECOMPILE_ALWAYS",
            "RECOVER",
            "RECOVER_TEST",
            "REDO_LOG_BINARY",
            "RETENTION_TIME",
            "REUSE_SPACE",
            "SCOPE_GENERATED_KEYS",
            "SHARE_LINKED_CONNECTIONS",
            "TRACE_LEVEL_FILE",
            "TRACE_LEVEL_SYSTEM_OUT",
            "TRACE_MAX_FILE_SIZE",
            "UUID_COLLATION",
            "WRITE_DELAY");

    /** Those that are a property of ours, or a part of one. */
    private static final Set<String> TRANSLATED = Set.of(
            "DB_CLOSE_DELAY",
            "DB_CLOSE_ON_EXIT",
            "DEFAULT_NULL_ORDERING",
            "FORBID_CREATION",
            "IFEXISTS",
            "INIT",
            "MODE",
            "PASSWORD",
            "USER");

    private final String url;
    private final Map<Property, String> properties = new EnumMap<>(Property.class);
    private final List<String> init = new ArrayList<>();
    private String ownInit = "";

    private H2UrlSettings(String url) {
        this.url = url;
    }

    /** Whether it is said here what becomes of a setting of that name, in upper case. */
    static boolean knows(String name) {
        return OF_THE_SESSION.contains(name)
                || FIXED.containsKey(name)
                || INSIDE_H2.contains(name)
                || TRANSLATED.contains(name);
    }

    /**
     * What the settings between the first semicolon and the question mark say.
     *
     * @throws SQLException 22023 names the first that can't be had
     */
    static Map<Property, String> read(String url, String settings) throws SQLException {
        H2UrlSettings read = new H2UrlSettings(url);
        for (String setting : split(settings)) {
            if (!setting.isBlank()) {
                read.one(setting);
            }
        }
        if (!read.ownInit.isEmpty()) {
            read.init.add(read.ownInit);
        }
        if (!read.init.isEmpty()) {
            read.properties.put(Property.INIT, String.join(";", read.init));
        }
        return read.properties;
    }

    /** At semicolons, but for those behind a backslash, as in INIT. */
    private static List<String> split(String settings) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < settings.length(); i++) {
            char c = settings.charAt(i);
            if (c == '\\' && i + 1 < settings.length()) {
                part.append(settings.charAt(++i));
            } else if (c == ';') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    private void one(String setting) throws SQLException {
        int equals = setting.indexOf('=');
        String name =
                (equals < 0 ? setting : setting.substring(0, equals)).trim().toUpperCase(Locale.ROOT);
        String value = equals < 0 ? "" : setting.substring(equals + 1).trim();
        if (equals < 0) {
            throw refused(url, name, "write it as " + name + "=value");
        }
        if (OF_THE_SESSION.contains(name)) {
            init.add("SET " + name + " " + value);
        } else if (TRANSLATED.contains(name)) {
            translated(name, value);
        } else {
            String only = FIXED.get(name);
            if (only == null || !value.equalsIgnoreCase(only)) {
                throw refused(url, name, instead(name));
            }
        }
    }

    private void translated(String name, String value) throws SQLException {
        switch (name) {
            case "DB_CLOSE_DELAY" -> properties.put(Property.CLOSE_DELAY, closeDelay(value));
            case "DB_CLOSE_ON_EXIT" -> {
                // either way nothing that is acknowledged is lost when the JVM ends
            }
            case "DEFAULT_NULL_ORDERING" -> properties.put(Property.NULL_ORDERING, value);
            case "IFEXISTS", "FORBID_CREATION" -> {
                if (isTrue(name, value)) {
                    properties.put(Property.IF_EXISTS, "true");
                }
            }
            case "INIT" -> ownInit = value;
            case "MODE" -> properties.put(Property.MODE, value);
            case "PASSWORD" -> properties.put(Property.PASSWORD, value);
            default -> properties.put(Property.USER, value);
        }
    }

    private boolean isTrue(String name, String value) throws SQLException {
        boolean isTrue = value.equalsIgnoreCase("TRUE") || value.equals("1");
        if (!isTrue && !value.equalsIgnoreCase("FALSE") && !value.equals("0")) {
            throw refused(url, name, "it is TRUE or FALSE, found '" + value + "'");
        }
        return isTrue;
    }

    /** H2 counts seconds. */
    private String closeDelay(String seconds) throws SQLException {
        try {
            long delay = Long.parseLong(seconds);
            return delay < 0 ? "-1" : String.valueOf(Math.multiplyExact(delay, 1000L));
        } catch (NumberFormatException | ArithmeticException e) {
            throw refused(url, "DB_CLOSE_DELAY", "it is a number of seconds, or -1, found '" + seconds + "'");
        }
    }

    /** 22023 for a setting that can't be had. */
    private static SQLException refused(String url, String name, String instead) {
        return Errors.of(
                SqlState.INVALID_ARGUMENT,
                "URL '" + url.replaceAll("(?i)(PASSWORD=)[^;?&]*", "$1...") + "': setting " + name + " of H2: "
                        + instead);
    }

    /** 22023 for settings that stand where properties do. */
    static SQLException misplaced(String url, String settings) {
        String name = settings.split("[;=]", 2)[0].trim().toUpperCase(Locale.ROOT);
        return refused(url, name, "settings of H2 stand before the \"?\"; a semicolon in a property's value is %3B");
    }

    private static String instead(String name) {
        return switch (name) {
            case "DATABASE_TO_UPPER", "DATABASE_TO_LOWER", "CASE_INSENSITIVE_IDENTIFIERS" ->
                "leave it out: a name that is not quoted is in upper case here, in every mode; write \"name\", also when"
                        + " you create it, where the case matters (Hibernate does with"
                        + " hibernate.globally_quoted_identifiers=true)";
            case "ACCESS_MODE_DATA", "READONLY" -> "leave it out, and call setReadOnly(true)";
            case "AUTO_SERVER", "AUTO_SERVER_PORT", "AUTO_RECONNECT" ->
                "leave it out: connections of one JVM share a database, other processes can't open it";
            case "DEFAULT_LOCK_TIMEOUT" -> "write LOCK_TIMEOUT, which is each connection's";
            case "@" -> "write ;INIT=SET @name = value";
            case "CIPHER" -> "leave it out, and encrypt the file system";
            case "REFERENTIAL_INTEGRITY" -> "leave it out: foreign keys are always checked";
            case "IGNORECASE", "COLLATION" ->
                "leave it out, and give columns the type VARCHAR_IGNORECASE where case is not to matter";
            case "CACHE_SIZE", "MAX_MEMORY_ROWS", "MAX_OPERATION_MEMORY" ->
                "leave it out: tables are in memory; see maxGatherRows and memoryWatermark";
            default ->
                INSIDE_H2.contains(name) || FIXED.containsKey(name)
                        ? "leave it out: a database here has its own files, caches, plans and traces"
                        : "there is none of that name; leave it out, this database's properties follow a \"?\" and are "
                                + Property.known();
        };
    }
}
