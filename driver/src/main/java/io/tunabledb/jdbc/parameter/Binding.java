package io.tunabledb.jdbc.parameter;

import io.tunabledb.jdbc.contract.Misuse;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLType;
import java.time.temporal.Temporal;
import java.util.Date;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A value and the setter that takes it. It can be bound again and again, and not be changed: streams are
 * read, dates and arrays are copied.
 *
 * @param setter how H2 is to be given it
 * @param value null only for SQL's NULL
 */
public record Binding(Setter setter, @Nullable Object value) {

    public static final Binding NULL = new Binding(Setter.NULL, null);

    /** Of a value that never changes. */
    public static Binding of(Setter setter, @Nullable Object x) {
        return x == null ? NULL : new Binding(setter, x);
    }

    /** Of a value that its owner may change later. */
    public static Binding copy(Setter setter, @Nullable Object x) throws SQLException {
        return x == null ? NULL : new Binding(setter, Materialised.copy(x));
    }

    public static Binding object(@Nullable Object x) throws SQLException {
        if (x == null) {
            return NULL;
        }
        Binding lob = lob(x);
        return lob != null ? lob : new Binding(Setter.OBJECT, Materialised.copy(x));
    }

    public static Binding object(@Nullable Object x, int type) throws SQLException {
        if (x == null) {
            return NULL;
        }
        Binding lob = lob(x);
        if (lob != null && !Setter.takesStreams(type)) {
            throw Misuse.notConvertible(x);
        }
        return lob != null ? lob : new Binding(Setter.TYPED, new Setter.Typed(Materialised.copy(x), type));
    }

    public static Binding object(@Nullable Object x, @Nullable SQLType type) throws SQLException {
        if (x == null) {
            return NULL;
        }
        Integer number = type == null ? null : type.getVendorTypeNumber();
        Binding lob = lob(x);
        if (lob != null && number != null && !Setter.takesStreams(number)) {
            throw Misuse.notConvertible(x);
        }
        return lob != null ? lob : new Binding(Setter.SQL_TYPED, new Setter.SqlTyped(Materialised.copy(x), type));
    }

    /** Of something that is read to its end, else null. */
    private static @Nullable Binding lob(Object x) throws SQLException {
        byte[] bytes = Materialised.bytesOf(x);
        if (bytes != null) {
            return new Binding(Setter.BINARY, bytes);
        }
        String text = Materialised.textOf(x);
        return text == null ? null : new Binding(Setter.TEXT, text);
    }

    /** False when it is not known to become of the type that it is to be of. */
    public boolean isOfItsType() {
        if (value instanceof Setter.Typed typed) {
            return typed.isNatural();
        }
        return !(value instanceof Setter.SqlTyped) && (setter != Setter.OBJECT || isFamiliar(value));
    }

    /** Every value of these classes has a type of its own. */
    private static boolean isFamiliar(@Nullable Object value) {
        return value instanceof String
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof byte[]
                || value instanceof Date
                || value instanceof Temporal
                || value instanceof UUID;
    }

    public void replay(PreparedStatement target, int index) throws SQLException {
        setter.replay(target, index, value == null ? this : value);
    }

    /** Of the first {@code length} bytes, of all when that is not positive. */
    public static Binding bytes(@Nullable InputStream x, long length) throws SQLException {
        return x == null ? NULL : new Binding(Setter.BINARY, Materialised.bytes(x, length));
    }

    /** Of the first {@code length} characters, of all when that is not positive. */
    public static Binding text(@Nullable Reader x, long length) throws SQLException {
        return x == null ? NULL : new Binding(Setter.TEXT, Materialised.text(x, length));
    }

    /** Of the first {@code length} characters in ASCII, of all when that is not positive. */
    public static Binding ascii(@Nullable InputStream x, long length) throws SQLException {
        return text(x == null ? null : new InputStreamReader(x, StandardCharsets.US_ASCII), length);
    }
}
