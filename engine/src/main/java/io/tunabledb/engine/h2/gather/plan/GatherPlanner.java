package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.ddl.view.TableUses;
import io.tunabledb.engine.h2.gather.Gathered;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardExpressions;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.h2.command.Prepared;
import org.h2.command.dml.Call;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Explain;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Update;
import org.h2.command.query.Query;
import org.h2.command.query.Select;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.util.HasSQL;
import org.jspecify.annotations.Nullable;

/** Works out what has to be fetched for a statement. Nothing it looks at has rows. */
public final class GatherPlanner {
    private final SessionLocal session;
    private final String sql;
    private final Set<String> together;

    /** @param together as {@link Gathered#plan} has it */
    public GatherPlanner(SessionLocal session, String sql, Set<String> together) {
        this.session = session;
        this.sql = sql;
        this.together = together;
    }

    /**
     * Plans.
     *
     * @throws SQLException H2's, if the statement is wrong; HYC00 if it can't be gathered
     */
    public GatherPlan plan() throws SQLException {
        session.lock();
        try {
            requireNoCast();
            Prepared statement = session.prepare(sql);
            if (statement instanceof Query query) {
                return ofQuery(query);
            }
            if (statement instanceof DataChangeStatement change) {
                return ofChange(change);
            }
            if (statement instanceof Call call) {
                return ofCall(call);
            }
            if (statement instanceof Explain explain && explain.getCommand() instanceof Query query) {
                TableUses uses = TableUses.of(query, sql, session.getDatabase());
                return new GatherPlan(sql, sources(query, uses), statementItself(query), null, GatherPlan.Effects.NONE);
            }
            throw refusal("it is neither a query nor a change of rows");
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        } finally {
            session.unlock();
        }
    }

    /** Compiling works out a CAST of a constant, when the tables that its domain's checks read have no rows yet. */
    private void requireNoCast() throws SQLException {
        String domain = ShardExpressions.domainCastTo(sql, session.getDatabase());
        if (domain != null) {
            throw refusal("it casts to domain " + domain
                    + ", whose checks read tables; leave out the CAST, and check the value in the statement");
        }
    }

    public static SQLException refusal(String reason) {
        return Errors.of(
                SqlState.NOT_SUPPORTED,
                "the statement needs rows of several shards in one place, and can't have that: " + reason);
    }

    @SuppressWarnings("ReferenceEquality") // a table of H2 is one object
    private GatherPlan ofQuery(Query query) throws SQLException {
        TableUses uses = TableUses.of(query, sql, session.getDatabase());
        if (query instanceof Select select
                && uses.isComplete()
                && uses.sequences().isEmpty()
                && uses.changesInside().isEmpty()) {
            GatherPlan partial = PartialAggregates.plan(sql, select, FilterUses.of(query, sql), together, session);
            if (partial != null) {
                return partial;
            }
        }
        Set<MVTable> changed = new LinkedHashSet<>();
        List<GatherPlan.Source> sources = new ArrayList<>();
        for (DataChangeStatement change : uses.changesInside()) {
            // looks whether it can be worked out away from its shards
            ChangePlan.of(change);
            MVTable target = (MVTable) change.getTable();
            uses.needWhole(ShardExpressions.read(target));
            if (changed.add(target)) {
                boolean isOnce = uses.changesInside().stream()
                                .filter(other -> other.getTable() == target)
                                .count()
                        == 1;
                boolean isReadToo = uses.tables().remove(target);
                if (!(change instanceof Insert) || isReadToo || !isOnce) {
                    sources.add(target(change, isOnce && uses.namesOnce(target) && !uses.needsWhole(target)));
                }
            }
        }
        sources.addAll(sources(query, uses));
        Set<TableName> names = changed.stream().map(Tables::nameOf).collect(Collectors.toSet());
        return new GatherPlan(
                sql, sources, statementItself(query), null, new GatherPlan.Effects(uses.sequences(), names));
    }

    private GatherPlan ofCall(Call call) {
        TableUses uses = TableUses.of(call, sql, session.getDatabase());
        List<GatherPlan.Source> sources = uses.tables().stream()
                .map(table -> new FragmentText(table, session).write())
                .toList();
        return new GatherPlan(
                sql, sources, statementItself(call), null, new GatherPlan.Effects(uses.sequences(), Set.of()));
    }

    /** The rows that a change in a query may change. */
    private GatherPlan.Source target(DataChangeStatement change, boolean isFiltered) {
        MVTable target = (MVTable) change.getTable();
        FragmentText text = new FragmentText(target, session).target();
        FilterUses places = isFiltered ? places(change, change.getPlanSQL(HasSQL.DEFAULT_SQL_FLAGS)) : null;
        if (places != null && places.areAll()) {
            text.filter(places.of(target));
        }
        return text.write();
    }

    private List<GatherPlan.Source> sources(Query query, TableUses uses) {
        FilterUses places = FilterUses.of(query, sql);
        boolean isKnown = uses.isComplete() && places.areAll();
        List<GatherPlan.Source> sources = new ArrayList<>();
        for (MVTable table : uses.tables()) {
            FragmentText text = new FragmentText(table, session)
                    .locking(query.getForUpdate())
                    .columns(uses.columns(table));
            if (isKnown && !uses.needsWhole(table)) {
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
        List<GatherPlan.Source> sources = inserted == null ? sources(statement, uses, change) : sources(inserted, uses);
        return new GatherPlan(
                sql, sources, statementItself(statement), change, new GatherPlan.Effects(uses.sequences(), Set.of()));
    }

    private List<GatherPlan.Source> sources(DataChangeStatement statement, TableUses uses, GatherPlan.Change change) {
        List<GatherPlan.Source> sources = new ArrayList<>();
        MVTable target = (MVTable) statement.getTable();
        if (change.inserts().isEmpty()) {
            uses.needWhole(ShardExpressions.read(target));
            FragmentText text = new FragmentText(target, session).target();
            FilterUses places = places(statement, sql);
            if (places != null && places.areAll() && uses.isComplete() && !uses.needsWhole(target)) {
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

    private static @Nullable FilterUses places(DataChangeStatement statement, String sql) {
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
