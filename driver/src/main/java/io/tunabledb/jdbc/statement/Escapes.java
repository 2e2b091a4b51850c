package io.tunabledb.jdbc.statement;

import io.tunabledb.engine.client.Session;
import io.tunabledb.jdbc.contract.Misuse;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import org.jspecify.annotations.Nullable;

/** JDBC's escapes, such as {@code {ts '…'}} and {@code {fn …}}, which are H2's to translate. */
public final class Escapes {

    private Escapes() {}

    /**
     * The text in plain SQL, of the same length, so that positions in messages stay right.
     *
     * @throws SQLException 42001: it has an escape, and none is {@code wanted}
     */
    public static String translate(Session session, @Nullable String sql, boolean wanted) throws SQLException {
        String text = require(sql);
        if (text.indexOf('{') < 0) {
            return text;
        }
        String plain;
        try {
            plain = session.dialect().nativeSql(text);
        } catch (SQLSyntaxErrorException e) {
            throw wanted ? e : Misuse.brace(text, text.indexOf('{'));
        }
        if (!wanted && !plain.equals(text)) {
            // braces in literals and comments stay what they are
            int first = 0;
            while (plain.charAt(first) == text.charAt(first)) {
                first++;
            }
            throw Misuse.brace(text, first);
        }
        return plain;
    }

    static String require(@Nullable String sql) throws SQLException {
        if (sql == null) {
            throw Misuse.invalid("SQL", null);
        }
        return sql;
    }
}
