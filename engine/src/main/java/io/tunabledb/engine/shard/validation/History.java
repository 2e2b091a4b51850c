package io.tunabledb.engine.shard.validation;

import io.tunabledb.engine.h2.readset.WriteSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * At which position of one term's proposals each row and table was changed last. What it has forgotten counts as changed
 * when the last forgotten change was, so forgetting costs needless conflicts at most. Guarded by its owner.
 */
final class History {
    private static final int FORGET_AT_FIRST = 1 << 12;

    private final int maxKeys;
    private final LongSupplier oldestReader;
    private final Map<String, TableHistory> tables = new HashMap<>();
    private int keys;
    /** When so many are remembered it is time to forget. */
    private int forgetAt;
    /** The last change of everything, and of any table that was forgotten. */
    private long everything;

    /**
     * @param maxKeys so many keys are remembered
     * @param oldestReader the position from which changes matter to transactions that read now
     */
    History(int maxKeys, LongSupplier oldestReader) {
        this.maxKeys = maxKeys;
        this.forgetAt = Math.min(maxKeys, FORGET_AT_FIRST);
        this.oldestReader = oldestReader;
    }

    private static final class TableHistory {
        long last;
        /** The last change of all rows, and of any key that was forgotten. */
        long whole;

        final Map<Long, Long> keys = new HashMap<>();
    }

    /** Everything is changed at {@code position}. */
    void changeEverything(long position) {
        everything = position;
        tables.clear();
        keys = 0;
    }

    /** These rows are changed at {@code position}, which is higher than any before. */
    void change(WriteSet writes, long position) {
        for (WriteSet.TableWrite write : writes.tables()) {
            TableHistory table = tables.computeIfAbsent(write.table(), name -> new TableHistory());
            table.last = position;
            if (write.whole()) {
                keys -= table.keys.size();
                table.keys.clear();
                table.whole = position;
            }
            for (long key : write.keys()) {
                if (table.keys.put(key, position) == null) {
                    keys++;
                }
            }
        }
        if (keys > forgetAt) {
            forget();
        }
    }

    /** Why not all that was read is as it was; null when it is. */
    @Nullable
    String conflict(ReadSet reads) {
        for (Map.Entry<String, ReadSet.TableReads> read : reads.tables().entrySet()) {
            if (isChanged(read.getKey(), read.getValue())) {
                return read.getKey() + " was changed by another transaction after this one had read it";
            }
        }
        return null;
    }

    private boolean isChanged(String name, ReadSet.TableReads read) {
        TableHistory table = tables.get(name);
        long last = Math.max(everything, table == null ? 0 : table.last);
        if (last > read.whole) {
            return true;
        }
        for (Map.Entry<Long, Long> key : read.keys.entrySet()) {
            if (last > key.getValue() && lastChange(table, key.getKey()) > key.getValue()) {
                return true;
            }
        }
        return false;
    }

    private long lastChange(@Nullable TableHistory table, long key) {
        long whole = Math.max(everything, table == null ? 0 : table.whole);
        return table == null ? whole : Math.max(whole, table.keys.getOrDefault(key, 0L));
    }

    /** What happened before the first transaction read; and all keys, if there are too many others. What is left doubles the bound. */
    private void forget() {
        forgetUpTo(oldestReader.getAsLong());
        if (keys > maxKeys / 2) {
            forgetUpTo(Long.MAX_VALUE);
        }
        forgetAt = Math.min(maxKeys, Math.max(FORGET_AT_FIRST, 2 * keys));
    }

    private void forgetUpTo(long horizon) {
        Iterator<TableHistory> each = tables.values().iterator();
        while (each.hasNext()) {
            TableHistory table = each.next();
            Iterator<Long> positions = table.keys.values().iterator();
            while (positions.hasNext()) {
                long position = positions.next();
                if (position <= horizon) {
                    table.whole = Math.max(table.whole, position);
                    positions.remove();
                    keys--;
                }
            }
            if (table.last <= horizon && horizon != Long.MAX_VALUE) {
                everything = Math.max(everything, table.last);
                each.remove();
            }
        }
    }

    /** How many keys it remembers. */
    int size() {
        return keys;
    }
}
