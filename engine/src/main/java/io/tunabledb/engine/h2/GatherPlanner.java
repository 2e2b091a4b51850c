package io.tunabledb.engine.h2;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.query.Query;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.h2.util.HasSQL;

/** Works out what has to be fetched for a statement. Nothing it looks at has rows. */
final class GatherPlanner {
    private final SessionLocal session;
    private final String sql;

    GatherPlanner(SessionLocal session, String sql) {
        this.session = session;
        this.sql = sql;
    }

    /**
     * Plans.
     *
     * @throws SQLException H2's, if the statement is wrong; 0A000 if it can't be gathered
     */
    GatherPlan plan() throws SQLException {
        session.lock();
        try {
            Prepared statement = session.prepare(sql);
            TableUses uses = TableUses.of(statement, sql, session.getDatabase());
            refuse(statement, uses);
            return statement instanceof Query query
                    ? ofQuery(query, uses)
                    : ofChange((DataChangeStatement) statement, uses);
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        } finally {
            session.unlock();
        }
    }

    private static void refuse(Prepared statement, TableUses uses) throws SQLException {
        if (uses.takesFromSequence()) {
            throw refusal(
                    "it takes values from a sequence; take them in a statement of their own and pass them as parameters");
        }
        if (uses.changesInside()) {
            throw refusal("it selects from the rows of a change inside; run the change by itself");
        }
        if (!(statement instanceof Query || statement instanceof DataChangeStatement)) {
            throw refusal("it is neither a query nor a change of rows");
        }
    }

    static SQLException refusal(String reason) {
        return Errors.of(
                SqlState.NOT_SUPPORTED,
                "the statement needs rows of several shards in one place, and can't have that: " + reason);
    }

    private GatherPlan ofQuery(Query query, TableUses uses) {
        boolean isLocking = query.getForUpdate() != null;
        List<GatherPlan.Source> sources = new ArrayList<>();
        for (MVTable table : distinct(uses).keySet()) {
            sources.add(wholeTable(table, false, isLocking));
        }
        return new GatherPlan(sql, sources, statementItself(query), null);
    }

    private GatherPlan ofChange(DataChangeStatement statement, TableUses uses) throws SQLException {
        GatherPlan.Change change = ChangePlan.of(statement);
        List<GatherPlan.Source> sources = new ArrayList<>();
        Map<MVTable, Integer> tables = distinct(uses);
        MVTable target = (MVTable) statement.getTable();
        if (!change.inserts().isEmpty()) {
            tables.merge(target, -1, Integer::sum); // the one use that is the INSERT's own
            tables.remove(target, 0);
        }
        for (MVTable table : tables.keySet()) {
            boolean isTarget = table == target && change.inserts().isEmpty();
            sources.add(wholeTable(table, isTarget, isTarget));
        }
        return new GatherPlan(sql, sources, statementItself(statement), change);
    }

    private static Map<MVTable, Integer> distinct(TableUses uses) {
        Map<MVTable, Integer> tables = new LinkedHashMap<>();
        uses.uses().forEach(table -> tables.merge(table, 1, Integer::sum));
        return tables;
    }

    private GatherPlan.Text statementItself(Prepared statement) {
        List<Integer> all = new ArrayList<>();
        statement.getParameters().forEach(parameter -> all.add(all.size() + 1));
        return new GatherPlan.Text(sql, all);
    }

    private static GatherPlan.Source wholeTable(MVTable table, boolean isTarget, boolean isLocking) {
        List<Integer> columns = new ArrayList<>();
        for (Column column : table.getColumns()) {
            columns.add(column.getColumnId());
        }
        String text = columns.stream()
                .map(id -> table.getColumn(id).getSQL(HasSQL.DEFAULT_SQL_FLAGS))
                .collect(Collectors.joining(", ", isTarget ? "SELECT _ROWID_, " : "SELECT ", " FROM "));
        text += table.getSQL(HasSQL.DEFAULT_SQL_FLAGS) + (isLocking ? " FOR UPDATE" : "");
        Fragment fragment = new Fragment(Tables.nameOf(table), text, List.of(), isLocking, "");
        return new GatherPlan.Source(fragment, columns, isTarget);
    }
}
