package io.tunabledb.engine;

import io.tunabledb.engine.api.CallOptions;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.h2.internals.SqlLiteral;
import io.tunabledb.sql.Statement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code SET @variable = expression}. A session has a storage connection on each replica it uses, and the variable must be the
 * same on all: so the expression is evaluated once, as a query like any other, and set as its value.
 */
final class VariableSetting {
    private static final Pattern SET =
            Pattern.compile("(?is)\\s*SET\\s+(@\\s*(?:\"(?:[^\"]|\"\")*\"|[\\w$]+))\\s*(?:=|\\bTO\\b)?\\s*(.*)");
    private static final Pattern PLAIN = Pattern.compile("[+-]?[\\d.]+|'(?:[^']|'')*'|(?i:NULL|TRUE|FALSE)");

    private VariableSetting() {}

    /** The text to be run on every connection. */
    static String text(Statement.SessionSetting setting, Session session) throws SQLException {
        Matcher parts = SET.matcher(setting.text());
        if (!setting.name().startsWith("@")
                || !parts.matches()
                || PLAIN.matcher(parts.group(2)).matches()) {
            return setting.text();
        }
        // on a line of its own, should it end with a comment
        String query = "SELECT (" + parts.group(2) + "\n)";
        try (Call call = session.prepare(query, CallOptions.DEFAULT);
                ResultSet rows =
                        Objects.requireNonNull(call.execute(Parameters.NONE).rows())) {
            rows.next();
            return "SET " + parts.group(1) + " = " + SqlLiteral.of(rows, 1);
        }
    }
}
