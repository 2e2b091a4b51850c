package io.tunabledb.engine.h2.gather;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.codec.ResultValues;
import io.tunabledb.engine.h2.gather.change.ChildCheck;
import io.tunabledb.engine.h2.gather.change.GatheredChanges;
import io.tunabledb.engine.h2.gather.change.NewKeys;
import io.tunabledb.engine.h2.gather.change.RowChange;
import io.tunabledb.engine.h2.gather.change.RowOrigins;
import io.tunabledb.engine.h2.gather.change.TouchedRows;
import io.tunabledb.engine.h2.gather.plan.Fragment;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.gather.plan.GatherPlanner;
import io.tunabledb.engine.h2.gather.plan.PartialAggregates;
import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.row.SequenceSource;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.h2.statement.TransactionTime;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbc.JdbcResultSet;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.ResultInterface;
import org.h2.table.Column;
import org.h2.util.HasSQL;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One statement on its way through a private database: {@link #plan}, {@link #bind}, {@link #load} what the plan's
 * fragments gave, then {@link #query} or {@link #change}. Used by one thread, except {@link #cancel}.
 */
public final class Gathered implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gathered.class);
    private static final int MOST_TRIES = 20;
    private static final int FEW_ROWS = 1000;

    private final Gathering gathering;
    private final PrivateDatabase database;
    private final Set<MVTable> loaded = new LinkedHashSet<>();
    private final RowOrigins origins = new RowOrigins();
    private @Nullable GatherPlan plan;
    private List<Value> values = List.of();
    private PartialResults partials = PartialResults.NONE;
    private TransactionTime time = new TransactionTime();
    private List<TouchedRows> touched = List.of();
    /** Of the fragment loaded last: it comes from one shard after the other. */
    private @Nullable RowLoader last;

    private long rows;
    private boolean closed;

    Gathered(Gathering gathering, PrivateDatabase database) {
        this.gathering = gathering;
        this.database = database;
    }

    /**
     * How the statement is answered.
     *
     * @param together the sharded tables of a query, {@code SCHEMA.TABLE}, if it joins all of them by equal shard keys, so
     *     that a row of one meets only rows of the others that are in its own shard, and what else it reads is whole in
     *     every shard; else none
     * @throws SQLException the statement's own error, as a shard would give it; HYC00 if it can't be gathered
     */
    public GatherPlan plan(String sql, Set<String> together) throws SQLException {
        return gathering.plan(database, sql, together);
    }

    /**
     * Takes the values of the statement's parameters.
     *
     * @throws SQLException 07001 when one is not set
     */
    public void bind(GatherPlan statement, Parameters parameters) throws SQLException {
        plan = statement;
        PreparedStatement carrier = database.carrier(statement.sql());
        parameters.bind(carrier);
        values = BoundValues.of(carrier);
        partials = new PartialResults(statement.partials(), database.session());
    }

    /** What it runs shares the time of a transaction, or of the fragments. */
    public void runAt(TransactionTime shared) {
        time = shared;
    }

    /** Whether a fragment is of a temporary table, which only the owner's own storage session knows. */
    public boolean isTemporary(Fragment fragment) {
        return database.isTemporary(fragment.table());
    }

    /** The values of a fragment's parameters. */
    public Parameters parameters(Fragment fragment) {
        List<Integer> indexes = fragment.parameters();
        return target -> set(target, indexes);
    }

    private void set(PreparedStatement target, List<Integer> indexes) throws SQLException {
        for (int i = 0; i < indexes.size(); i++) {
            int index = indexes.get(i);
            target.setObject(
                    i + 1,
                    index < PartialAggregates.FIRST_COLUMN
                            ? values.get(index - 1)
                            : partials.array(index - PartialAggregates.FIRST_COLUMN));
        }
    }

    /**
     * Adds what a fragment gave on one shard. Reads the result set to its end and does not close it.
     *
     * @param maxRows how many rows may be loaded for the statement, from all shards together
     * @throws SQLException TC006 when there are more
     */
    public void load(Fragment fragment, int shard, ResultSet result, long maxRows) throws SQLException {
        GatherPlan.Source source = current().source(fragment);
        if (!current().partials().isEmpty()) {
            loadPartials(fragment, result, maxRows);
            return;
        }
        SessionLocal session = database.session();
        RowLoader loader = last;
        if (loader == null || !loader.isOf(source)) {
            MVTable table = Objects.requireNonNull(Tables.lookUp(database.database(), fragment.table()));
            loaded.add(table);
            loader = new RowLoader(table, source, session, origins);
            last = loader;
        }
        long before = rows;
        session.lock();
        try {
            ResultValues from = new ResultValues(result, session);
            while (result.next()) {
                if (rows >= maxRows) {
                    throw tooMany(fragment, maxRows);
                }
                loader.add(from, shard);
                rows++;
            }
            if (rows - before > FEW_ROWS) {
                session.commit(false); // else it is done once, for all
            }
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        } finally {
            session.unlock();
        }
    }

    private void loadPartials(Fragment fragment, ResultSet result, long maxRows) throws SQLException {
        try {
            ResultValues from = new ResultValues(result, database.session());
            while (result.next()) {
                if (rows >= maxRows) {
                    throw tooMany(fragment, maxRows);
                }
                partials.add(from);
                rows++;
            }
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        }
    }

    private static SQLException tooMany(Fragment fragment, long maxRows) {
        return Errors.of(
                SqlState.OVER_LIMIT,
                "the statement needs more than " + maxRows + " rows of several shards in one place (the last from "
                        + fragment.table() + "); narrow it by the shard key, or raise maxGatherRows");
    }

    /** How many rows are loaded. */
    public long rows() {
        return rows;
    }

    private GatherPlan current() {
        return Objects.requireNonNull(plan, "no statement bound");
    }

    /**
     * Runs the query over what is loaded.
     *
     * @param reader the result set is this H2 connection's, with its time zone, and lives as long as it does
     * @param maxRows the most rows; 0 means all
     * @param timeoutSeconds after how many seconds it is cancelled; 0 means never
     * @param sequences where it takes values of sequences from
     * @return independent of this object; scrollable
     */
    public ResultSet query(Connection reader, long maxRows, int timeoutSeconds, SequenceSource sequences)
            throws SQLException {
        ResultInterface result =
                settled(sequences, changedTables(), () -> run(current().query(), maxRows, timeoutSeconds));
        touched = touchedNow();
        if (!current().partials().isEmpty()) {
            result =
                    partials.asOf(BoundValues.command(database.carrier(current().sql())), result);
        }
        return new JdbcResultSet(reader.unwrap(JdbcConnection.class), null, null, result, -1, true, false, false);
    }

    /** What the statement does in the private database; it may have to be done again, with nothing left of it. */
    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws SQLException;
    }

    /** @param tables whose identity columns give values that rows keep */
    private <T> T settled(SequenceSource source, Set<MVTable> tables, Attempt<T> attempt) throws SQLException {
        SessionLocal session = database.session();
        // what is loaded was there before the statement
        if (!loaded.isEmpty()) {
            Tables.locked(session, () -> session.commit(false));
        }
        PrivateSequences sequences = new PrivateSequences(session, shared(source), tables);
        sequences.mirror(current().effects().sequences());
        for (int tries = 1; tries <= MOST_TRIES; tries++) {
            T result = attempt.run();
            if (sequences.settle()) {
                return result;
            }
            Tables.locked(session, session::rollback);
            // H2 would not notice that rows are as they were
            database.forgetResults();
        }
        throw Errors.of(
                SqlState.RETRY_TRANSACTION,
                "the statement takes values from a sequence, and each of " + MOST_TRIES
                        + " times others took some of the same meanwhile; run it again");
    }

    private SequenceSource shared(SequenceSource source) {
        return (name, count) -> {
            if (database.isTemporary(new TableName(name.schema(), name.table()))) {
                throw GatherPlanner.refusal("identity column " + name.name() + " of local temporary table "
                        + name.table() + " gives its values only to rows that are put there;"
                        + " give them in the statement, or change the table first and query it then");
            }
            return source.take(name, count);
        };
    }

    private Set<MVTable> changedTables() {
        Set<MVTable> tables = new LinkedHashSet<>();
        for (TableName name : current().effects().changed()) {
            tables.add(Objects.requireNonNull(Tables.lookUp(database.database(), name)));
        }
        return tables;
    }

    /**
     * What the query has done to the rows that are loaded, and which new ones there are, by table. After {@link #query}.
     */
    public List<GatheredChanges> effects() throws SQLException {
        SessionLocal session = database.session();
        session.lock();
        try {
            List<GatheredChanges> effects = new ArrayList<>();
            for (NetEffects.TableEffects table : NetEffects.of(session)) {
                TableName name = Tables.nameOf(table.table());
                List<RowChange> changes = origins.changes(table, null, session);
                effects.add(changes(name, changes.size(), changes));
            }
            return effects;
        } finally {
            session.rollback();
            session.unlock();
        }
    }

    private ResultInterface run(GatherPlan.Text text, long maxRows, int timeoutSeconds) throws SQLException {
        PreparedStatement statement = database.prepare(text.sql(), rows);
        set(statement, text.parameters());
        statement.setQueryTimeout(timeoutSeconds);
        CommandInterface command = BoundValues.command(statement);
        try {
            return time.run(database.session(), () -> command.executeQuery(maxRows, 0, true));
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        }
    }

    /**
     * Works out what the statement does to the rows that are loaded.
     *
     * @param timeoutSeconds after how many seconds it is cancelled; 0 means never
     * @param sequences where it takes values of sequences from
     */
    public GatheredChanges change(int timeoutSeconds, SequenceSource sequences) throws SQLException {
        GatherPlan.Change change = current().change();
        if (!change.inserts().isEmpty()) {
            return settled(sequences, Set.of(), () -> inserted(change, timeoutSeconds));
        }
        MVTable table = Objects.requireNonNull(Tables.lookUp(database.database(), change.target()));
        loaded.add(table);
        boolean keepsIdentities = change.insertedColumns() == null;
        if (!keepsIdentities || database.isTemporary(change.target())) {
            NewKeys.keepClear(table, database.connection());
        }
        return settled(sequences, keepsIdentities ? Set.of(table) : Set.of(), () -> changed(change, timeoutSeconds));
    }

    private GatheredChanges inserted(GatherPlan.Change change, int timeoutSeconds) throws SQLException {
        List<RowChange> all = new ArrayList<>();
        SessionLocal session = database.session();
        for (GatherPlan.InsertSource source : change.inserts()) {
            try (ResultInterface result = run(source.query(), 0, timeoutSeconds)) {
                while (result.next()) {
                    Value[] row = result.currentRow().clone();
                    for (int i = 0; i < row.length; i++) {
                        row[i] = ResultValues.detached(row[i], session);
                    }
                    all.add(RowChange.insert(source.columns(), row, source.overriding()));
                }
            }
        }
        return changes(change.target(), all.size(), all);
    }

    private GatheredChanges changed(GatherPlan.Change change, int timeoutSeconds) throws SQLException {
        SessionLocal session = database.session();
        PreparedStatement statement = database.prepare(current().sql(), rows);
        set(statement, current().query().parameters());
        statement.setQueryTimeout(timeoutSeconds);
        long count = time.run(session, statement::executeLargeUpdate);
        session.lock();
        try {
            List<RowChange> changes = new ArrayList<>();
            touched = touchedNow();
            for (NetEffects.TableEffects table : NetEffects.of(session)) {
                changes.addAll(origins.changes(table, change.insertedColumns(), session));
            }
            return changes(change.target(), count, changes);
        } finally {
            session.rollback();
            session.unlock();
        }
    }

    private GatheredChanges changes(TableName name, long count, List<RowChange> changes) {
        MVTable table = Objects.requireNonNull(Tables.lookUp(database.database(), name));
        Map<String, String> types = new HashMap<>();
        for (Column column : table.getColumns()) {
            types.put(
                    column.getName(),
                    column.getType()
                            .getSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS)
                            .toString());
        }
        Set<String> unique = new HashSet<>();
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isUnique()) {
                List.of(index.getColumns()).forEach(column -> unique.add(column.getName()));
            }
        }
        return new GatheredChanges(name, count, changes, types, unique, ChildCheck.of(table));
    }

    private List<TouchedRows> touchedNow() {
        if (!current().hasTargets()) {
            return List.of();
        }
        IdentityHashMap<MVTable, GatherPlan.Source> targets = new IdentityHashMap<>();
        for (Fragment fragment : current().fragments()) {
            GatherPlan.Source source = current().source(fragment);
            if (source.isTarget() && !isTemporary(fragment)) {
                targets.put(Objects.requireNonNull(Tables.lookUp(database.database(), fragment.table())), source);
            }
        }
        return targets.isEmpty()
                ? List.of()
                : origins.touched(NetEffects.touched(database.session()), targets, database.session());
    }

    /**
     * The rows that the statement has changed or locked. After {@link #query} or {@link #change}, before this is closed. What
     * the statement came to holds for as long as they are as it has found them.
     */
    public List<TouchedRows> touched() {
        return touched;
    }

    /** Whether a row came from two shards, so that what was fetched is of no moment there was. */
    public boolean isTorn() {
        return origins.isTorn();
    }

    /** Makes a running statement end soon with SQLSTATE 57014. From any thread. */
    public void cancel() {
        SessionLocal session = database.session();
        if (session.getCurrentCommand() != null) {
            session.cancel();
        }
    }

    /** Hands the private database back, empty. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean usable = false;
        try {
            database.empty(loaded);
            if (rows > FEW_ROWS) {
                // H2 keeps what a statement gave last
                database.forgetResults();
            }
            usable = true;
        } catch (SQLException e) {
            LOG.debug("a private database is given up", e);
        } finally {
            if (usable) {
                gathering.release(database);
            } else {
                database.close();
            }
        }
    }
}
