package io.tunabledb.engine.codec;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Strange members of any type that has a form. */
public final class MadeUp {
    private static final long[] NUMBERS = {0, 1, -1, 63, 64, -65, 1L << 31, Long.MAX_VALUE, Long.MIN_VALUE};
    private static final String[] TEXTS = {
        "", "PUBLIC", "line\nbreak \"quoted\"", "äöü", "\ud800 alone", "日本", "x".repeat(300)
    };

    private final Random random;

    public MadeUp(long seed) {
        random = new Random(seed);
    }

    /** One of a type. */
    public Object of(Type type) {
        if (type instanceof ParameterizedType generic) {
            return collection(generic);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return record(plain);
        }
        if (plain.isSealed()) {
            return of(one(plain.getPermittedSubclasses()));
        }
        if (plain.isEnum()) {
            return one(plain.getEnumConstants());
        }
        return simple(plain);
    }

    private Object collection(ParameterizedType type) {
        Type[] arguments = type.getActualTypeArguments();
        int size = random.nextInt(4);
        if (type.getRawType() == List.class) {
            List<Object> list = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                list.add(of(arguments[0]));
            }
            return list;
        }
        Map<Object, Object> map = type.getRawType() == SortedMap.class ? new TreeMap<>() : new HashMap<>();
        for (int i = 0; i < size; i++) {
            map.put(of(arguments[0]), of(arguments[1]));
        }
        return map;
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            boolean isThere = !isNullable(components[i].getAnnotatedType()) || random.nextBoolean();
            values[i] = isThere ? of(components[i].getGenericType()) : null;
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a " + type, e);
        }
    }

    private static boolean isNullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    private Object simple(Class<?> type) {
        long number = random.nextBoolean() ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
        if (type == int.class || type == Integer.class) {
            return (int) number;
        } else if (type == long.class || type == Long.class) {
            return number;
        } else if (type == boolean.class || type == Boolean.class) {
            return random.nextBoolean();
        } else if (type == double.class || type == Double.class) {
            return random.nextBoolean() ? random.nextGaussian() : -0.0;
        } else if (type == String.class) {
            return one(TEXTS);
        } else if (type == byte[].class) {
            return bytes();
        } else if (type == byte[][].class) {
            return new byte[][] {bytes(), bytes()};
        } else if (type == long[].class) {
            return random.longs(random.nextInt(4)).toArray();
        } else if (type == UUID.class) {
            return new UUID(random.nextLong(), random.nextLong());
        } else if (type == Duration.class) {
            return Duration.ofNanos(number);
        } else if (type == Instant.class) {
            return Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
        }
        throw new IllegalArgumentException("no " + type + " can be made up");
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> T one(T[] all) {
        return all[random.nextInt(all.length)];
    }
}
