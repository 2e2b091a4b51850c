package io.tunabledb.engine.shard.validation;

import io.tunabledb.engine.h2.readset.StatementReads;
import io.tunabledb.engine.h2.readset.WriteSet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What a transaction has read in one shard: rows by key, or whole tables, each with the position of the shard's history
 * it was read at. A position stands for everything proposed up to it, all of which the read could see. Filled by the
 * transaction's owner; its keys are those of {@link WriteSet}.
 */
public final class ReadSet {
    private static final byte FORMAT = 1;
    private static final long NOT_READ = Long.MAX_VALUE;

    /** So many keys of one table count as all of it. */
    static final int MAX_KEYS = 10_000;

    private final Map<String, TableReads> tables = new HashMap<>(4);
    /** Position of the first statement that wrote, or looked up foreign keys, by table. */
    private final Map<String, Long> written = new HashMap<>(2);

    private volatile long oldest = NOT_READ;

    /** What was read of one table, each at the position it was read first. */
    static final class TableReads {
        long whole = NOT_READ;
        final Map<Long, Long> keys = new HashMap<>(4);

        private void addWhole(long position) {
            whole = Math.min(whole, position);
        }

        private void addKey(long key, long position) {
            if (whole <= position) {
                return;
            }
            keys.merge(key, position, Math::min);
            if (keys.size() > MAX_KEYS) {
                whole = Math.min(
                        whole,
                        keys.values().stream().mapToLong(Long::longValue).min().orElse(position));
                keys.clear();
            }
        }
    }

    /** Adds what a statement has read that saw everything up to {@code position}. */
    public void add(StatementReads reads, long position) {
        oldest = Math.min(oldest, position);
        reads.tables().forEach(table -> of(table).addWhole(position));
        reads.keys().forEach((table, keys) -> {
            TableReads known = of(table);
            keys.forEach(key -> known.addKey(key, position));
        });
        reads.written().forEach(table -> written.merge(table, position, Math::min));
    }

    /** Adds tables any of whose rows were read by a statement that saw everything up to {@code position}. */
    public void addTables(Collection<String> names, long position) {
        oldest = Math.min(oldest, position);
        names.forEach(table -> of(table).addWhole(position));
    }

    void addKey(String table, long key, long position) {
        oldest = Math.min(oldest, position);
        of(table).addKey(key, position);
    }

    /**
     * A savepoint takes writes back, and their locks, but not what the client learned by them: the tables they touched
     * count as read when they were first written.
     */
    public void writesUndone() {
        written.forEach((table, position) -> of(table).addWhole(position));
    }

    private TableReads of(String table) {
        return tables.computeIfAbsent(table, any -> new TableReads());
    }

    /** Whether there is nothing to validate. */
    public boolean isEmpty() {
        return tables.isEmpty();
    }

    /** The lowest position of any statement in it; {@link Long#MAX_VALUE} when there is none. Any thread. */
    public long oldest() {
        return oldest;
    }

    Map<String, TableReads> tables() {
        return tables;
    }

    /** Whether a transaction with these changes would change what was read. */
    public boolean isChangedBy(WriteSet writes) {
        for (WriteSet.TableWrite write : writes.tables()) {
            TableReads read = tables.get(write.table());
            if (read != null && isChangedBy(read, write)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isChangedBy(TableReads read, WriteSet.TableWrite write) {
        if (read.whole != NOT_READ || write.whole()) {
            return true;
        }
        for (long key : write.keys()) {
            if (read.keys.containsKey(key)) {
                return true;
            }
        }
        return false;
    }

    /** Tables and keys as bytes, for a log entry; positions mean nothing elsewhere and are left out. */
    public byte[] encode() {
        int size = 1 + 4;
        Map<String, byte[]> names = new HashMap<>();
        for (var table : tables.entrySet()) {
            byte[] name = table.getKey().getBytes(StandardCharsets.UTF_8);
            names.put(table.getKey(), name);
            size += 4 + name.length + 1 + 4 + 8 * table.getValue().keys.size();
        }
        ByteBuffer out = ByteBuffer.allocate(size).put(FORMAT).putInt(tables.size());
        tables.forEach((table, reads) -> {
            byte[] name = names.getOrDefault(table, new byte[0]);
            out.putInt(name.length).put(name).put((byte) (reads.whole != NOT_READ ? 1 : 0));
            out.putInt(reads.keys.size());
            reads.keys.keySet().forEach(out::putLong);
        });
        return out.array();
    }

    /**
     * Reads what {@link #encode} wrote. Good for {@link #isChangedBy} and as a guard; nothing in it passes a validation,
     * since it may have been read before anything.
     *
     * @throws IllegalStateException for bytes of another format
     */
    public static ReadSet decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte format = in.get();
        if (format != FORMAT) {
            throw new IllegalStateException("a read set of format " + format + ", this library reads " + FORMAT);
        }
        ReadSet reads = new ReadSet();
        int count = in.getInt();
        for (int i = 0; i < count; i++) {
            byte[] name = new byte[in.getInt()];
            in.get(name);
            TableReads table = reads.of(new String(name, StandardCharsets.UTF_8));
            table.whole = in.get() == 1 ? 0 : NOT_READ;
            int keys = in.getInt();
            for (int k = 0; k < keys; k++) {
                table.keys.put(in.getLong(), 0L);
            }
            reads.oldest = 0;
        }
        return reads;
    }
}
