package io.tunabledb.engine.h2.codec;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.Map;
import org.h2.api.IntervalQualifier;
import org.h2.engine.CastDataProvider;
import org.h2.value.ExtTypeInfoEnum;
import org.h2.value.ExtTypeInfoRow;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueBigint;
import org.h2.value.ValueBinary;
import org.h2.value.ValueBlob;
import org.h2.value.ValueBoolean;
import org.h2.value.ValueChar;
import org.h2.value.ValueClob;
import org.h2.value.ValueCollectionBase;
import org.h2.value.ValueDate;
import org.h2.value.ValueDecfloat;
import org.h2.value.ValueDouble;
import org.h2.value.ValueGeometry;
import org.h2.value.ValueInteger;
import org.h2.value.ValueInterval;
import org.h2.value.ValueJavaObject;
import org.h2.value.ValueJson;
import org.h2.value.ValueLob;
import org.h2.value.ValueNull;
import org.h2.value.ValueNumeric;
import org.h2.value.ValueReal;
import org.h2.value.ValueRow;
import org.h2.value.ValueSmallint;
import org.h2.value.ValueTime;
import org.h2.value.ValueTimeTimeZone;
import org.h2.value.ValueTimestamp;
import org.h2.value.ValueTimestampTimeZone;
import org.h2.value.ValueTinyint;
import org.h2.value.ValueUuid;
import org.h2.value.ValueVarbinary;
import org.h2.value.ValueVarchar;
import org.h2.value.ValueVarcharIgnoreCase;
import org.h2.value.lob.LobDataInMemory;
import org.jspecify.annotations.Nullable;

/**
 * Values as bytes: one tag, then the value. The tags are ours and never change their meaning, so a log or a snapshot
 * does not depend on H2's version. Large objects carry their content.
 */
public final class ValueCodec {
    private static final int NULL = 0;
    private static final int FALSE = 1;
    private static final int TRUE = 2;
    private static final int TINYINT = 3;
    private static final int SMALLINT = 4;
    private static final int INTEGER = 5;
    private static final int BIGINT = 6;
    private static final int NUMERIC_LONG = 7;
    private static final int NUMERIC = 8;
    private static final int REAL = 9;
    private static final int DOUBLE = 10;
    private static final int DECFLOAT = 11;
    private static final int DECFLOAT_SPECIAL = 12;
    private static final int CHAR = 13;
    private static final int VARCHAR = 14;
    private static final int VARCHAR_IGNORECASE = 15;
    private static final int BINARY = 16;
    private static final int VARBINARY = 17;
    private static final int JAVA_OBJECT = 18;
    private static final int GEOMETRY = 19;
    private static final int JSON = 20;
    private static final int CLOB = 21;
    private static final int BLOB = 22;
    private static final int DATE = 23;
    private static final int TIME = 24;
    private static final int TIME_TZ = 25;
    private static final int TIMESTAMP = 26;
    private static final int TIMESTAMP_TZ = 27;
    private static final int INTERVAL = 28;
    private static final int UUID = 29;
    private static final int ENUM = 30;
    private static final int ARRAY = 31;
    private static final int ROW = 32;

    private ValueCodec() {}

    public static void write(ByteSink sink, Value value) {
        switch (value.getValueType()) {
            case Value.NULL -> sink.put(NULL);
            case Value.BOOLEAN -> sink.put(value.getBoolean() ? TRUE : FALSE);
            case Value.TINYINT -> sink.put(TINYINT).put(value.getByte());
            case Value.SMALLINT -> sink.put(SMALLINT).putVarLong(value.getShort());
            case Value.INTEGER -> sink.put(INTEGER).putVarLong(value.getInt());
            case Value.BIGINT -> sink.put(BIGINT).putVarLong(value.getLong());
            case Value.NUMERIC -> writeNumeric(sink, value.getBigDecimal());
            case Value.REAL -> sink.put(REAL).putInt(Float.floatToIntBits(value.getFloat()));
            case Value.DOUBLE -> sink.put(DOUBLE).putLong(Double.doubleToLongBits(value.getDouble()));
            case Value.DECFLOAT -> writeDecfloat(sink, (ValueDecfloat) value);
            case Value.CHAR -> sink.put(CHAR).putString(value.getString());
            case Value.VARCHAR -> sink.put(VARCHAR).putString(value.getString());
            case Value.VARCHAR_IGNORECASE -> sink.put(VARCHAR_IGNORECASE).putString(value.getString());
            case Value.BINARY -> sink.put(BINARY).putBytes(value.getBytesNoCopy());
            case Value.VARBINARY -> sink.put(VARBINARY).putBytes(value.getBytesNoCopy());
            case Value.JAVA_OBJECT -> sink.put(JAVA_OBJECT).putBytes(value.getBytesNoCopy());
            case Value.GEOMETRY -> sink.put(GEOMETRY).putBytes(value.getBytesNoCopy());
            case Value.JSON -> sink.put(JSON).putBytes(value.getBytesNoCopy());
            case Value.CLOB ->
                sink.put(CLOB).putVarLong(((ValueClob) value).charLength()).putBytes(content((ValueLob) value));
            case Value.BLOB -> sink.put(BLOB).putBytes(content((ValueLob) value));
            case Value.UUID ->
                sink.put(UUID).putLong(((ValueUuid) value).getHigh()).putLong(((ValueUuid) value).getLow());
            case Value.ENUM -> sink.put(ENUM).putVarLong(value.getInt());
            case Value.ARRAY -> writeList(sink.put(ARRAY), (ValueCollectionBase) value);
            case Value.ROW -> writeList(sink.put(ROW), (ValueCollectionBase) value);
            default -> writeTime(sink, value);
        }
    }

    private static void writeTime(ByteSink sink, Value value) {
        switch (value.getValueType()) {
            case Value.DATE -> sink.put(DATE).putVarLong(((ValueDate) value).getDateValue());
            case Value.TIME -> sink.put(TIME).putVarLong(((ValueTime) value).getNanos());
            case Value.TIME_TZ -> {
                ValueTimeTimeZone time = (ValueTimeTimeZone) value;
                sink.put(TIME_TZ).putVarLong(time.getNanos()).putVarLong(time.getTimeZoneOffsetSeconds());
            }
            case Value.TIMESTAMP -> {
                ValueTimestamp time = (ValueTimestamp) value;
                sink.put(TIMESTAMP).putVarLong(time.getDateValue()).putVarLong(time.getTimeNanos());
            }
            case Value.TIMESTAMP_TZ -> {
                ValueTimestampTimeZone time = (ValueTimestampTimeZone) value;
                sink.put(TIMESTAMP_TZ).putVarLong(time.getDateValue()).putVarLong(time.getTimeNanos());
                sink.putVarLong(time.getTimeZoneOffsetSeconds());
            }
            default -> {
                if (!(value instanceof ValueInterval interval)) {
                    throw new IllegalStateException("a value of H2's type number " + value.getValueType());
                }
                sink.put(INTERVAL)
                        .put(value.getValueType() - Value.INTERVAL_YEAR)
                        .put(interval.isNegative() ? 1 : 0);
                sink.putVarLong(interval.getLeading()).putVarLong(interval.getRemaining());
            }
        }
    }

    private static void writeNumeric(ByteSink sink, BigDecimal number) {
        BigInteger unscaled = number.unscaledValue();
        if (unscaled.bitLength() < Long.SIZE) {
            sink.put(NUMERIC_LONG).putVarLong(number.scale()).putVarLong(unscaled.longValue());
        } else {
            sink.put(NUMERIC).putVarLong(number.scale()).putBytes(unscaled.toByteArray());
        }
    }

    @SuppressWarnings("ReferenceEquality") // these three are constants, and BigDecimal knows nothing of them
    private static void writeDecfloat(ByteSink sink, ValueDecfloat value) {
        if (value.isFinite()) {
            BigDecimal number = value.getBigDecimal();
            sink.put(DECFLOAT).putVarLong(number.scale());
            sink.putBytes(number.unscaledValue().toByteArray());
        } else {
            int which = value == ValueDecfloat.NAN ? 0 : value == ValueDecfloat.POSITIVE_INFINITY ? 1 : 2;
            sink.put(DECFLOAT_SPECIAL).put(which);
        }
    }

    private static void writeList(ByteSink sink, ValueCollectionBase list) {
        Value[] values = list.getList();
        sink.putVarInt(values.length);
        for (Value value : values) {
            write(sink, value);
        }
    }

    /** The content of a large object: UTF-8 for a CLOB. */
    static byte[] content(ValueLob lob) {
        if (lob.getLobData() instanceof LobDataInMemory inMemory) {
            return inMemory.getSmall();
        }
        try (InputStream in = lob.getInputStream()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads one value.
     *
     * @param type the type of the column (or array element, or field) it goes to; null when there is none
     */
    public static Value read(ByteSource source, @Nullable TypeInfo type, CastDataProvider provider) {
        int tag = source.get();
        return switch (tag) {
            case NULL -> ValueNull.INSTANCE;
            case FALSE -> ValueBoolean.FALSE;
            case TRUE -> ValueBoolean.TRUE;
            case TINYINT -> ValueTinyint.get((byte) source.get());
            case SMALLINT -> ValueSmallint.get((short) source.getVarLong());
            case INTEGER -> ValueInteger.get((int) source.getVarLong());
            case BIGINT -> ValueBigint.get(source.getVarLong());
            case NUMERIC_LONG -> {
                int scale = (int) source.getVarLong();
                yield ValueNumeric.get(BigDecimal.valueOf(source.getVarLong(), scale));
            }
            case NUMERIC -> ValueNumeric.get(readDecimal(source));
            case REAL -> ValueReal.get(Float.intBitsToFloat(source.getInt()));
            case DOUBLE -> ValueDouble.get(Double.longBitsToDouble(source.getLong()));
            case DECFLOAT -> ValueDecfloat.get(readDecimal(source));
            case DECFLOAT_SPECIAL ->
                switch (source.get()) {
                    case 0 -> ValueDecfloat.NAN;
                    case 1 -> ValueDecfloat.POSITIVE_INFINITY;
                    default -> ValueDecfloat.NEGATIVE_INFINITY;
                };
            case CHAR -> ValueChar.get(source.getString());
            case VARCHAR -> ValueVarchar.get(source.getString());
            case VARCHAR_IGNORECASE -> ValueVarcharIgnoreCase.get(source.getString());
            case BINARY -> ValueBinary.getNoCopy(source.getBytes());
            case VARBINARY -> ValueVarbinary.getNoCopy(source.getBytes());
            case JAVA_OBJECT -> ValueJavaObject.getNoCopy(source.getBytes());
            case GEOMETRY -> ValueGeometry.get(source.getBytes());
            case JSON -> ValueJson.getInternal(source.getBytes());
            case CLOB -> {
                long charLength = source.getVarLong();
                yield ValueClob.createSmall(source.getBytes(), charLength);
            }
            case BLOB -> ValueBlob.createSmall(source.getBytes());
            case UUID -> ValueUuid.get(source.getLong(), source.getLong());
            case ENUM -> readEnum((int) source.getVarLong(), type, provider);
            case ARRAY -> readArray(source, type, provider);
            case ROW -> readRow(source, type, provider);
            default -> readTime(tag, source);
        };
    }

    private static Value readTime(int tag, ByteSource source) {
        return switch (tag) {
            case DATE -> ValueDate.fromDateValue(source.getVarLong());
            case TIME -> ValueTime.fromNanos(source.getVarLong());
            case TIME_TZ -> ValueTimeTimeZone.fromNanos(source.getVarLong(), (int) source.getVarLong());
            case TIMESTAMP -> ValueTimestamp.fromDateValueAndNanos(source.getVarLong(), source.getVarLong());
            case TIMESTAMP_TZ ->
                ValueTimestampTimeZone.fromDateValueAndNanos(
                        source.getVarLong(), source.getVarLong(), (int) source.getVarLong());
            case INTERVAL -> {
                IntervalQualifier qualifier = IntervalQualifier.valueOf(source.get());
                boolean negative = source.get() == 1;
                yield ValueInterval.from(qualifier, negative, source.getVarLong(), source.getVarLong());
            }
            default -> throw new IllegalStateException("an unknown value tag: " + tag);
        };
    }

    private static BigDecimal readDecimal(ByteSource source) {
        int scale = (int) source.getVarLong();
        return new BigDecimal(new BigInteger(source.getBytes()), scale);
    }

    private static Value readEnum(int ordinal, @Nullable TypeInfo type, CastDataProvider provider) {
        if (type == null || !(type.getExtTypeInfo() instanceof ExtTypeInfoEnum labels)) {
            throw new IllegalStateException("an ENUM value for a column that is none");
        }
        return labels.getValue(ordinal, provider);
    }

    private static Value readArray(ByteSource source, @Nullable TypeInfo type, CastDataProvider provider) {
        TypeInfo element = type != null && type.getExtTypeInfo() instanceof TypeInfo known ? known : null;
        Value[] values = new Value[source.getCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = read(source, element, provider);
        }
        return element == null ? ValueArray.get(values, provider) : ValueArray.get(element, values, provider);
    }

    private static Value readRow(ByteSource source, @Nullable TypeInfo type, CastDataProvider provider) {
        ExtTypeInfoRow known = type != null && type.getExtTypeInfo() instanceof ExtTypeInfoRow row ? row : null;
        Iterator<Map.Entry<String, TypeInfo>> fields =
                known == null ? null : known.getFields().iterator();
        Value[] values = new Value[source.getCount()];
        for (int i = 0; i < values.length; i++) {
            TypeInfo field = fields != null && fields.hasNext() ? fields.next().getValue() : null;
            values[i] = read(source, field, provider);
        }
        return known == null ? ValueRow.get(values) : ValueRow.get(known, values);
    }
}
