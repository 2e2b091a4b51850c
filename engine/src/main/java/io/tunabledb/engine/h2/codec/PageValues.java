package io.tunabledb.engine.h2.codec;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import java.util.Objects;
import org.h2.engine.CastDataProvider;
import org.h2.value.ExtTypeInfoEnum;
import org.h2.value.ExtTypeInfoRow;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueCollectionBase;
import org.h2.value.ValueEnum;
import org.h2.value.ValueEnumBase;
import org.h2.value.ValueRow;
import org.h2.value.ValueVarchar;

/**
 * Values of a page: as {@link ValueCodec} writes them, but for those that carry a type of their own, which need not be their
 * column's and which JDBC shows.
 */
final class PageValues {
    private static final int PLAIN = 0;
    private static final int ARRAY = 1;
    private static final int ROW = 2;
    private static final int ENUM = 3;
    private static final int ENUM_OF_COLUMN = 4;

    private PageValues() {}

    static void write(ByteSink sink, Value value, TypeInfo column) {
        if (value instanceof ValueArray array) {
            TypeCodec.write(sink.put(ARRAY), array.getComponentType());
            writeAll(sink, array, column);
        } else if (value instanceof ValueRow row) {
            TypeCodec.write(sink.put(ROW), row.getType());
            writeAll(sink, row, column);
        } else if (value instanceof ValueEnum) {
            boolean isColumns = Objects.equals(value.getType().getExtTypeInfo(), column.getExtTypeInfo());
            sink.put(isColumns ? ENUM_OF_COLUMN : ENUM);
            if (!isColumns) {
                TypeCodec.write(sink, value.getType());
            }
            sink.putVarLong(value.getInt());
        } else {
            // which labels such a one has nobody knows
            Value plain = value instanceof ValueEnumBase ? ValueVarchar.get(value.getString()) : value;
            ValueCodec.write(sink.put(PLAIN), plain);
        }
    }

    private static void writeAll(ByteSink sink, ValueCollectionBase list, TypeInfo column) {
        Value[] values = list.getList();
        sink.putVarInt(values.length);
        for (Value value : values) {
            write(sink, value, column);
        }
    }

    static Value read(ByteSource source, TypeInfo column, CastDataProvider provider) {
        int tag = source.get();
        return switch (tag) {
            case PLAIN -> ValueCodec.read(source, null, provider);
            case ARRAY -> {
                TypeInfo component = TypeCodec.read(source);
                yield ValueArray.get(component, readAll(source, column, provider), provider);
            }
            case ROW -> {
                ExtTypeInfoRow fields = (ExtTypeInfoRow) TypeCodec.read(source).getExtTypeInfo();
                yield ValueRow.get(fields, readAll(source, column, provider));
            }
            case ENUM -> readEnum(source, TypeCodec.read(source), provider);
            case ENUM_OF_COLUMN -> readEnum(source, column, provider);
            default -> throw new IllegalStateException("an unknown tag of a value: " + tag);
        };
    }

    private static Value readEnum(ByteSource source, TypeInfo type, CastDataProvider provider) {
        return ((ExtTypeInfoEnum) Objects.requireNonNull(type.getExtTypeInfo()))
                .getValue(Math.toIntExact(source.getVarLong()), provider);
    }

    private static Value[] readAll(ByteSource source, TypeInfo column, CastDataProvider provider) {
        Value[] values = new Value[source.getCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = read(source, column, provider);
        }
        return values;
    }
}
