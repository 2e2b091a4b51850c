package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueInteger;
import org.h2.value.ValueVarbinary;
import org.h2.value.ValueVarchar;

/**
 * What is replicated of transactions over shards: those this shard has prepared and does not know the end of, and those it
 * has decided as their home and must not forget yet. Written by the apply thread, in transactions of their own.
 */
public final class TwoPhaseTables {
    static final String PREPARED = "PREPARED";
    static final String DECIDED = "DECIDED";
    public static final String CREATE_PREPARED = "CREATE TABLE " + ReservedNames.INTERNAL_SCHEMA + "." + PREPARED
            + "(IDX BIGINT PRIMARY KEY, TERM BIGINT NOT NULL, \"SESSION\" BIGINT NOT NULL, NUMBER BIGINT NOT NULL,"
            + " HOME INT NOT NULL, VOTE BIGINT NOT NULL, CHANGES VARBINARY NOT NULL, READ_SET VARBINARY NOT NULL)";
    public static final String CREATE_DECIDED = "CREATE TABLE " + ReservedNames.INTERNAL_SCHEMA + "." + DECIDED
            + "(IDX BIGINT PRIMARY KEY, \"SESSION\" BIGINT NOT NULL, NUMBER BIGINT NOT NULL, EPOCH BIGINT NOT NULL,"
            + " PARTICIPANTS VARCHAR NOT NULL)";

    private final MVTable prepared;
    private final MVTable decided;

    public TwoPhaseTables(Tables tables) {
        prepared = find(tables, PREPARED);
        decided = find(tables, DECIDED);
    }

    private static MVTable find(Tables tables, String name) {
        MVTable table = tables.find(new TableName(ReservedNames.INTERNAL_SCHEMA, name));
        if (table == null) {
            throw new IllegalStateException("table " + name + " is missing");
        }
        return table;
    }

    public void add(SessionLocal session, PreparedRow row) {
        add(prepared, session, row.index(), new Value[] {
            ValueBigint.get(row.index()),
            ValueBigint.get(row.term()),
            ValueBigint.get(row.session()),
            ValueBigint.get(row.number()),
            ValueInteger.get(row.home()),
            ValueBigint.get(row.vote()),
            ValueVarbinary.getNoCopy(row.changes()),
            ValueVarbinary.getNoCopy(row.readSet())
        });
    }

    public void add(SessionLocal session, DecidedRow row) {
        add(decided, session, row.index(), new Value[] {
            ValueBigint.get(row.index()),
            ValueBigint.get(row.session()),
            ValueBigint.get(row.number()),
            ValueBigint.get(row.epoch()),
            ValueVarchar.get(row.participants().stream().map(String::valueOf).collect(Collectors.joining(",")))
        });
    }

    private static void add(MVTable table, SessionLocal session, long key, Value[] values) {
        table.addRow(session, Rows.create(table, values, key));
    }

    public void remove(SessionLocal session, PreparedRow row) {
        remove(prepared, session, row.index());
    }

    public void remove(SessionLocal session, DecidedRow row) {
        remove(decided, session, row.index());
    }

    private static void remove(MVTable table, SessionLocal session, long key) {
        Row row = Rows.find(Rows.of(table, session), key);
        if (row == null) {
            throw new IllegalStateException("no row " + key + " in " + Tables.nameOf(table));
        }
        table.removeRow(session, row);
    }

    /** Those whose end is not known, in the order they were prepared in. */
    public static List<PreparedRow> prepared(JdbcConnection connection) throws SQLException {
        List<PreparedRow> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT IDX, TERM, \"SESSION\", NUMBER, HOME, VOTE, CHANGES, READ_SET FROM "
                                + ReservedNames.INTERNAL_SCHEMA + "." + PREPARED + " ORDER BY IDX")) {
            while (rows.next()) {
                found.add(new PreparedRow(
                        rows.getLong(1),
                        rows.getLong(2),
                        rows.getLong(3),
                        rows.getLong(4),
                        rows.getInt(5),
                        rows.getLong(6),
                        rows.getBytes(7),
                        rows.getBytes(8)));
            }
        }
        return found;
    }

    /** Those some participant may not have committed yet, in the order they were decided in. */
    public static List<DecidedRow> decided(JdbcConnection connection) throws SQLException {
        List<DecidedRow> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT IDX, \"SESSION\", NUMBER, EPOCH, PARTICIPANTS FROM "
                        + ReservedNames.INTERNAL_SCHEMA + "." + DECIDED + " ORDER BY IDX")) {
            while (rows.next()) {
                found.add(new DecidedRow(
                        rows.getLong(1),
                        rows.getLong(2),
                        rows.getLong(3),
                        rows.getLong(4),
                        Arrays.stream(rows.getString(5).split(","))
                                .map(Integer::valueOf)
                                .toList()));
            }
        }
        return found;
    }
}
