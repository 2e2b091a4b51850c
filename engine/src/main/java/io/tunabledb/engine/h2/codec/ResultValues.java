package io.tunabledb.engine.h2.codec;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcResultSet;
import org.h2.table.Column;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueBlob;
import org.h2.value.ValueClob;
import org.h2.value.ValueCollectionBase;
import org.h2.value.ValueLob;
import org.h2.value.ValueRow;
import org.h2.value.ValueToObjectConverter;
import org.h2.value.lob.LobDataInMemory;

/** H2's own values out of any result set, so that no type loses anything on its way from one database to another. */
public final class ResultValues {
    private final ResultSet rows;
    private final SessionLocal session;

    public ResultValues(ResultSet rows, SessionLocal session) throws SQLException {
        this.rows = rows.isWrapperFor(JdbcResultSet.class) ? rows.unwrap(JdbcResultSet.class) : rows;
        this.session = session;
    }

    /** The value of the current row as {@code column} has it: large objects with their content, labels as an ENUM's. */
    public Value get(int index, Column column) throws SQLException {
        Value value = detached(raw(index), session);
        boolean isSame = value.getValueType() == column.getType().getValueType();
        return isSame && !hasOwnLabels(value) ? value : column.convert(session, value);
    }

    /** The value of the current row as {@code type}. */
    public Value get(int index, TypeInfo type) throws SQLException {
        return detached(raw(index), session).convertTo(type, session);
    }

    public long getLong(int index) throws SQLException {
        return raw(index).getLong();
    }

    private Value raw(int index) throws SQLException {
        return rows instanceof JdbcResultSet h2
                ? h2.getInternal(index)
                : ValueToObjectConverter.objectToValue(session, rows.getObject(index), Value.UNKNOWN);
    }

    /** Which labels an ENUM has is known to its column; it may stand in an array or a row. */
    private static boolean hasOwnLabels(Value value) {
        return switch (value.getValueType()) {
            case Value.ENUM, Value.ARRAY, Value.ROW -> true;
            default -> false;
        };
    }

    /** The same value with nothing in it that belongs to the database it came from. */
    public static Value detached(Value value, SessionLocal session) {
        return switch (value.getValueType()) {
            case Value.CLOB -> isInMemory(value) ? value : clob((ValueClob) value);
            case Value.BLOB -> isInMemory(value) ? value : ValueBlob.createSmall(ValueCodec.content((ValueLob) value));
            case Value.ARRAY -> {
                ValueArray array = (ValueArray) value;
                yield ValueArray.get(array.getComponentType(), detached(array, session), session);
            }
            case Value.ROW -> ValueRow.get(detached((ValueCollectionBase) value, session));
            default -> value;
        };
    }

    private static Value[] detached(ValueCollectionBase list, SessionLocal session) {
        Value[] values = list.getList().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = detached(values[i], session);
        }
        return values;
    }

    private static boolean isInMemory(Value value) {
        return ((ValueLob) value).getLobData() instanceof LobDataInMemory;
    }

    private static Value clob(ValueClob value) {
        return ValueClob.createSmall(ValueCodec.content(value), value.charLength());
    }
}
