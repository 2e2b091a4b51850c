package io.tunabledb.engine.h2.catalog;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table of schema {@value SystemSchema#NAME} whose rows are made anew for each query: what the engine knows of itself.
 * It is no part of a replica's state: neither logged, nor in snapshots, nor compared.
 *
 * @param name upper case
 * @param rows one list of values per row, in the columns' order: String, Long or Integer, Double, Boolean, or null. Called
 *     by the querying thread, any number at once; must not wait and must not query this database. All uses of the table
 *     in one statement see the rows of one call.
 * @param byUser for a table of INFORMATION_SCHEMA, what each user sees of it; null for one of schema TUNABLE
 */
public record SystemTable(
        String name,
        List<Column> columns,
        Supplier<? extends List<? extends List<?>>> rows,
        @Nullable ByUser byUser) {

    public SystemTable {
        columns = List.copyOf(columns);
    }

    /** One that shows the same to every session. */
    public SystemTable(String name, List<Column> columns, Supplier<? extends List<? extends List<?>>> rows) {
        this(name, columns, rows, null);
    }

    /** A table that H2 has, in INFORMATION_SCHEMA, and in whose place this one is. */
    public static SystemTable instead(String name, List<Column> columns, ByUser rows) {
        return new SystemTable(name, columns, () -> rows.of(""), rows);
    }

    /** The rows that a user sees. */
    @FunctionalInterface
    public interface ByUser {
        List<? extends List<?>> of(String user);
    }

    /** Its rows for that user. */
    List<? extends List<?>> rows(String user) {
        ByUser seen = byUser;
        return seen == null ? rows.get() : seen.of(user);
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
