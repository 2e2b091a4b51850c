package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueBoolean;

/** The one row of a shard's epochs, absent before the first cut. Written by the apply thread, in transactions of their own. */
public final class EpochTable {
    static final String TABLE = "EPOCHS";
    public static final String CREATE = "CREATE TABLE " + ReservedNames.INTERNAL_SCHEMA + "." + TABLE
            + "(ID BIGINT PRIMARY KEY, EPOCH BIGINT NOT NULL, NEWEST BIGINT NOT NULL, CANCELLED BOOLEAN NOT NULL)";
    private static final long ONLY = 1;

    private final MVTable table;

    public EpochTable(Tables tables) {
        MVTable found = tables.find(new TableName(ReservedNames.INTERNAL_SCHEMA, TABLE));
        if (found == null) {
            throw new IllegalStateException("table " + TABLE + " is missing");
        }
        table = found;
    }

    public void put(SessionLocal session, EpochRow row) {
        Row old = Rows.find(Rows.of(table, session), ONLY);
        if (old != null) {
            table.removeRow(session, old);
        }
        Value[] values = {
            ValueBigint.get(ONLY),
            ValueBigint.get(row.epoch()),
            ValueBigint.get(row.newest()),
            ValueBoolean.get(row.cancelled())
        };
        table.addRow(session, Rows.create(table, values, ONLY));
    }

    public static EpochRow read(JdbcConnection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT EPOCH, NEWEST, CANCELLED FROM " + ReservedNames.INTERNAL_SCHEMA + "." + TABLE)) {
            return rows.next() ? new EpochRow(rows.getLong(1), rows.getLong(2), rows.getBoolean(3)) : EpochRow.FIRST;
        }
    }
}
