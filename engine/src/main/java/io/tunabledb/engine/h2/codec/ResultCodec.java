package io.tunabledb.engine.h2.codec;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.h2.internals.H2Instance;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbc.JdbcResultSet;
import org.h2.result.SimpleResult;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueCollectionBase;
import org.h2.value.ValueEnumBase;
import org.h2.value.ValueRow;
import org.h2.value.ValueToObjectConverter;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/** Small result sets as bytes, any column type: generated keys, which are kept in an outcome. ENUM becomes VARCHAR. */
public final class ResultCodec {
    private static final int VERSION = 1;

    private ResultCodec() {}

    /** Reads the rest of a result set. Does not close it. */
    public static byte[] encode(ResultSet result) throws SQLException {
        ByteSink sink = header(result.getMetaData());
        while (result.next()) {
            row(result, sink.put(1));
        }
        return sink.put(0).toByteArray();
    }

    private static ByteSink header(ResultSetMetaData meta) throws SQLException {
        int columns = meta.getColumnCount();
        ByteSink sink = new ByteSink(64).put(VERSION).putVarInt(columns);
        for (int i = 1; i <= columns; i++) {
            sink.putString(meta.getColumnLabel(i)).putString(meta.getColumnName(i));
            sink.putString(meta.getColumnTypeName(i));
            sink.putVarInt(meta.getPrecision(i)).putVarInt(meta.getScale(i));
        }
        return sink;
    }

    private static void row(ResultSet result, ByteSink sink) throws SQLException {
        SessionLocal session = Scratch.SESSION;
        int columns = result.getMetaData().getColumnCount();
        for (int i = 1; i <= columns; i++) {
            Value value = result instanceof JdbcResultSet h2
                    ? h2.getInternal(i)
                    : ValueToObjectConverter.objectToValue(session, result.getObject(i), Value.UNKNOWN);
            ValueCodec.write(sink, withoutEnums(value));
        }
    }

    /**
     * The rest of several result sets of the same columns as one.
     *
     * @param positions where each row belongs, in the order they come; null, or another number of them than rows, leaves
     *     them in that order
     */
    public static ResultSet inOrder(List<ResultSet> results, @Nullable List<Integer> positions) throws SQLException {
        List<byte[]> rows = new ArrayList<>();
        ByteSink sink = header(results.get(0).getMetaData());
        for (ResultSet result : results) {
            while (result.next()) {
                ByteSink row = new ByteSink(32);
                row(result, row);
                rows.add(row.toByteArray());
            }
        }
        Map<Integer, byte[]> sorted = new TreeMap<>();
        List<Integer> known = positions != null && positions.size() == rows.size() ? positions : null;
        for (int i = 0; i < rows.size(); i++) {
            sorted.put(known == null ? i : known.get(i), rows.get(i));
        }
        for (byte[] row : sorted.values()) {
            sink.put(1).putRaw(row, 0, row.length);
        }
        return decode(sink.put(0).toByteArray());
    }

    private static Value withoutEnums(Value value) {
        if (value instanceof ValueEnumBase) {
            return ValueVarchar.get(value.getString());
        }
        if (value instanceof ValueCollectionBase list) {
            Value[] values = list.getList().clone();
            for (int i = 0; i < values.length; i++) {
                values[i] = withoutEnums(values[i]);
            }
            return value instanceof ValueArray ? ValueArray.get(values, Scratch.SESSION) : ValueRow.get(values);
        }
        return value;
    }

    /** A result set over what {@link #encode} gave: scrollable, before its first row. */
    public static ResultSet decode(byte[] bytes) {
        ByteSource source = new ByteSource(bytes);
        int version = source.get();
        if (version != VERSION) {
            throw new IllegalStateException("a result of format version " + version + "; known is " + VERSION);
        }
        int columns = source.getCount();
        String[] labels = new String[columns];
        String[] names = new String[columns];
        @Nullable TypeInfo[] types = new TypeInfo[columns];
        for (int i = 0; i < columns; i++) {
            labels[i] = source.getString();
            names[i] = source.getString();
            types[i] = plainType(source.getString(), source.getVarInt(), source.getVarInt());
        }
        List<Value[]> rows = new ArrayList<>();
        while (source.get() == 1) {
            Value[] row = new Value[columns];
            for (int i = 0; i < columns; i++) {
                row[i] = ValueCodec.read(source, null, Scratch.SESSION);
                if (types[i] == null && row[i].getValueType() != Value.NULL) {
                    types[i] = row[i].getType();
                }
            }
            rows.add(row);
        }
        SimpleResult result = new SimpleResult();
        for (int i = 0; i < columns; i++) {
            TypeInfo type = types[i];
            result.addColumn(labels[i], names[i], type == null ? TypeInfo.TYPE_VARCHAR : type);
        }
        rows.forEach(result::addRow);
        return new JdbcResultSet(Scratch.CONNECTION, null, null, result, -1, true, false, false);
    }

    /** The type with that name, if the name says it all; else the values will have to. */
    private static @Nullable TypeInfo plainType(String name, int precision, int scale) {
        for (int type = Value.NULL; type < Value.TYPE_COUNT; type++) {
            boolean plain = type != Value.ENUM && type != Value.ARRAY && type != Value.ROW;
            if (plain && Value.getTypeName(type).equals(name)) {
                return TypeInfo.getTypeInfo(type, precision, scale, null);
            }
        }
        return null;
    }

    /** A session of no replica, for what needs one to be told of types. */
    public static SessionLocal scratch() {
        return Scratch.SESSION;
    }

    /** Another connection to it, for who SETs something; it is to be closed. */
    public static JdbcConnection open() throws SQLException {
        return Scratch.connect();
    }

    /** A connection of no replica. */
    public static JdbcConnection connection() {
        return Scratch.CONNECTION;
    }

    /** An empty database whose connection H2's result sets want to have. */
    private static final class Scratch {
        private static final String URL =
                "jdbc:h2:mem:result-" + UUID.randomUUID() + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";
        static final JdbcConnection CONNECTION = open();
        static final SessionLocal SESSION = H2Instance.session(CONNECTION);

        private static JdbcConnection open() {
            try {
                return connect();
            } catch (SQLException e) {
                throw new IllegalStateException("can't create an H2 database in memory", e);
            }
        }

        static JdbcConnection connect() throws SQLException {
            return new JdbcConnection(URL, new Properties(), null, null, false);
        }
    }
}
