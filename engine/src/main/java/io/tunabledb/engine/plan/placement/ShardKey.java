package io.tunabledb.engine.plan.placement;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A value of a shard key in canonical form: two values that storage takes for equal have one form, and so one bucket.
 * Where that can't be told without storage the answer is that it is not known, which costs a wider route.
 *
 * @param canonical a Long, BigDecimal, String, Boolean, LocalDate, UUID or ByteBuffer
 */
public record ShardKey(Object canonical) {
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,40}");
    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final Pattern HYPHENATED =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    /** Spreads what a stable hash gives over all bits (Steele, Lea and Flood 2014, the finalizer of SplitMix64). */
    private static long mixed(long hash) {
        long z = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Its bucket: the same in every version of this program, on every machine. */
    public int bucket() {
        return (int) (mixed(hash()) >>> 54);
    }

    private long hash() {
        if (canonical instanceof Long number) {
            return number;
        }
        if (canonical instanceof UUID uuid) {
            return uuid.getMostSignificantBits() * 31 + uuid.getLeastSignificantBits();
        }
        if (canonical instanceof LocalDate day) {
            return day.toEpochDay();
        }
        if (canonical instanceof Boolean bit) {
            return bit ? 1 : 0;
        }
        long hash = 0xcbf29ce484222325L;
        if (canonical instanceof ByteBuffer bytes) {
            for (int i = bytes.position(); i < bytes.limit(); i++) {
                hash = (hash ^ (bytes.get(i) & 0xff)) * 0x100000001b3L;
            }
            return hash;
        }
        // a BigDecimal's text says its digits and its scale, which are canonical
        String text = canonical.toString();
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /**
     * The shard in which a row with a key of some type belongs, for storage, which has keys as they are stored; -1 when it
     * can't be told.
     *
     * @param type as {@link KeyType#text} gives it
     * @param buckets the setting of that name; null when there is none
     * @param shards how many shards the database has
     * @throws IllegalArgumentException when the type or the setting can't be read
     */
    public static ToIntFunction<Object> shards(String type, @Nullable String buckets, int shards) {
        KeyType read = KeyType.parse(type);
        BucketMap map = buckets == null ? BucketMap.even(shards) : BucketMap.parse(buckets, shards);
        return value -> {
            ShardKey key = stored(read, value);
            return key == null ? -1 : map.shardOf(key.bucket());
        };
    }

    /**
     * The key that a row must have for its column of type {@code type} to be equal to {@code value}. Where no row can be
     * equal it is any key.
     *
     * @param value a Long, Integer, Short, Byte, BigDecimal, BigInteger, String, Boolean, LocalDate, UUID or byte[]; null
     *     and others are not known
     * @return null when storage might take rows of several keys for equal, or it can't be told
     */
    public static @Nullable ShardKey compared(KeyType type, @Nullable Object value) {
        return of(type, value);
    }

    /**
     * The key of a row when {@code value} is stored in its column of type {@code type}.
     *
     * @return null when it can't be told without storage, or storage refuses the value
     */
    public static @Nullable ShardKey stored(KeyType type, @Nullable Object value) {
        ShardKey key = of(type, value);
        return key == null || keeps(type, key.canonical) ? key : null;
    }

    /** Whether storing leaves the value as it is; else storage rounds it. */
    private static boolean keeps(KeyType type, Object canonical) {
        if (!(canonical instanceof BigDecimal number)) {
            return type.kind() != KeyType.Kind.DECFLOAT || digits(canonical) <= type.size();
        }
        return switch (type.kind()) {
            case NUMERIC -> number.scale() <= type.size();
            case DECFLOAT -> number.precision() <= type.size();
            default -> false;
        };
    }

    private static int digits(Object canonical) {
        return canonical instanceof Long number
                ? BigDecimal.valueOf(number).stripTrailingZeros().precision()
                : 0;
    }

    private static @Nullable ShardKey of(KeyType type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        Object canonical = switch (type.kind()) {
            case INTEGER, NUMERIC, DECFLOAT -> number(value);
            case CHARACTER -> value instanceof String text ? withoutBlanks(text) : null;
            case CHARACTER_VARYING -> value instanceof String ? value : null;
            case VARCHAR_IGNORECASE -> value instanceof String text ? folded(text) : null;
            case BOOLEAN -> value instanceof Boolean ? value : null;
            case DATE -> day(value);
            case UUID -> uuid(value);
            case BINARY -> value instanceof byte[] bytes ? withoutZeros(bytes) : null;
            case VARBINARY -> value instanceof byte[] bytes ? ByteBuffer.wrap(bytes.clone()) : null;
        };
        return canonical == null ? null : new ShardKey(canonical);
    }

    /** By value: a Long where it is one, else without zeros at the end. */
    private static @Nullable Object number(Object value) {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof BigDecimal number) {
            return byValue(number);
        }
        if (value instanceof BigInteger number) {
            return byValue(new BigDecimal(number));
        }
        if (value instanceof String text && WHOLE.matcher(text).matches()) {
            return byValue(new BigDecimal(text));
        }
        // a REAL or DOUBLE is compared with what it stands for only nearly
        return null;
    }

    private static @Nullable Object byValue(BigDecimal number) {
        // digits beyond any column's are not worth writing out
        if (Math.abs((long) number.scale()) > 1000 || number.precision() > 1000) {
            return null;
        }
        BigDecimal shortest = number.stripTrailingZeros();
        if (shortest.scale() <= 0 && shortest.precision() - shortest.scale() <= 19) {
            BigInteger whole = shortest.setScale(0, RoundingMode.UNNECESSARY).toBigIntegerExact();
            return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : shortest;
        }
        return shortest;
    }

    private static String withoutBlanks(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }

    /** As {@link String#compareToIgnoreCase}, which storage compares with, folds each character. */
    private static String folded(String text) {
        StringBuilder folded = new StringBuilder(text.length());
        text.codePoints()
                .map(point -> Character.toLowerCase(Character.toUpperCase(point)))
                .forEach(folded::appendCodePoint);
        return folded.toString();
    }

    private static @Nullable Object day(Object value) {
        if (value instanceof LocalDate) {
            return value;
        }
        if (!(value instanceof String text) || !DAY.matcher(text).matches()) {
            return null;
        }
        try {
            return LocalDate.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Object uuid(Object value) {
        if (value instanceof UUID) {
            return value;
        }
        return value instanceof String text && HYPHENATED.matcher(text).matches()
                ? UUID.fromString(text.toLowerCase(Locale.ROOT))
                : null;
    }

    private static ByteBuffer withoutZeros(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        byte[] shortest = new byte[end];
        System.arraycopy(bytes, 0, shortest, 0, end);
        return ByteBuffer.wrap(shortest);
    }
}
