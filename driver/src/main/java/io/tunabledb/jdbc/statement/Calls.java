package io.tunabledb.jdbc.statement;

import io.tunabledb.engine.api.Result;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** CALL, which gives a row to who asks for rows, and to who asks for a count takes its value for that, as in H2. */
final class Calls {

    private Calls() {}

    static boolean is(@Nullable String sql) {
        String text = sql == null ? "" : sql.stripLeading();
        int start = text.startsWith("{") ? 1 : 0;
        return text.regionMatches(true, start, "CALL", 0, 4);
    }

    /** The value as a count: 0 for null. */
    static Result counted(Result call) throws SQLException {
        ResultSet rows = call.rows();
        if (rows == null) {
            return call;
        }
        try (rows) {
            long count = rows.next() ? rows.getInt(1) : 0;
            return new Result(null, count, null, call.receipt(), call.warning());
        }
    }
}
