package io.tunabledb.engine.h2.row;

import io.tunabledb.engine.h2.sql.ReservedNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.db.Store;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.h2.value.ValueLob;
import org.h2.value.lob.LobDataDatabase;
import org.jspecify.annotations.Nullable;

/**
 * What an open transaction has done to rows, net. It is read from the transaction's undo log, which holds the earlier
 * value of every entry the transaction changed: the oldest one is the row before the transaction, the table itself has
 * the row after it. What a failed statement, a savepoint or an internal retry took back is no longer in that log, and
 * what a cascade or MERGE did is, so neither needs care here. Rows are known by their H2 row key.
 */
public final class NetEffects {

    /** One row's change; {@code before} is null for an insert, {@code after} for a delete, never both. */
    public record RowEffect(
            long key, @Nullable Row before, @Nullable Row after) {}

    /** The rows changed in one table, by key. */
    public record TableEffects(MVTable table, List<RowEffect> rows) {}

    private NetEffects() {}

    /** Reads the effects of the session's open transaction, without the tables the ledger and the session keep. */
    public static List<TableEffects> of(SessionLocal session) {
        return since(session, 0);
    }

    /** The same of what was done after the transaction's undo log had that length. */
    public static List<TableEffects> since(SessionLocal session, long mark) {
        return since(session, mark, false);
    }

    /** The rows there were that the session's open transaction has changed, or only locked. */
    public static List<TableEffects> touched(SessionLocal session) {
        return since(session, 0, true);
    }

    private static List<TableEffects> since(SessionLocal session, long mark, boolean locked) {
        if (!session.hasPendingTransaction()) {
            return List.of();
        }
        Transaction transaction = session.getTransaction();
        Store store = session.getDatabase().getStore();
        Map<String, Touched> tables = new HashMap<>(4);
        Touched last = null;
        Iterator<TransactionStore.Change> changes = transaction.getChanges(mark);
        while (changes.hasNext()) {
            TransactionStore.Change change = changes.next();
            String map = change.mapName;
            if (!map.startsWith("table.")) {
                continue;
            }
            if (last == null || !last.map.equals(map)) {
                last = tables.computeIfAbsent(map, name -> new Touched(name, replicated(store.getTable(name))));
            }
            if (last.table != null) {
                // newest first: the oldest wins
                last.oldest.put((Long) change.key, (Row) change.value);
            }
        }
        List<TableEffects> effects = new ArrayList<>(tables.size());
        for (Touched touched : tables.values()) {
            if (touched.table != null) {
                List<RowEffect> rows = touched.effects(session, touched.table, locked);
                if (!rows.isEmpty()) {
                    effects.add(new TableEffects(touched.table, rows));
                }
            }
        }
        return effects;
    }

    private static @Nullable MVTable replicated(@Nullable MVTable table) {
        if (table == null || table.getId() == 0) {
            return null; // dropped meanwhile, or H2's own catalog
        }
        return isReplicated(table) ? table : null;
    }

    /** Whether a table's rows are part of a replica's state: not a session's temporary table, not the ledger. */
    static boolean isReplicated(MVTable table) {
        boolean ofOneSession = table.isTemporary() && !table.isGlobalTemporary();
        return !ofOneSession
                && !(table.getName().equals(ReservedNames.LEDGER.name())
                        && table.getSchema().getName().equals(ReservedNames.INTERNAL_SCHEMA));
    }

    /** Whether two values are the same to every reader. May say no of values that are. */
    @SuppressWarnings("ReferenceEquality") // an update keeps the objects of the columns it does not name
    public static boolean same(Value a, Value b) {
        if (a == b) {
            return true;
        }
        if (a.getValueType() != b.getValueType()) {
            return false;
        }
        return switch (a.getValueType()) {
            // equality of these ignores case, or is only as good as that of their parts
            case Value.VARCHAR_IGNORECASE, Value.ARRAY, Value.ROW -> false;
            case Value.CLOB, Value.BLOB -> sameLob((ValueLob) a, (ValueLob) b);
            default -> a.equals(b);
        };
    }

    private static boolean sameLob(ValueLob a, ValueLob b) {
        return a.getLobData() == b.getLobData()
                || (a.getLobData() instanceof LobDataDatabase one
                        && b.getLobData() instanceof LobDataDatabase other
                        && one.getLobId() == other.getLobId());
    }

    private static final class Touched {
        final String map;
        final @Nullable MVTable table;
        final Map<Long, @Nullable Row> oldest = new HashMap<>(4);

        Touched(String map, @Nullable MVTable table) {
            this.map = map;
            this.table = table;
        }

        /** @param locked whether those that are as they were count too, and new ones don't */
        List<RowEffect> effects(SessionLocal session, MVTable table, boolean locked) {
            List<RowEffect> effects = new ArrayList<>(oldest.size());
            TransactionMap<Long, SearchRow> rows = Rows.of(table, session);
            oldest.forEach((key, before) -> {
                Row after = Rows.find(rows, key);
                boolean isChanged = before == null ? after != null : after == null || !sameRow(before, after);
                if (locked ? before != null : isChanged) {
                    effects.add(new RowEffect(key, before, after));
                }
            });
            effects.sort((a, b) -> Long.compare(a.key, b.key));
            return effects;
        }

        /** SELECT … FOR UPDATE leaves such entries, and so does an update that changes nothing. */
        private static boolean sameRow(Row a, Row b) {
            for (int i = 0; i < a.getColumnCount(); i++) {
                if (!same(a.getValue(i), b.getValue(i))) {
                    return false;
                }
            }
            return true;
        }
    }
}
