package io.tunabledb.engine.codec;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How values of one type are written to bytes and read back. Every type has its form by what it is made of: numbers, texts,
 * bytes, times, enums, lists, maps, records, and sealed interfaces of those. A type that is none of them has none: what is
 * live, or could be, is in no message.
 *
 * <p>A record is its components in their order, a sealed interface the name of the one meant and then that, an enum its
 * constant's name. Each reference has a byte before it that says whether it is there.
 */
public final class Form<T> {
    private static final Map<Type, Form<?>> KNOWN = new ConcurrentHashMap<>();

    private final BiConsumer<T, ByteSink> writer;
    private final Function<ByteSource, T> reader;

    Form(BiConsumer<T, ByteSink> writer, Function<ByteSource, T> reader) {
        this.writer = writer;
        this.reader = reader;
    }

    /** The value's bytes. */
    public byte[] bytes(T value) {
        ByteSink out = new ByteSink(64);
        write(value, out);
        return out.toByteArray();
    }

    /**
     * What {@link #bytes} gave.
     *
     * @throws IllegalStateException any other bytes
     */
    public T read(byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            T value = read(in);
            if (in.remaining() > 0) {
                throw new IllegalStateException(in.remaining() + " bytes left after a " + value.getClass());
            }
            return value;
        } catch (IllegalStateException e) {
            throw e;
        } catch (RuntimeException e) {
            // a number or a time too large for its type, a key that is not there
            throw new IllegalStateException("bytes of nothing that was written: " + e, e);
        }
    }

    void write(T value, ByteSink out) {
        writer.accept(value, out);
    }

    T read(ByteSource in) {
        return reader.apply(in);
    }

    /**
     * The form of a class.
     *
     * @throws IllegalArgumentException it, or something it is made of, is no value
     */
    @SuppressWarnings("unchecked")
    public static <T> Form<T> of(Class<T> type) {
        return (Form<T>) of((Type) type);
    }

    /** The form of any type: of the answer that a message names, for example. */
    @SuppressWarnings("unchecked")
    public static Form<Object> of(Type type) {
        Form<?> known = KNOWN.get(type);
        if (known == null) {
            known = make(type);
            KNOWN.put(type, known);
        }
        return (Form<Object>) known;
    }

    /** The same for what may be null. */
    static Form<@Nullable Object> orNull(Type type) {
        Form<Object> form = of(type);
        boolean isPrimitive = type instanceof Class<?> plain && plain.isPrimitive();
        return isPrimitive
                ? new Form<>((value, out) -> form.write(required(value), out), form::read)
                : new Form<>(
                        (value, out) -> {
                            out.put(value == null ? 0 : 1);
                            if (value != null) {
                                form.write(value, out);
                            }
                        },
                        in -> in.get() == 0 ? null : form.read(in));
    }

    private static Object required(@Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException("a number that is not there");
        }
        return value;
    }

    private static Form<?> make(Type type) {
        if (type instanceof ParameterizedType generic) {
            return collection(generic);
        }
        if (!(type instanceof Class<?> plain)) {
            throw noValue(type);
        }
        if (plain.isRecord()) {
            return RecordForm.of(plain);
        }
        if (plain.isSealed()) {
            return variants(plain);
        }
        if (plain.isEnum()) {
            return new Form<Object>(
                    (value, out) -> out.putString(((Enum<?>) value).name()), in -> constant(plain, in.getString()));
        }
        return simple(plain);
    }

    private static IllegalArgumentException noValue(Type type) {
        return new IllegalArgumentException(type + " is no value that can be written to bytes and read back");
    }

    private static Object constant(Class<?> type, String name) {
        for (Object one : type.getEnumConstants()) {
            if (((Enum<?>) one).name().equals(name)) {
                return one;
            }
        }
        throw new IllegalStateException("no " + name + " among " + type);
    }

    private static Form<?> simple(Class<?> type) {
        if (type == int.class || type == Integer.class) {
            return new Form<Integer>((value, out) -> out.putVarLong(value), in -> Math.toIntExact(in.getVarLong()));
        } else if (type == long.class || type == Long.class) {
            return new Form<Long>((value, out) -> out.putVarLong(value), ByteSource::getVarLong);
        } else if (type == boolean.class || type == Boolean.class) {
            return new Form<Boolean>((value, out) -> out.put(value ? 1 : 0), in -> in.get() != 0);
        } else if (type == double.class || type == Double.class) {
            return new Form<Double>(
                    (value, out) -> out.putLong(Double.doubleToRawLongBits(value)),
                    in -> Double.longBitsToDouble(in.getLong()));
        } else if (type == String.class) {
            return new Form<String>((value, out) -> out.putString(value), ByteSource::getString);
        } else if (type == byte[].class) {
            return new Form<byte[]>((value, out) -> out.putBytes(value), ByteSource::getBytes);
        } else if (type == byte[][].class) {
            return new Form<byte[][]>(Form::writeArrays, Form::readArrays);
        } else if (type == long[].class) {
            return new Form<long[]>(Form::writeLongs, Form::readLongs);
        } else if (type == UUID.class) {
            return new Form<UUID>(
                    (value, out) ->
                            out.putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits()),
                    in -> new UUID(in.getLong(), in.getLong()));
        } else if (type == Duration.class) {
            return new Form<Duration>(
                    (value, out) -> out.putVarLong(value.getSeconds()).putVarInt(value.getNano()),
                    in -> Duration.ofSeconds(in.getVarLong(), in.getVarInt()));
        } else if (type == Instant.class) {
            return new Form<Instant>(
                    (value, out) -> out.putVarLong(value.getEpochSecond()).putVarInt(value.getNano()),
                    in -> Instant.ofEpochSecond(in.getVarLong(), in.getVarInt()));
        }
        throw noValue(type);
    }

    private static void writeArrays(byte[][] value, ByteSink out) {
        out.putVarInt(value.length);
        for (byte[] one : value) {
            out.putBytes(one);
        }
    }

    private static byte[][] readArrays(ByteSource in) {
        byte[][] value = new byte[in.getCount()][];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.getBytes();
        }
        return value;
    }

    private static void writeLongs(long[] value, ByteSink out) {
        out.putVarInt(value.length);
        for (long one : value) {
            out.putVarLong(one);
        }
    }

    private static long[] readLongs(ByteSource in) {
        long[] value = new long[in.getCount()];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.getVarLong();
        }
        return value;
    }

    private static Form<?> collection(ParameterizedType type) {
        Form<@Nullable Object> first = orNull(type.getActualTypeArguments()[0]);
        if (type.getRawType() == List.class) {
            return new Form<List<Object>>(
                    (value, out) -> {
                        out.putVarInt(value.size());
                        value.forEach(one -> first.write(one, out));
                    },
                    in -> readList(first, in));
        }
        boolean isSorted = type.getRawType() == SortedMap.class;
        if (!isSorted && type.getRawType() != Map.class) {
            throw noValue(type);
        }
        Form<@Nullable Object> second = orNull(type.getActualTypeArguments()[1]);
        return new Form<Map<Object, Object>>(
                (value, out) -> {
                    out.putVarInt(value.size());
                    value.forEach((key, one) -> {
                        first.write(key, out);
                        second.write(one, out);
                    });
                },
                in -> readMap(first, second, isSorted, in));
    }

    @SuppressWarnings("NullAway") // a list may hold what is not there
    private static List<Object> readList(Form<@Nullable Object> form, ByteSource in) {
        int count = in.getCount();
        List<Object> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(form.read(in));
        }
        return Collections.unmodifiableList(values);
    }

    @SuppressWarnings("NullAway") // so may a map
    private static Map<Object, Object> readMap(
            Form<@Nullable Object> keys, Form<@Nullable Object> values, boolean isSorted, ByteSource in) {
        int count = in.getCount();
        Map<Object, Object> read = isSorted ? new TreeMap<>() : new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            read.put(keys.read(in), values.read(in));
        }
        return isSorted
                ? Collections.unmodifiableSortedMap((SortedMap<Object, Object>) read)
                : Collections.unmodifiableMap(read);
    }

    /** One of several, by its name: what number it has, no compiler promises. */
    private static Form<?> variants(Class<?> type) {
        Class<?>[] all = type.getPermittedSubclasses();
        for (Class<?> one : all) {
            // not when the first comes by: what can't be written is found at once
            var unused = of((Type) one);
        }
        return new Form<Object>(
                (value, out) -> {
                    int number = 0;
                    while (!all[number].isInstance(value)) {
                        number++;
                    }
                    out.putString(all[number].getSimpleName());
                    of((Type) all[number]).write(value, out);
                },
                in -> of((Type) named(in.getString(), all)).read(in));
    }

    private static Class<?> named(String name, Class<?>[] all) {
        for (Class<?> one : all) {
            if (one.getSimpleName().equals(name)) {
                return one;
            }
        }
        throw new IllegalStateException("no " + name + " among " + List.of(all));
    }
}
