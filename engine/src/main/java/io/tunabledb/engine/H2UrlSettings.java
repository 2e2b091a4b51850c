package io.tunabledb.engine;

import io.tunabledb.consistency.SqlState;
import java.sql.SQLException;
import java.util.Locale;

/**
 * The settings behind semicolons that a URL of H2 may still have. None of them becomes a part of the name: each is refused
 * by name, with what to write instead.
 */
final class H2UrlSettings {
    private H2UrlSettings() {}

    /** Always throws 22023 that names the first setting. */
    static void refuse(String url, String settings) throws SQLException {
        String first = settings.split(";", 2)[0].trim();
        String name = first.split("=", 2)[0].trim().toUpperCase(Locale.ROOT);
        throw Errors.of(
                SqlState.INVALID_ARGUMENT,
                "URL '" + url.replaceAll("(?i)(PASSWORD=)[^;?&]*", "$1...") + "': \";\" begins a setting of H2"
                        + (name.isEmpty() ? "" : ", " + name) + "; " + instead(name));
    }

    private static String instead(String name) {
        return switch (name) {
            case "" -> "leave the semicolon out; properties follow a \"?\", separated by \"&\"";
            case "DB_CLOSE_DELAY" -> "write ?closeDelay= with milliseconds, or -1 until the JVM ends";
            case "DB_CLOSE_ON_EXIT" -> "leave it out: a database is closed when the JVM ends";
            case "USER", "PASSWORD" -> "write ?" + name.toLowerCase(Locale.ROOT) + "=, or give it apart from the URL";
            case "LOCK_TIMEOUT",
                    "NON_KEYWORDS",
                    "DEFAULT_NULL_ORDERING",
                    "SCHEMA",
                    "QUERY_TIMEOUT",
                    "TIME ZONE",
                    "VARIABLE_BINARY" -> "execute SET " + name + " in each connection, as a pool's initial statement";
            case "INIT" -> "execute its statements after connecting";
            case "IFEXISTS", "ACCESS_MODE_DATA", "FORBID_CREATION" ->
                "leave it out: a database that is not there is made";
            case "MODE", "DATABASE_TO_UPPER", "DATABASE_TO_LOWER", "CASE_INSENSITIVE_IDENTIFIERS" ->
                "leave it out: H2's regular mode and its upper-case names are the only ones here";
            case "AUTO_SERVER", "AUTO_SERVER_PORT", "AUTO_RECONNECT" ->
                "leave it out: connections of one JVM share a database, other processes can't open it";
            default -> "leave it out; this database's properties follow a \"?\" and are " + Property.known();
        };
    }
}
