package io.tunabledb.engine.h2;

import java.util.List;

/**
 * What a gathered statement does to the rows of a table.
 *
 * @param table the table
 * @param count what the statement answers
 * @param rows in no particular order but that of an INSERT's query; a row that stays as it was is not among them
 */
public record GatheredChanges(TableName table, long count, List<RowChange> rows) {

    public GatheredChanges {
        rows = List.copyOf(rows);
    }
}
