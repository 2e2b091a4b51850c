package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.util.DateTimeUtils;
import org.h2.util.TimeZoneProvider;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueInteger;
import org.h2.value.ValueVarbinary;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/**
 * What is replicated of the nodes' outboxes: how far each has been carried out, and what could not be. Written below SQL,
 * in the transaction of the writes themselves, by sessions whose user has no right to these tables.
 */
public final class OutboxTables {
    public static final String MARKS = "OUTBOX_MARKS";
    static final String REJECTED = "REJECTED_WRITES";
    public static final String CREATE_MARKS = "CREATE TABLE " + ReservedNames.INTERNAL_SCHEMA + "." + MARKS
            + "(INCARNATION BIGINT PRIMARY KEY, NODE INT NOT NULL, NUMBER BIGINT NOT NULL)";
    public static final String CREATE_REJECTED = "CREATE TABLE " + ReservedNames.INTERNAL_SCHEMA + "." + REJECTED
            + "(ID BIGINT PRIMARY KEY, NODE INT NOT NULL, INCARNATION BIGINT NOT NULL, NUMBER BIGINT NOT NULL,"
            + " ACCEPTED_AT TIMESTAMP(6) WITH TIME ZONE NOT NULL, TEXT VARCHAR NOT NULL, PARAMETERS VARCHAR NOT NULL,"
            + " SQLSTATE VARCHAR NOT NULL, REASON VARCHAR NOT NULL, ENTRY VARBINARY NOT NULL)";

    /** The row of the marks that counts the rejected writes; no outbox has this incarnation. */
    private static final long REJECTED_COUNTER = 0;

    private static final int MARK_NUMBER = 2;
    private static final int REJECTED_ENTRY = 9;

    private final MVTable marks;
    private final MVTable rejected;
    private final ShardOf shard;

    public OutboxTables(Tables tables, ShardOf shard) {
        this.shard = shard;
        marks = find(tables, MARKS);
        rejected = find(tables, REJECTED);
    }

    private static MVTable find(Tables tables, String name) {
        MVTable table = tables.find(new TableName(ReservedNames.INTERNAL_SCHEMA, name));
        if (table == null) {
            throw new IllegalStateException("table " + name + " is missing");
        }
        return table;
    }

    /**
     * Locks an incarnation's mark and reads it. While there is none yet nothing is locked; of two that add it one fails.
     *
     * @return the last number carried out, 0 before the first
     */
    public long lockMark(SessionLocal session, long incarnation) {
        Row row = lock(marks, session, incarnation);
        return row == null ? 0 : row.getValue(MARK_NUMBER).getLong();
    }

    public void raiseMark(SessionLocal session, int node, long incarnation, long number) {
        put(marks, session, incarnation, new Value[] {
            ValueBigint.get(incarnation), ValueInteger.get(node), ValueBigint.get(number)
        });
    }

    /** Adds a row; its id is given here. */
    public void reject(SessionLocal session, RejectedWrite write) {
        long count = lockMark(session, REJECTED_COUNTER);
        raiseMark(session, 0, REJECTED_COUNTER, count + 1);
        // no two shards give one id, and an id says which shard gave it
        long id = count * shard.shards() + shard.shard() + 1;
        put(rejected, session, id, new Value[] {
            ValueBigint.get(id),
            ValueInteger.get(write.node()),
            ValueBigint.get(write.incarnation()),
            ValueBigint.get(write.number()),
            DateTimeUtils.currentTimestamp(TimeZoneProvider.UTC, write.acceptedAt()),
            ValueVarchar.get(write.text()),
            ValueVarchar.get(write.parameters()),
            ValueVarchar.get(write.sqlState()),
            ValueVarchar.get(write.reason()),
            ValueVarbinary.getNoCopy(write.entry())
        });
    }

    /** Takes a rejected write out and gives what is to be executed again; null when there is none of that id. */
    public byte @Nullable [] take(SessionLocal session, long id) {
        Row row = lock(rejected, session, id);
        if (row == null) {
            return null;
        }
        rejected.removeRow(session, row);
        return row.getValue(REJECTED_ENTRY).getBytesNoCopy();
    }

    private static @Nullable Row lock(MVTable table, SessionLocal session, long key) {
        Row row = Rows.find(Rows.of(table, session), key);
        if (row == null) {
            return null;
        }
        Row locked = table.lockRow(session, row, -1);
        if (locked != null) {
            locked.setKey(key);
        }
        return locked;
    }

    private static void put(MVTable table, SessionLocal session, long key, Value[] values) {
        Row before = Rows.find(Rows.of(table, session), key);
        Row after = Rows.create(table, values, key);
        if (before == null) {
            table.addRow(session, after);
        } else {
            table.updateRow(session, before, after);
        }
    }

    /** The last number carried out of every incarnation. */
    public static Map<Long, Long> marks(JdbcConnection connection) throws SQLException {
        Map<Long, Long> found = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT INCARNATION, NUMBER FROM "
                        + ReservedNames.INTERNAL_SCHEMA + "." + MARKS + " WHERE INCARNATION <> " + REJECTED_COUNTER)) {
            while (rows.next()) {
                found.put(rows.getLong(1), rows.getLong(2));
            }
        }
        return found;
    }

    public static List<RejectedWrite> rejected(JdbcConnection connection) throws SQLException {
        List<RejectedWrite> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID, NODE, INCARNATION, NUMBER, ACCEPTED_AT, TEXT,"
                        + " PARAMETERS, SQLSTATE, REASON, ENTRY FROM " + ReservedNames.INTERNAL_SCHEMA + "." + REJECTED
                        + " ORDER BY ID")) {
            while (rows.next()) {
                found.add(new RejectedWrite(
                        rows.getLong(1),
                        rows.getInt(2),
                        rows.getLong(3),
                        rows.getLong(4),
                        rows.getObject(5, OffsetDateTime.class)
                                .withOffsetSameInstant(ZoneOffset.UTC)
                                .toInstant(),
                        rows.getString(6),
                        rows.getString(7),
                        rows.getString(8),
                        rows.getString(9),
                        rows.getBytes(10)));
            }
        }
        return found;
    }

    /** Whether a change set may change how far outboxes have been carried out; rather yes than no. */
    public static boolean areMarksIn(byte[] changes) {
        byte[] name = MARKS.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at <= changes.length - name.length; at++) {
            if (Arrays.equals(changes, at, at + name.length, name, 0, name.length)) {
                return true;
            }
        }
        return false;
    }
}
