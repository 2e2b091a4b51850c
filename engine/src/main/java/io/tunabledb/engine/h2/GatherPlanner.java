package io.tunabledb.engine.h2;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Update;
import org.h2.command.query.Query;
import org.h2.command.query.Select;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.jspecify.annotations.Nullable;

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
     * @throws SQLException H2's, if the statement is wrong; HYC00 if it can't be gathered
     */
    GatherPlan plan() throws SQLException {
        session.lock();
        try {
            Prepared statement = session.prepare(sql);
            if (statement instanceof Query query) {
                return ofQuery(query);
            }
            if (statement instanceof DataChangeStatement change) {
                return ofChange(change);
            }
            throw refusal("it is neither a query nor a change of rows");
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        } finally {
            session.unlock();
        }
    }

    private static void refuse(TableUses uses) throws SQLException {
        if (uses.takesFromSequence()) {
            throw refusal(
                    "it takes values from a sequence; take them in a statement of their own and pass them as parameters");
        }
        if (uses.changesInside()) {
            throw refusal("it selects from the rows of a change inside; run the change by itself");
        }
    }

    static SQLException refusal(String reason) {
        return Errors.of(
                SqlState.NOT_SUPPORTED,
                "the statement needs rows of several shards in one place, and can't have that: " + reason);
    }

    private GatherPlan ofQuery(Query query) throws SQLException {
        TableUses uses = TableUses.of(query, sql, session.getDatabase());
        refuse(uses);
        if (query instanceof Select select && uses.isComplete()) {
            GatherPlan partial = PartialAggregates.plan(sql, select, FilterUses.of(query, sql), session);
            if (partial != null) {
                return partial;
            }
        }
        return new GatherPlan(sql, sources(query, uses), statementItself(query), null);
    }

    private List<GatherPlan.Source> sources(Query query, TableUses uses) {
        boolean isLocking = query.getForUpdate() != null;
        FilterUses places = FilterUses.of(query, sql);
        boolean isKnown = uses.isComplete() && places.areAll();
        List<GatherPlan.Source> sources = new ArrayList<>();
        for (MVTable table : uses.tables()) {
            FragmentText text =
                    new FragmentText(table, session).locking(isLocking).columns(uses.columns(table));
            if (isKnown) {
                text.filter(places.of(table));
                if (query instanceof Select select) {
                    text.tail(LimitText.of(select, places));
                }
            }
            sources.add(text.write());
        }
        return sources;
    }

    private GatherPlan ofChange(DataChangeStatement statement) throws SQLException {
        GatherPlan.Change change = ChangePlan.of(statement);
        Query inserted = statement instanceof Insert ? H2Tree.INSERT_QUERY.of(statement, Query.class) : null;
        TableUses uses = inserted == null
                ? TableUses.of(statement, sql, session.getDatabase())
                : TableUses.of(inserted, sql, session.getDatabase());
        refuse(uses);
        List<GatherPlan.Source> sources = inserted == null ? sources(statement, uses, change) : sources(inserted, uses);
        return new GatherPlan(sql, sources, statementItself(statement), change);
    }

    private List<GatherPlan.Source> sources(DataChangeStatement statement, TableUses uses, GatherPlan.Change change) {
        List<GatherPlan.Source> sources = new ArrayList<>();
        MVTable target = (MVTable) statement.getTable();
        if (change.inserts().isEmpty()) {
            FragmentText text = new FragmentText(target, session).target();
            FilterUses places = places(statement);
            if (places != null && places.areAll() && uses.isComplete()) {
                text.filter(places.of(target));
            }
            sources.add(text.write());
            uses.tables().remove(target);
        }
        for (MVTable table : uses.tables()) {
            sources.add(new FragmentText(table, session).write());
        }
        return sources;
    }

    private @Nullable FilterUses places(DataChangeStatement statement) {
        if (statement instanceof Update update) {
            return FilterUses.of(update.getTableFilter(), update.getCondition(), sql);
        }
        return statement instanceof Delete delete
                ? FilterUses.of(delete.getTableFilter(), delete.getCondition(), sql)
                : null;
    }

    private GatherPlan.Text statementItself(Prepared statement) {
        List<Integer> all = new ArrayList<>();
        statement.getParameters().forEach(parameter -> all.add(all.size() + 1));
        return new GatherPlan.Text(sql, all);
    }
}
