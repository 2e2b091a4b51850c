package io.tunabledb.engine.plan.placement;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The type of a shard key: a kind of value that has one canonical form for all values that storage takes for equal.
 *
 * @param kind what values it has
 * @param size the scale of a NUMERIC, the precision of a DECFLOAT; 0 for the others, where a value's hash needs no size
 */
public record KeyType(Kind kind, int size) {
    private static final Pattern TEXT = Pattern.compile("([A-Z_ ]+?)(?:\\((\\d+)\\))?");

    /** The types a shard key may have. Of all others two equal values can look different, or can't be looked at. */
    public enum Kind {
        BINARY,
        BOOLEAN,
        CHARACTER,
        CHARACTER_VARYING,
        DATE,
        DECFLOAT,
        INTEGER,
        NUMERIC,
        UUID,
        VARBINARY,
        VARCHAR_IGNORECASE;

        /** Whether its values are numbers, which are equal by value whatever their types. */
        boolean isNumber() {
            return this == INTEGER || this == NUMERIC || this == DECFLOAT;
        }

        private boolean hasSize() {
            return this == NUMERIC || this == DECFLOAT;
        }
    }

    public KeyType {
        if (kind.hasSize() ? size < 0 : size != 0) {
            throw new IllegalArgumentException("size " + size + " of shard key type " + kind);
        }
    }

    /** A type without size. */
    public KeyType(Kind kind) {
        this(kind, 0);
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws IllegalArgumentException when it is no such text
     */
    public static KeyType parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no shard key type: " + text);
        }
        Kind kind = Kind.valueOf(matcher.group(1));
        String size = matcher.group(2);
        if (kind.hasSize() != (size != null)) {
            throw new IllegalArgumentException("no shard key type: " + text);
        }
        return new KeyType(kind, size == null ? 0 : Integer.parseInt(size));
    }

    /** The type as a setting keeps it: {@code INTEGER}, {@code NUMERIC(2)}. */
    public String text() {
        return kind.hasSize() ? kind + "(" + size + ")" : kind.toString();
    }
}
