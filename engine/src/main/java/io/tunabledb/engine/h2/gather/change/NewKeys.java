package io.tunabledb.engine.h2.gather.change;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.util.HasSQL;

/**
 * Keeps the identity values a private database makes up away from those of rows it has been given. They are sent nowhere,
 * since the shard a new row goes to makes its own; they must only not collide.
 */
public final class NewKeys {
    private NewKeys() {}

    public static void keepClear(MVTable table, Connection connection) throws SQLException {
        for (Column column : table.getColumns()) {
            Sequence sequence = column.getSequence();
            if (column.isIdentity() && sequence != null) {
                keepClear(table, column, sequence, connection);
            }
        }
    }

    private static void keepClear(MVTable table, Column column, Sequence sequence, Connection connection)
            throws SQLException {
        boolean isRising = sequence.getIncrement() > 0;
        String last = (isRising ? "MAX(" : "MIN(") + column.getSQL(HasSQL.DEFAULT_SQL_FLAGS) + ")";
        try (Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery("SELECT " + last + " FROM " + table.getSQL(HasSQL.DEFAULT_SQL_FLAGS))) {
            result.next();
            long used = result.getLong(1);
            if (!result.wasNull() && used >= sequence.getMinValue() && used <= sequence.getMaxValue()) {
                long left = isRising ? sequence.getMaxValue() - used : used - sequence.getMinValue();
                long step = Math.abs(sequence.getIncrement());
                if (left >= step) {
                    long next = used + sequence.getIncrement();
                    sequence.modify(next, null, null, null, null, null, null);
                }
            }
        }
    }
}
