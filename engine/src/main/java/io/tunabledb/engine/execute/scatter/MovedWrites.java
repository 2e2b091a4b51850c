package io.tunabledb.engine.execute.scatter;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.execute.session.Cluster;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.h2.sharding.ReplayedValues;
import io.tunabledb.engine.h2.statement.ClientUser;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.outbox.Batch;
import io.tunabledb.engine.outbox.OutboxEntry;
import io.tunabledb.engine.outbox.QueuedWrite;
import io.tunabledb.engine.outbox.Rerouting;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.Planner;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.SqlSyntaxException;
import io.tunabledb.sql.Statement;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out weak writes whose tables have changed shards since they were accepted: planned again, and executed in a
 * transaction over shards whose home is the shard they were accepted for, because there is the mark that says so.
 *
 * <p>A write that would have to bring rows of several shards together is not carried out so: what it reads there it would
 * read as of now, and not of when it was accepted. It is kept with those that failed.
 */
public final class MovedWrites implements Rerouting {
    private static final Agreement AS_ANY =
            new Agreement(Ladder.of(Level.SEQUENTIAL), "OUTBOX", Ladder.of(Level.SEQUENTIAL), null);

    /** As many texts as these have together; a plan counts as a thousand more. */
    private static final int KEPT_CHARACTERS = 1 << 20;

    private final Cluster cluster;
    private final Sessions sessions;
    private final Cache<Planned, Plan> plans = Caffeine.newBuilder()
            .maximumWeight(KEPT_CHARACTERS)
            .weigher((Planned planned, Plan plan) -> planned.sql.length() + 1_000)
            .build();

    private record Planned(String sql, String schema, long catalog) {}

    /** Opens a session next to a node, for one write. */
    @FunctionalInterface
    public interface Sessions {
        SessionState open(int home) throws SQLException;
    }

    public MovedWrites(Cluster cluster, Sessions sessions) {
        this.cluster = cluster;
        this.sessions = sessions;
    }

    @Override
    public boolean isElsewhere(int shard, OutboxEntry entry, String schema) throws SQLException {
        for (OutboxEntry.Step step : entry.steps()) {
            ReplayedValues values = new ReplayedValues(step.values(), entry.acceptedAt());
            ShardRoute route = plan(step.sql(), schema).placement().route(values::key);
            if (!(route instanceof ShardRoute.OneShard one) || (one.shard() != shard && !one.isAny())) {
                return true;
            }
        }
        return false;
    }

    private Plan plan(String sql, String schema) throws SQLException {
        Catalog catalog = cluster.catalog();
        Planned key = new Planned(sql, schema, catalog.version());
        Plan known = plans.getIfPresent(key);
        if (known == null) {
            known = Planner.plan(parse(sql), schema, catalog);
            plans.put(key, known);
        }
        return known;
    }

    private static Statement.Sql parse(String sql) throws SQLException {
        try {
            List<Statement> statements = SqlParser.parse(sql);
            if (statements.size() == 1 && statements.get(0) instanceof Statement.Sql one) {
                return one;
            }
        } catch (SqlSyntaxException e) {
            throw Errors.of(SqlState.SYNTAX, String.valueOf(e.getMessage()), e);
        }
        throw Errors.of(SqlState.NOT_ALLOWED, "an outbox holds statements one by one, found: " + sql);
    }

    @Override
    public void carryOut(int node, Batch batch, QueuedWrite pending) throws SQLException {
        OutboxEntry entry = OutboxEntry.decode(pending.bytes());
        try (SessionState state = sessions.open(node);
                Writes writes = new Writes(state)) {
            for (String setting : entry.settings()) {
                String user = ClientUser.carriedBy(setting);
                if (user != null) {
                    state.settings().user(user);
                } else {
                    set(state, setting);
                }
            }
            state.vector().sawEpoch(entry.epoch());
            // entered first, and changed in any case: this is the transaction's home
            WritePath home = writes.transaction().enter(batch.shard());
            if (home.lockOutboxMark(batch.incarnation()) >= pending.number()) {
                writes.rollback();
                return;
            }
            for (OutboxEntry.Step step : entry.steps()) {
                execute(state, writes, step, entry);
            }
            home.raiseOutboxMark(batch.node(), batch.incarnation(), pending.number());
            writes.commit();
        }
    }

    private static void set(SessionState state, String text) throws SQLException {
        for (Statement statement : SqlParser.parse(text)) {
            if (statement instanceof Statement.SessionSetting setting) {
                state.settings().set(setting.name(), setting.text());
            }
        }
    }

    private void execute(SessionState state, Writes writes, OutboxEntry.Step step, OutboxEntry entry)
            throws SQLException {
        Plan plan = plan(step.sql(), state.settings().schema());
        ReplayedValues values = new ReplayedValues(step.values(), entry.acceptedAt());
        if (plan.placement().route(values::key) instanceof ShardRoute.Gather) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "its tables have changed shards since it was accepted, and now it needs rows of several shards in one"
                            + " place; run the statement itself, and dismiss this");
        }
        List<String> tables = plan.tables().stream().map(Plan.Table::toString).toList();
        try (StorageStatement query = new StorageStatement(step.sql(), StatementOptions.DEFAULT)) {
            writes.write(
                    new WritePath.Write(query, AS_ANY, tables, PlacementVersion.of(plan, cluster.catalog()), false),
                    plan.placement(),
                    new Replayed(values, values.indexes()));
        }
    }

    /** The values as a statement's parameters. */
    private record Replayed(ReplayedValues values, List<Integer> indexes) implements Parameters {
        @Override
        public void bind(PreparedStatement target) throws SQLException {
            values.bind(target, indexes);
        }

        @Override
        public @Nullable Object value(int index) {
            return values.key(indexes.get(index - 1));
        }

        @Override
        public Parameters select(List<Integer> chosen) {
            return new Replayed(
                    values, chosen.stream().map(index -> indexes.get(index - 1)).toList());
        }
    }
}
