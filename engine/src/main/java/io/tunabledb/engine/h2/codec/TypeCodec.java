package io.tunabledb.engine.h2.codec;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import java.util.LinkedHashMap;
import org.h2.value.ExtTypeInfo;
import org.h2.value.ExtTypeInfoEnum;
import org.h2.value.ExtTypeInfoGeometry;
import org.h2.value.ExtTypeInfoNumeric;
import org.h2.value.ExtTypeInfoRow;
import org.h2.value.TypeInfo;
import org.jspecify.annotations.Nullable;

/** H2's types as bytes, with all that belongs to one: an ENUM's labels, an array's elements, a row's fields. */
final class TypeCodec {
    private static final int NOTHING = 0;
    private static final int DECIMAL = 1;
    private static final int GEOMETRY = 2;
    private static final int ENUM = 3;
    private static final int ELEMENT = 4;
    private static final int FIELDS = 5;

    private TypeCodec() {}

    static void write(ByteSink sink, TypeInfo type) {
        sink.putVarInt(type.getValueType() + 1);
        sink.putVarLong(type.getDeclaredPrecision()).putVarLong(type.getDeclaredScale());
        ExtTypeInfo more = type.getExtTypeInfo();
        if (more instanceof ExtTypeInfoNumeric) {
            sink.put(DECIMAL);
        } else if (more instanceof ExtTypeInfoGeometry geometry) {
            Integer srid = geometry.getSrid();
            sink.put(GEOMETRY).putVarLong(geometry.getType()).put(srid == null ? 0 : 1);
            sink.putVarLong(srid == null ? 0 : srid);
        } else if (more instanceof ExtTypeInfoEnum labels) {
            sink.put(ENUM).putVarInt(labels.getCount());
            for (int i = 0; i < labels.getCount(); i++) {
                sink.putString(labels.getEnumerator(i));
            }
        } else if (more instanceof TypeInfo element) {
            write(sink.put(ELEMENT), element);
        } else if (more instanceof ExtTypeInfoRow row) {
            sink.put(FIELDS).putVarInt(row.getFields().size());
            row.getFields().forEach(field -> write(sink.putString(field.getKey()), field.getValue()));
        } else {
            sink.put(NOTHING);
        }
    }

    static TypeInfo read(ByteSource source) {
        int type = source.getVarInt() - 1;
        long precision = source.getVarLong();
        int scale = Math.toIntExact(source.getVarLong());
        return new TypeInfo(type, precision, scale, readMore(source));
    }

    private static @Nullable ExtTypeInfo readMore(ByteSource source) {
        int tag = source.get();
        return switch (tag) {
            case NOTHING -> null;
            case DECIMAL -> ExtTypeInfoNumeric.DECIMAL;
            case GEOMETRY -> {
                int type = Math.toIntExact(source.getVarLong());
                boolean hasSrid = source.get() == 1;
                int srid = Math.toIntExact(source.getVarLong());
                yield new ExtTypeInfoGeometry(type, hasSrid ? srid : null);
            }
            case ENUM -> {
                String[] labels = new String[source.getCount()];
                for (int i = 0; i < labels.length; i++) {
                    labels[i] = source.getString();
                }
                yield new ExtTypeInfoEnum(labels);
            }
            case ELEMENT -> read(source);
            case FIELDS -> {
                int count = source.getCount();
                LinkedHashMap<String, TypeInfo> fields = new LinkedHashMap<>();
                for (int i = 0; i < count; i++) {
                    fields.put(source.getString(), read(source));
                }
                yield new ExtTypeInfoRow(fields);
            }
            default -> throw new IllegalStateException("an unknown tag of a type: " + tag);
        };
    }
}
