package io.tunabledb.engine.shard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What stands in a shard's log. Versioned: an entry this library can't read stops the replica instead of being guessed. */
sealed interface Entry {
    /** The format of every entry below. */
    byte FORMAT = 1;

    /**
     * A committed transaction: its row effects and what its caller is answered.
     *
     * @param term the term its transaction ran in. An entry logged in any other term is void on every replica: its
     *     locks were gone when it was logged.
     * @param settings whether it changed the catalog
     * @param outbox whether it carries out an outbox: then the session is the outbox's incarnation and the number that of
     *     the last of its writes
     */
    record Write(long session, long number, long term, boolean settings, boolean outbox, byte[] outcome, byte[] changes)
            implements Entry {
        private static final int SETTINGS = 1;
        private static final int OUTBOX = 2;
    }

    /**
     * A schema change that every replica executes. Void in any other term, like a Write.
     *
     * @param settings what it puts into the catalog together with its statement
     */
    record Define(long session, long number, long term, String schema, String sql, Map<String, String> settings)
            implements Entry {
        public Define {
            settings = Map.copyOf(settings);
        }

        /** Without settings. */
        Define(long session, long number, long term, String schema, String sql) {
            this(session, number, term, schema, sql, Map.of());
        }
    }

    /** Every replica hashes its rows as of this entry; a null table means all of them. */
    record Check(long id, @Nullable String schema, @Nullable String table) implements Entry {}

    /** The bytes to log. */
    default byte[] encode() {
        if (this instanceof Write write) {
            return start('W', 8 * 3 + 1 + 8 + write.outcome.length + write.changes.length)
                    .putLong(write.session)
                    .putLong(write.number)
                    .putLong(write.term)
                    .put((byte) ((write.settings ? Write.SETTINGS : 0) | (write.outbox ? Write.OUTBOX : 0)))
                    .putInt(write.outcome.length)
                    .put(write.outcome)
                    .putInt(write.changes.length)
                    .put(write.changes)
                    .array();
        }
        if (this instanceof Define define) {
            byte[] schema = bytes(define.schema);
            byte[] sql = bytes(define.sql);
            // a kind of its own, so that a library that does not know settings stops instead of leaving them out
            boolean plain = define.settings.isEmpty();
            byte[] settings = plain ? new byte[0] : bytes(define.settings);
            return start(plain ? 'D' : 'S', 8 * 3 + 8 + schema.length + sql.length + settings.length)
                    .putLong(define.session)
                    .putLong(define.number)
                    .putLong(define.term)
                    .putInt(schema.length)
                    .put(schema)
                    .putInt(sql.length)
                    .put(sql)
                    .put(settings)
                    .array();
        }
        Check check = (Check) this;
        byte[] schema = bytes(check.schema);
        byte[] table = bytes(check.table);
        return start('C', 8 + 8 + schema.length + table.length)
                .putLong(check.id)
                .putInt(schema.length)
                .put(schema)
                .putInt(table.length)
                .put(table)
                .array();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalStateException for any other bytes
     */
    static Entry decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte format = in.get();
        if (format != FORMAT) {
            throw new IllegalStateException(
                    "log entry of format " + format + ", this library reads " + FORMAT + "; use the newer library");
        }
        char kind = (char) in.get();
        return switch (kind) {
            case 'W' -> {
                long session = in.getLong();
                long number = in.getLong();
                long term = in.getLong();
                int flags = in.get();
                yield new Write(
                        session,
                        number,
                        term,
                        (flags & Write.SETTINGS) != 0,
                        (flags & Write.OUTBOX) != 0,
                        read(in),
                        read(in));
            }
            case 'D' -> new Define(in.getLong(), in.getLong(), in.getLong(), text(in), text(in));
            case 'S' -> new Define(in.getLong(), in.getLong(), in.getLong(), text(in), text(in), settings(in));
            case 'C' -> {
                long id = in.getLong();
                String schema = text(in);
                String table = text(in);
                yield new Check(id, schema.isEmpty() ? null : schema, table.isEmpty() ? null : table);
            }
            default -> throw new IllegalStateException("log entry of unknown kind '" + kind + "'");
        };
    }

    private static ByteBuffer start(char kind, int size) {
        return ByteBuffer.allocate(2 + size).put(FORMAT).put((byte) kind);
    }

    private static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Map<String, String> settings) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TreeMap<>(settings).forEach((name, value) -> {
            for (byte[] text : new byte[][] {bytes(name), bytes(value)}) {
                out.writeBytes(
                        ByteBuffer.allocate(Integer.BYTES).putInt(text.length).array());
                out.writeBytes(text);
            }
        });
        return out.toByteArray();
    }

    private static Map<String, String> settings(ByteBuffer in) {
        Map<String, String> settings = new TreeMap<>();
        while (in.hasRemaining()) {
            settings.put(text(in), text(in));
        }
        return settings;
    }

    private static byte[] read(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return bytes;
    }

    private static String text(ByteBuffer in) {
        return new String(read(in), StandardCharsets.UTF_8);
    }
}
