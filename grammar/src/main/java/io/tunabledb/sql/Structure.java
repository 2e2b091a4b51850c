package io.tunabledb.sql;

import io.tunabledb.sql.Statement.TableUse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the text of a query or a change tells of the rows it needs: its query blocks, the tables of each and what must hold
 * for their rows, and for a change the rows it brings or the columns it sets. Whatever is not plainly so is left out: a
 * missing condition costs a wider route, a wrong one loses rows.
 *
 * @param blocks every SELECT at any depth, and an UPDATE or DELETE; every use of a table is in exactly one
 * @param change what it changes; null when it changes nothing, or inside a query only
 * @param isRun false when it is only explained
 */
public record Structure(List<Block> blocks, @Nullable Change change, boolean isRun) {

    /** Of a statement that is neither a query nor a change. */
    public static final Structure NONE = new Structure(List.of(), null, true);

    public Structure {
        blocks = List.copyOf(blocks);
    }

    /** A value as written. */
    public sealed interface Value {
        /** @param index the JDBC index, from 1 */
        record Parameter(int index) implements Value {}

        /** @param text its source text, to be read by {@link Literals#value} */
        record Literal(String text) implements Value {}

        /** The word DEFAULT. */
        record Default() implements Value {}

        /** An expression that only storage can evaluate. */
        record Other() implements Value {}
    }

    /**
     * A column as written.
     *
     * @param table the alias or table name before it; null when unqualified
     */
    public record Column(@Nullable String table, String name) {}

    /** What must hold for a row. */
    public sealed interface Condition {
        /** A column equals one of some values, none of them {@link Value.Default} or {@link Value.Other}. */
        record In(Column column, List<Value> values) implements Condition {
            public In {
                values = List.copyOf(values);
            }
        }

        /** Two columns are equal. */
        record Same(Column left, Column right) implements Condition {}

        /** All hold. */
        record And(List<Condition> parts) implements Condition {
            public And {
                parts = List.copyOf(parts);
            }
        }

        /** One holds at least. */
        record Or(List<Condition> parts) implements Condition {
            public Or {
                parts = List.copyOf(parts);
            }
        }
    }

    /**
     * One use of a table.
     *
     * @param qualifier what its columns can be qualified with: its alias, else its name
     * @param isPlain false when its columns may have other names than the table gives them
     */
    public record Occurrence(TableUse table, String qualifier, boolean isPlain) {}

    /**
     * A condition and the uses of tables whose rows without it can't matter. A condition of an outer join restricts only
     * one side of it.
     *
     * @param from the first of the block's occurrences it restricts
     * @param to the one after the last
     */
    public record Restriction(Condition condition, int from, int to) {}

    /**
     * The tables of one FROM, or of one UPDATE or DELETE, whose target is the first.
     *
     * @param outer the block whose columns can be seen from this one, by number; -1 when there is none, or it can't be told
     */
    public record Block(int outer, List<Occurrence> tables, List<Restriction> restrictions) {
        public Block {
            tables = List.copyOf(tables);
            restrictions = List.copyOf(restrictions);
        }
    }

    /** What a statement does to its target. */
    public enum Verb {
        INSERT,
        REPLACE,
        MERGE,
        UPDATE,
        DELETE
    }

    /** A column that is set. */
    public record Assignment(String column, Value value) {}

    /**
     * A row of VALUES.
     *
     * @param start where it begins in the statement's text
     * @param end the character after it
     * @param parameters the JDBC indexes of its parameters, in order
     * @param cells its values, in order; none for DEFAULT VALUES
     */
    public record Row(int start, int end, List<Integer> parameters, List<Value> cells) {
        public Row {
            parameters = List.copyOf(parameters);
            cells = List.copyOf(cells);
        }
    }

    /**
     * A statement that changes a table.
     *
     * @param columns the columns its rows fill; empty when not named
     * @param keys the columns of MERGE … KEY (…); empty when not named
     * @param rows the rows of VALUES or SET; empty when a query gives them
     * @param assignments what UPDATE … SET or ON DUPLICATE KEY UPDATE sets; null when that can't be told
     * @param after the JDBC indexes of the parameters behind the rows
     * @param isRowByRow whether what becomes of a row depends on that row only and on what its subqueries find: there is no
     *     LIMIT or ROWNUM, no other table to update from, no query or USING that gives the rows
     * @param isSplittable whether each of its rows could be in a statement of its own: text up to the first row, the row,
     *     text after the last
     */
    public record Change(
            Verb verb,
            TableUse target,
            List<String> columns,
            List<String> keys,
            List<Row> rows,
            @Nullable List<Assignment> assignments,
            List<Integer> after,
            boolean isRowByRow,
            boolean isSplittable) {
        public Change {
            columns = List.copyOf(columns);
            keys = List.copyOf(keys);
            rows = List.copyOf(rows);
            assignments = assignments == null ? null : List.copyOf(assignments);
            after = List.copyOf(after);
        }
    }
}
