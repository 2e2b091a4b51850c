package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.plan.Plan;
import java.sql.SQLException;
import java.util.Collection;
import java.util.TreeMap;

/**
 * A session's local temporary tables that went with the leader that had them, in memory and nowhere else. A statement that
 * names one is told so: it would not find the table, or find another of that name, which all sessions have. The first is told
 * with 40001, as everything that a change of the leader undoes; run again it makes its tables anew, or is told with 42S02
 * that it has to.
 */
public final class LostTables {
    /** By name, why. */
    private final TreeMap<String, String> lost = new TreeMap<>();

    private boolean isTold;

    /** Knows which tables all sessions have. */
    @FunctionalInterface
    public interface SharedTables {
        boolean has(String schema, String name) throws SQLException;
    }

    /** They are gone. */
    public void lost(Collection<String> names, String why) {
        names.forEach(name -> lost.put(name, why));
        isTold = false;
    }

    /** They are there, made anew. */
    public void found(Collection<String> names) {
        if (!lost.isEmpty()) {
            names.forEach(lost::remove);
        }
    }

    /** Forgets them: the session begins anew. */
    public void forget() {
        lost.clear();
    }

    /** Whether there are any. */
    public boolean isEmpty() {
        return lost.isEmpty();
    }

    /**
     * Before a statement is carried out.
     *
     * @param makes whether it makes a local temporary table
     * @throws SQLException it names one that is gone
     */
    public void require(Plan plan, boolean makes, SharedTables shared) throws SQLException {
        if (lost.isEmpty()) {
            return;
        }
        for (Plan.Table table : plan.tables()) {
            String why = lost.get(table.name());
            if (why == null) {
                continue;
            }
            if (!isTold) {
                isTold = true;
                throw Errors.of(
                        SqlState.RETRY_TRANSACTION,
                        "the session's local temporary tables " + String.join(", ", lost.keySet())
                                + " are gone with their rows: " + why
                                + "; roll back, create and fill them again, and run the transaction again");
            }
            if (!makes && shared.has(table.schema(), table.name())) {
                throw gone(table.name(), why);
            }
        }
    }

    private static SQLException gone(String name, String why) {
        return Errors.of(
                SqlState.TABLE_NOT_FOUND,
                "local temporary table " + name + " is gone with its rows: " + why + "; create it again");
    }
}
