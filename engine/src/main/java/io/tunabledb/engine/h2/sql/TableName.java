package io.tunabledb.engine.h2.sql;

/** A table's schema and name, as H2 stores them (upper case unless they were quoted). */
public record TableName(String schema, String name) implements Comparable<TableName> {

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    /** {@code SCHEMA.NAME}, for people. */
    @Override
    public String toString() {
        return schema + "." + name;
    }
}
