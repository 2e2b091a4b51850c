package io.tunabledb.engine.h2.gather.change;

import io.tunabledb.engine.h2.codec.ResultValues;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.row.NetEffects;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** Where the rows to be changed were fetched, by the row key they have in the private database. */
public final class RowOrigins {

    private final IdentityHashMap<MVTable, Map<Long, RowChange.Place>> origins = new IdentityHashMap<>();

    /** Two shards gave what can only be one row: it was moved from one to the other between. */
    private boolean isTorn;

    public void torn() {
        isTorn = true;
    }

    public boolean isTorn() {
        return isTorn;
    }

    /**
     * The rows that a statement has touched in tables it may change or lock, by shard.
     *
     * @param sources what was fetched, by table; nothing of a table whose rows only this session has
     */
    public List<TouchedRows> touched(
            List<NetEffects.TableEffects> effects,
            IdentityHashMap<MVTable, GatherPlan.Source> sources,
            SessionLocal session) {
        List<TouchedRows> all = new ArrayList<>();
        for (NetEffects.TableEffects table : effects) {
            GatherPlan.Source source = sources.get(table.table());
            if (source == null) {
                continue;
            }
            Map<Long, RowChange.Place> places = origins.getOrDefault(table.table(), Map.of());
            Map<Integer, TouchedRows> byShard = new HashMap<>();
            for (NetEffects.RowEffect row : table.rows()) {
                RowChange.Place place = Objects.requireNonNull(places.get(row.key()), "a row from nowhere");
                byShard.computeIfAbsent(place.shard(), shard -> new TouchedRows(table.table(), source, shard, session))
                        .add(place.key(), Objects.requireNonNull(row.before()));
            }
            all.addAll(byShard.values());
        }
        return TouchedRows.inOrder(all);
    }

    public void loaded(MVTable table, long privateKey, int shard, long key) {
        origins.computeIfAbsent(table, any -> new HashMap<>()).put(privateKey, new RowChange.Place(shard, key));
    }

    /**
     * The effects of a statement on one table as changes of rows of shards.
     *
     * @param inserted the columns that new rows are to have; null for all
     */
    public List<RowChange> changes(
            NetEffects.TableEffects effects, @Nullable List<String> inserted, SessionLocal session) {
        Image image = new Image(effects.table(), session);
        Map<Long, RowChange.Place> places = origins.getOrDefault(effects.table(), Map.of());
        return effects.rows().stream()
                .map(row -> change(row, places, image, inserted))
                .toList();
    }

    private static RowChange change(
            NetEffects.RowEffect row,
            Map<Long, RowChange.Place> origins,
            Image image,
            @Nullable List<String> inserted) {
        Row before = row.before();
        Row after = row.after();
        if (before == null) {
            return image.insert(Objects.requireNonNull(after), inserted);
        }
        RowChange.Place place = Objects.requireNonNull(origins.get(row.key()), "a row from nowhere");
        return after == null ? RowChange.delete(place) : image.update(place, before, after);
    }

    /** What of a row is sent: what the shard computes itself is not. */
    private static final class Image {
        private final SessionLocal session;
        private final List<Column> columns = new ArrayList<>();
        private final List<String> names = new ArrayList<>();

        Image(MVTable table, SessionLocal session) {
            this.session = session;
            for (Column column : table.getColumns()) {
                if (!column.isGenerated()) {
                    columns.add(column);
                    names.add(column.getName());
                }
            }
        }

        RowChange insert(Row row, @Nullable List<String> given) {
            List<Column> filled = new ArrayList<>(columns);
            if (given != null) {
                filled.removeIf(column -> !given.contains(column.getName()));
            }
            List<String> names = filled.stream().map(Column::getName).toList();
            return RowChange.insert(names, values(row, filled), given == null ? " OVERRIDING SYSTEM VALUE" : "");
        }

        RowChange update(RowChange.Place place, Row before, Row after) {
            List<String> changed = new ArrayList<>();
            for (Column column : columns) {
                int id = column.getColumnId();
                if (!NetEffects.same(before.getValue(id), after.getValue(id))) {
                    changed.add(column.getName());
                }
            }
            return RowChange.update(place, names, changed, values(after, columns));
        }

        private Value[] values(Row row, List<Column> of) {
            return of.stream()
                    .map(column -> ResultValues.detached(row.getValue(column.getColumnId()), session))
                    .toArray(Value[]::new);
        }
    }
}
