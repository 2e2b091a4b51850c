package io.tunabledb.engine.h2;

import io.tunabledb.engine.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.h2.util.StringUtils;
import org.h2.value.Value;
import org.h2.value.ValueBigint;

/**
 * What a gathered statement does to the rows of a table.
 *
 * @param table the table
 * @param count what the statement answers
 * @param rows in no particular order but that of an INSERT's query; a row that stays as it was is not among them
 * @param generated the columns that only storage itself gives values to
 */
public record GatheredChanges(TableName table, long count, List<RowChange> rows, Set<String> generated) {

    public GatheredChanges {
        rows = List.copyOf(rows);
        generated = Set.copyOf(generated);
    }

    /** One row's change, as a statement for the shard the row is in. */
    public record Step(String sql, Parameters parameters) {}

    /** Makes a row what it is afterwards, where there is none. */
    public Step insert(RowChange row) {
        List<String> columns = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        collect(row, columns, values);
        String names = columns.stream().map(GatheredChanges::quoted).collect(Collectors.joining(", "));
        String marks = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
        // one that comes from another shard keeps its identity
        String overriding = row.kind() == RowChange.Kind.UPDATE ? "OVERRIDING SYSTEM VALUE" : row.overriding();
        String sql = columns.isEmpty()
                ? "INSERT INTO " + name() + " DEFAULT VALUES"
                : "INSERT INTO " + name() + "(" + names + ") " + overriding + " VALUES(" + marks + ")";
        return new Step(sql, bound(values));
    }

    /** Makes a row what it is afterwards, where it is. */
    public Step update(RowChange row) {
        List<String> columns = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        collect(row, columns, values);
        String sets = columns.stream().map(column -> quoted(column) + " = ?").collect(Collectors.joining(", "));
        values.add(ValueBigint.get(row.key()));
        return new Step("UPDATE " + name() + " SET " + sets + " WHERE _ROWID_ = ?", bound(values));
    }

    /** Takes a row away from where it is. */
    public Step delete(RowChange row) {
        return new Step("DELETE FROM " + name() + " WHERE _ROWID_ = ?", bound(List.of(ValueBigint.get(row.key()))));
    }

    private void collect(RowChange row, List<String> columns, List<Value> values) {
        Value[] after = row.values();
        for (int i = 0; i < after.length; i++) {
            if (!generated.contains(row.columns().get(i))) {
                columns.add(row.columns().get(i));
                values.add(after[i]);
            }
        }
    }

    private String name() {
        return quoted(table.schema()) + "." + quoted(table.name());
    }

    private static String quoted(String name) {
        return StringUtils.quoteIdentifier(name);
    }

    private static Parameters bound(List<Value> values) {
        return target -> {
            for (int i = 0; i < values.size(); i++) {
                target.setObject(i + 1, values.get(i));
            }
        };
    }
}
