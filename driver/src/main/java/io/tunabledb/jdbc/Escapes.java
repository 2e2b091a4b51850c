package io.tunabledb.jdbc;

import io.tunabledb.engine.Session;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** JDBC's escapes, such as {@code {ts '…'}} and {@code {fn …}}, which are H2's to translate. */
final class Escapes {

    private Escapes() {}

    /** The text in plain SQL, of the same length, so that positions in messages stay right. */
    static String translate(Session session, @Nullable String sql, boolean wanted) throws SQLException {
        String text = require(sql);
        return wanted && text.indexOf('{') >= 0 ? session.metadata().nativeSQL(text) : text;
    }

    static String require(@Nullable String sql) throws SQLException {
        if (sql == null) {
            throw Misuse.invalid("SQL", null);
        }
        return sql;
    }
}
