package io.tunabledb.engine.outbox;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What stands in an outbox's log. One this library can't read stops the outbox instead of being guessed. */
sealed interface LogRecord {
    byte FORMAT = 1;

    /** The outbox begins: an incarnation without any writes. */
    record Begin(long incarnation) implements LogRecord {}

    /**
     * Writes were accepted. Their numbers follow from their place; they are said too, so that no reader counts on where
     * something is missing.
     *
     * @param incarnation whose; 0 in a log of before it was said
     * @param first the number of the first of them; 0 in a log of before it was said
     */
    record Accept(long incarnation, long first, List<byte[]> entries) implements LogRecord {
        /** As logged before numbers were said. */
        Accept(List<byte[]> entries) {
            this(0, 0, entries);
        }
    }

    /** Stands where a record can't be read any more. */
    record Lost() implements LogRecord {}

    /** No number up to this one is given any more: what is lost may have had it. */
    record Skip(long upTo) implements LogRecord {}

    /**
     * Everything of one shard up to a number was carried out.
     *
     * @param rejected how many of all its writes so far failed
     */
    record Forwarded(int shard, long upTo, long rejected) implements LogRecord {}

    default byte[] encode() {
        if (this instanceof Begin begin) {
            return start('B', 8).putLong(begin.incarnation).array();
        }
        if (this instanceof Forwarded forwarded) {
            return start('S', 20)
                    .putInt(forwarded.shard)
                    .putLong(forwarded.upTo)
                    .putLong(forwarded.rejected)
                    .array();
        }
        if (this instanceof Lost) {
            return start('L', 0).array();
        }
        if (this instanceof Skip skip) {
            return start('G', 8).putLong(skip.upTo).array();
        }
        Accept accept = (Accept) this;
        List<byte[]> entries = accept.entries;
        int size = 8 + 8 + 4;
        for (byte[] entry : entries) {
            size += 4 + entry.length;
        }
        ByteBuffer out = ByteBuffer.allocate(2 + size);
        out.put(FORMAT)
                .put((byte) 'N')
                .putLong(accept.incarnation)
                .putLong(accept.first)
                .putInt(entries.size());
        for (byte[] entry : entries) {
            out.putInt(entry.length).put(entry);
        }
        return out.array();
    }

    /**
     * Reads what {@link #encode} gave.
     *
     * @throws IllegalStateException for any other bytes
     */
    static LogRecord decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte format = in.get();
        if (format != FORMAT) {
            throw new IllegalStateException("outbox record of format " + format + ", this library reads " + FORMAT);
        }
        char kind = (char) in.get();
        return switch (kind) {
            case 'B' -> new Begin(in.getLong());
            // written before there were more shards than one
            case 'F' -> new Forwarded(0, in.getLong(), in.getLong());
            case 'S' -> new Forwarded(in.getInt(), in.getLong(), in.getLong());
            case 'L' -> new Lost();
            case 'G' -> new Skip(in.getLong());
            // written before numbers were said
            case 'A' -> new Accept(entries(in));
            case 'N' -> new Accept(in.getLong(), in.getLong(), entries(in));
            default -> throw new IllegalStateException("outbox record of unknown kind '" + kind + "'");
        };
    }

    private static List<byte[]> entries(ByteBuffer in) {
        int count = in.getInt();
        List<byte[]> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] entry = new byte[in.getInt()];
            in.get(entry);
            entries.add(entry);
        }
        return entries;
    }

    private static ByteBuffer start(char kind, int size) {
        return ByteBuffer.allocate(2 + size).put(FORMAT).put((byte) kind);
    }
}
