package io.tunabledb.engine.h2.sql;

/**
 * What a sequence is called in every shard.
 *
 * @param table the table of an identity column, whose sequence has a random name of its own; empty for a sequence with a name
 * @param name the sequence's or the column's name
 */
public record SequenceName(String schema, String table, String name) {
    @Override
    public String toString() {
        return schema + "." + (table.isEmpty() ? "" : table + ".") + name;
    }
}
