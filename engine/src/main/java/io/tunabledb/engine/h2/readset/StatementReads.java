package io.tunabledb.engine.h2.readset;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What one statement has read and no lock of its transaction protects: tables, of which any row may have mattered, and
 * rows, or their absence, by the keys that {@link WriteSet} has for them.
 */
public final class StatementReads {
    private final Set<String> tables = new HashSet<>(4);
    private final Map<String, Set<Long>> keys = new HashMap<>(4);
    private final Set<String> written = new HashSet<>(2);

    public StatementReads() {}

    void addTable(String table) {
        tables.add(table);
        keys.remove(table);
    }

    void addKey(String table, long key) {
        if (!tables.contains(table)) {
            keys.computeIfAbsent(table, any -> new HashSet<>(4)).add(key);
        }
    }

    void addWritten(String table) {
        written.add(table);
    }

    /** Tables, as {@code SCHEMA.NAME}, any of whose rows it may have read. */
    public Set<String> tables() {
        return tables;
    }

    /** By table, the keys of the rows it has read in others. */
    public Map<String, Set<Long>> keys() {
        return keys;
    }

    /**
     * Tables whose rows it has locked, or whose foreign keys it has checked: when a savepoint gives the locks back, what
     * it learned there was read without one.
     */
    public Set<String> written() {
        return written;
    }
}
