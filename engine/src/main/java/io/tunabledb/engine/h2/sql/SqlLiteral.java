package io.tunabledb.engine.h2.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.h2.jdbc.JdbcResultSet;
import org.h2.util.HasSQL;
import org.h2.value.Value;

/** A value written down as SQL, so that it is the same of the same type wherever the text runs. */
public final class SqlLiteral {
    private SqlLiteral() {}

    /** The value of the row {@code rows} is on. */
    public static String of(ResultSet rows, int column) throws SQLException {
        Value value = rows.unwrap(JdbcResultSet.class).getInternal(column);
        if (value.getValueType() == Value.NULL) {
            return "NULL";
        }
        StringBuilder sql = value.getSQL(new StringBuilder("CAST("), HasSQL.DEFAULT_SQL_FLAGS);
        return value.getType()
                .getSQL(sql.append(" AS "), HasSQL.DEFAULT_SQL_FLAGS)
                .append(')')
                .toString();
    }
}
