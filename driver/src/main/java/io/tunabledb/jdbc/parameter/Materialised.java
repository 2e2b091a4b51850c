package io.tunabledb.jdbc.parameter;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.heap.Heap;
import io.tunabledb.jdbc.contract.Misuse;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * Turns what can be read only once, or can change later, into what can be bound again and again. LOBs are
 * held in memory until the statement runs, as the database itself does.
 */
public final class Materialised {

    /** The system property that bounds one LOB parameter: bytes of a binary one, characters of a text. */
    static final String LIMIT_PROPERTY = "tunabledb.maxLobBytes";

    private static final int LIMIT = Integer.getInteger(LIMIT_PROPERTY, 64 << 20);

    private Materialised() {}

    /** At most {@code length} bytes of {@code in}; all when that is not positive. */
    static byte[] bytes(InputStream in, long length) throws SQLException {
        try {
            byte[] read = in.readNBytes((int) atMost(length));
            requireWithinLimit(read.length);
            return read;
        } catch (IOException e) {
            throw Misuse.unreadable(e);
        } catch (RuntimeException e) {
            // the stream is the caller's, and so is what it throws
            throw Misuse.unreadable(e);
        }
    }

    /** At most {@code length} characters of {@code in}; all when that is not positive. */
    static String text(Reader in, long length) throws SQLException {
        StringBuilder text = new StringBuilder();
        char[] buffer = new char[4096];
        try {
            long left = atMost(length);
            int read = 0;
            while (left > 0 && (read = in.read(buffer, 0, (int) Math.min(left, buffer.length))) >= 0) {
                text.append(buffer, 0, read);
                left -= read;
            }
        } catch (IOException e) {
            throw Misuse.unreadable(e);
        } catch (RuntimeException e) {
            // the stream is the caller's, and so is what it throws
            throw Misuse.unreadable(e);
        }
        requireWithinLimit(text.length());
        return text.toString();
    }

    static byte[] bytes(Blob blob) throws SQLException {
        try (InputStream in = blob.getBinaryStream()) {
            return bytes(in, -1);
        } catch (IOException e) {
            throw Misuse.unreadable(e);
        }
    }

    static String text(Clob clob) throws SQLException {
        try (Reader in = clob.getCharacterStream()) {
            return text(in, -1);
        } catch (IOException e) {
            throw Misuse.unreadable(e);
        }
    }

    static String text(SQLXML xml) throws SQLException {
        try (Reader in = xml.getCharacterStream()) {
            return text(in, -1);
        } catch (IOException e) {
            throw Misuse.unreadable(e);
        }
    }

    /** {@code value} itself, or a copy that no other code can change. */
    @SuppressWarnings("JavaUtilDate") // JDBC's own types extend it; nothing is computed with it here
    public static Object copy(Object value) throws SQLException {
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value instanceof Date date) {
            return date.clone();
        }
        if (value instanceof Calendar calendar) {
            return calendar.clone();
        }
        if (value instanceof Array array) {
            return array.getArray();
        }
        if (value instanceof Object[] elements) {
            return Arrays.copyOf(elements, elements.length);
        }
        return value;
    }

    /** The binary content of a LOB-like value, or null when it is none. */
    static byte @Nullable [] bytesOf(Object value) throws SQLException {
        if (value instanceof InputStream in) {
            return bytes(in, -1);
        }
        return value instanceof Blob blob ? bytes(blob) : null;
    }

    /** The text of a LOB-like value, or null when it is none. */
    static @Nullable String textOf(Object value) throws SQLException {
        if (value instanceof Reader in) {
            return text(in, -1);
        }
        if (value instanceof Clob clob) {
            return text(clob);
        }
        return value instanceof SQLXML xml ? text(xml) : null;
    }

    /** One more than the limit is read, to tell a full one from one too many. */
    private static long atMost(long length) {
        return length <= 0 ? LIMIT + 1L : Math.min(length, LIMIT + 1L);
    }

    private static void requireWithinLimit(int length) throws SQLException {
        Heap.requireRoom("a LOB parameter of " + length);
        if (length > LIMIT) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "A LOB parameter is longer than " + LIMIT + "; store less or raise the system property "
                            + LIMIT_PROPERTY);
        }
    }
}
