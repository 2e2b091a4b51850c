package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.h2.engine.SessionLocal;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** Where the rows to be changed were fetched, by the row key they have in the private database. */
final class RowOrigins {

    /** A shard, and the row's key there. */
    private record Origin(int shard, long key) {}

    private final Map<Long, Origin> origins = new HashMap<>();

    void loaded(long privateKey, int shard, long key) {
        origins.put(privateKey, new Origin(shard, key));
    }

    /** The effects of the statement as changes of rows of shards. */
    List<RowChange> changes(List<NetEffects.TableEffects> effects, GatherPlan.Change change, SessionLocal session) {
        List<RowChange> changes = new ArrayList<>();
        for (NetEffects.TableEffects table : effects) {
            List<Column> columns = Stream.of(table.table().getColumns())
                    .filter(column -> !column.isGenerated())
                    .toList();
            for (NetEffects.RowEffect row : table.rows()) {
                add(row, columns, change, session, changes);
            }
        }
        return changes;
    }

    private void add(
            NetEffects.RowEffect row,
            List<Column> columns,
            GatherPlan.Change change,
            SessionLocal session,
            List<RowChange> changes) {
        Row after = row.after();
        List<String> names = columns.stream().map(Column::getName).toList();
        if (row.before() == null) {
            List<Column> filled = filled(columns, change.insertedColumns());
            changes.add(new RowChange(
                    RowChange.Kind.INSERT,
                    -1,
                    0,
                    filled.stream().map(Column::getName).toList(),
                    values(Objects.requireNonNull(after), filled, session),
                    change.insertedColumns() == null ? " OVERRIDING SYSTEM VALUE" : ""));
            return;
        }
        Origin origin = Objects.requireNonNull(origins.get(row.key()), "a row from nowhere");
        changes.add(
                after == null
                        ? new RowChange(RowChange.Kind.DELETE, origin.shard, origin.key, names, null, "")
                        : new RowChange(
                                RowChange.Kind.UPDATE,
                                origin.shard,
                                origin.key,
                                names,
                                values(after, columns, session),
                                " OVERRIDING SYSTEM VALUE"));
    }

    private static List<Column> filled(List<Column> columns, @Nullable List<String> names) {
        return names == null
                ? columns
                : columns.stream()
                        .filter(column -> names.contains(column.getName()))
                        .toList();
    }

    private static Value[] values(Row row, List<Column> columns, SessionLocal session) {
        return columns.stream()
                .map(column -> ResultValues.detached(row.getValue(column.getColumnId()), session))
                .toArray(Value[]::new);
    }
}
