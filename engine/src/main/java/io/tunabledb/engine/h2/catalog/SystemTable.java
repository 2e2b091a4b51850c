package io.tunabledb.engine.h2.catalog;

import java.util.List;
import java.util.function.Supplier;

/**
 * A table of schema {@value SystemSchema#NAME} whose rows are made anew for each query: what the engine knows of itself.
 * It is no part of a replica's state: neither logged, nor in snapshots, nor compared.
 *
 * @param name upper case
 * @param rows one list of values per row, in the columns' order: String, Long or Integer, Double, Boolean, or null. Called
 *     by the querying thread, any number at once; must not wait and must not query this database. All uses of the table
 *     in one statement see the rows of one call.
 */
public record SystemTable(String name, List<Column> columns, Supplier<? extends List<? extends List<?>>> rows) {

    public SystemTable {
        columns = List.copyOf(columns);
    }

    /** What a column holds. */
    public enum Type {
        TEXT,
        NUMBER,
        REAL,
        FLAG
    }

    /**
     * A column; any may be null.
     *
     * @param name upper case, no SQL keyword
     */
    public record Column(String name, Type type) {}

    /** A VARCHAR column. */
    public static Column text(String name) {
        return new Column(name, Type.TEXT);
    }

    /** A BIGINT column. */
    public static Column number(String name) {
        return new Column(name, Type.NUMBER);
    }

    /** A DOUBLE PRECISION column. */
    public static Column real(String name) {
        return new Column(name, Type.REAL);
    }

    /** A BOOLEAN column. */
    public static Column flag(String name) {
        return new Column(name, Type.FLAG);
    }
}
