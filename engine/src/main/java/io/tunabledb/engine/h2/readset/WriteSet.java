package io.tunabledb.engine.h2.readset;

import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction has changed: tables, and in each the keys of the rows. A key is a 64-bit fingerprint of an index's
 * columns and their values, the same on every replica; two keys may have one fingerprint, which costs a needless conflict
 * and nothing else. A row has a key for each of its unique indexes, before and after, and for what foreign keys look up.
 */
public record WriteSet(List<TableWrite> tables) {
    /** Changes nothing. */
    public static final WriteSet NONE = new WriteSet(List.of());

    /** So many rows of one table count as all of it. */
    private static final int MAX_ROWS = 256;

    public WriteSet {
        tables = List.copyOf(tables);
    }

    /**
     * The changes of one table.
     *
     * @param table {@code SCHEMA.NAME}
     * @param whole whether they count as changes of every row there is or could be
     * @param keys the keys of the changed rows
     */
    public record TableWrite(String table, boolean whole, long[] keys) {
        /** Every row of a table. */
        public static TableWrite all(String table) {
            return new TableWrite(table, true, TableKeys.NONE);
        }
    }

    /** Of a transaction's net effects. The engine's own tables are left out: no user's statement reads them. */
    public static WriteSet of(List<NetEffects.TableEffects> effects, KeyCatalog catalog) {
        if (effects.isEmpty()) {
            return NONE;
        }
        if (effects.size() == 1) {
            TableWrite only = write(effects.get(0), catalog);
            return only == null ? NONE : new WriteSet(List.of(only));
        }
        return new WriteSet(effects.stream()
                .map(table -> write(table, catalog))
                .filter(Objects::nonNull)
                .toList());
    }

    private static @Nullable TableWrite write(NetEffects.TableEffects effects, KeyCatalog catalog) {
        if (effects.table().getSchema().getName().equals(ReservedNames.INTERNAL_SCHEMA)) {
            return null;
        }
        TableKeys keys = catalog.of(effects.table());
        return effects.rows().size() > MAX_ROWS
                ? TableWrite.all(keys.table())
                : new TableWrite(keys.table(), false, keys.of(effects.rows()));
    }
}
