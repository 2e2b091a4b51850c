package io.tunabledb.engine.execute.scatter;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.gather.Gathered;
import io.tunabledb.engine.h2.gather.plan.Fragment;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.row.SequenceSource;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Replica;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Statements that need rows of several shards in one place: fetches them, and runs the statement over them. */
final class GatheredStatements implements AutoCloseable {
    private static final int KEPT_QUERIES = 64;
    private static final SortedSet<Integer> FIRST = new TreeSet<>(Set.of(0));

    private final SessionState state;
    private final WritePaths paths;
    /** The one used last at the end. */
    private final Map<String, StorageStatement> queries = new LinkedHashMap<>(16, 0.75f, true);

    private volatile @Nullable Gathered running;

    GatheredStatements(SessionState state, WritePaths paths) {
        this.state = state;
        this.paths = paths;
    }

    /** Where rows come from. */
    @FunctionalInterface
    interface Source {
        /** What one shard answers. */
        Result fetch(int shard, StorageStatement query, Parameters parameters) throws SQLException;

        /** What a query of the session's local temporary tables answers. */
        default Result fetchOwn(StorageStatement query, Parameters parameters) throws SQLException {
            return fetch(0, query, parameters);
        }
    }

    /** Outside of a transaction: the session's own tables are where it writes, whoever serves the others. */
    private final class Outside implements Source {
        private final Source shards;
        private final PlacementVersion placementVersion;

        Outside(Source shards, PlacementVersion placementVersion) {
            this.shards = shards;
            this.placementVersion = placementVersion;
        }

        @Override
        public Result fetch(int shard, StorageStatement query, Parameters parameters) throws SQLException {
            return shards.fetch(shard, query, parameters);
        }

        @Override
        public Result fetchOwn(StorageStatement query, Parameters parameters) throws SQLException {
            return paths.at(0).readOwn(query, placementVersion, parameters);
        }
    }

    /** What becomes of the rows that were fetched. */
    @FunctionalInterface
    interface Finish {
        Result over(Gathered rows, GatherPlan plan, Receipt receipt) throws SQLException;
    }

    /** What is fetched for a statement, and what becomes of it, a line per step. */
    List<String> describe(String sql, ShardRoute.Gather route) throws SQLException {
        try (Gathered rows = open(StorageStatement.plain(sql))) {
            return rows.plan(sql, route.together()).describe();
        }
    }

    /** Answers a query outside of a transaction. */
    Result query(
            StorageStatement query,
            PlacementVersion placementVersion,
            ShardRoute.Gather route,
            Parameters parameters,
            Source source)
            throws SQLException {
        return gather(
                query,
                route,
                parameters,
                new Outside(source, placementVersion),
                (rows, plan, receipt) -> answer(query, rows, receipt, SequenceSource.NONE));
    }

    /** Runs the query over what was fetched. */
    Result answer(StorageStatement query, Gathered rows, Receipt receipt, SequenceSource sequences)
            throws SQLException {
        ResultSet result = rows.query(
                nearest().connection(Reader.Mode.COMMITTED), query.maxRows(), query.timeoutSeconds(), sequences);
        return new Result(result, -1, null, receipt, null);
    }

    /** Fetches what the statement needs and hands it on. */
    Result gather(StorageStatement query, ShardRoute.Gather route, Parameters parameters, Source source, Finish finish)
            throws SQLException {
        return gather(query, route, parameters, source, finish, Fragment::sql);
    }

    /** The same with what each fragment's query is. */
    Result gather(
            StorageStatement query,
            ShardRoute.Gather route,
            Parameters parameters,
            Source source,
            Finish finish,
            Function<Fragment, String> text)
            throws SQLException {
        try (Gathered rows = open(query)) {
            running = rows;
            rows.runAt(state.time());
            GatherPlan plan = rows.plan(query.sql(), route.together());
            rows.bind(plan, parameters);
            List<Result> fetched = new ArrayList<>();
            for (Fragment fragment : plan.fragments()) {
                if (rows.isTemporary(fragment)) {
                    // it says nothing about the level
                    var unused = fetch(rows, fragment, fragment.sql(), 0, source::fetchOwn);
                    continue;
                }
                for (int shard : shardsOf(fragment.table(), route)) {
                    int from = shard;
                    fetched.add(fetch(
                            rows, fragment, text.apply(fragment), shard, (q, values) -> source.fetch(from, q, values)));
                }
            }
            if (fetched.isEmpty()) {
                // the level's promise is tested where rows are fetched
                fetched.add(source.fetch(0, kept(query, "VALUES 1"), Parameters.NONE));
            }
            return finish.over(rows, plan, receipt(fetched));
        } finally {
            running = null;
        }
    }

    private interface Answers {
        Result of(StorageStatement query, Parameters parameters) throws SQLException;
    }

    private Result fetch(Gathered rows, Fragment fragment, String sql, int shard, Answers source) throws SQLException {
        StorageStatement query = queries.computeIfAbsent(sql, StorageStatement::plain);
        forgetOldest();
        Result result = source.of(query, rows.parameters(fragment));
        try (ResultSet found = Objects.requireNonNull(result.rows())) {
            rows.load(fragment, shard, found, state.maxGatherRows());
        }
        return result;
    }

    /** A text with the options and limits of another, kept for the next time. */
    StorageStatement kept(StorageStatement like, String sql) {
        return like.with(sql, queries);
    }

    private static SortedSet<Integer> shardsOf(TableName table, ShardRoute.Gather route) {
        // what every shard has is fetched from the first
        return route.shards().getOrDefault(table.toString(), FIRST);
    }

    private void forgetOldest() {
        while (queries.size() > KEPT_QUERIES) {
            String oldest = queries.keySet().iterator().next();
            Objects.requireNonNull(queries.remove(oldest)).close();
        }
    }

    /** A private database with the schema of the nearest replica, where no definition runs meanwhile. */
    private Gathered open(StorageStatement query) throws SQLException {
        Reader reader = nearest();
        try {
            if (!reader.enter(Deadline.in(state.consistencyTimeout()))) {
                throw Refusals.blockedByDefinition(state.at(0));
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        try {
            return state.cluster()
                    .gathering()
                    .acquire(
                            reader.replica().storage(),
                            state.settings().owner(query),
                            paths.temporaryTables(),
                            fresh -> state.settings().apply(fresh, query));
        } finally {
            reader.exit();
        }
    }

    private Reader nearest() throws SQLException {
        ShardSession first = state.at(0);
        Replica last = first.replica(first.lastNode());
        if (last.isServing() && last.isReady() && first.reaches(last.node())) {
            return first.reader(last);
        }
        return first.reader(first.nearest(Deadline.in(first.consistencyTimeout())));
    }

    /** All that served, each shard once. */
    private static Receipt receipt(List<Result> fetched) {
        Map<Integer, Receipt.Served> served = new LinkedHashMap<>();
        Receipt first = Objects.requireNonNull(fetched.get(0).receipt());
        int attempts = 1;
        for (Result result : fetched) {
            Receipt receipt = Objects.requireNonNull(result.receipt());
            attempts = Math.max(attempts, receipt.attempts());
            for (Receipt.Served one : receipt.served()) {
                served.merge(one.shard(), one, (a, b) -> a.index() <= b.index() ? a : b);
            }
        }
        return new Receipt(
                first.asked(),
                first.decidedBy(),
                first.granted(),
                first.reason(),
                List.copyOf(served.values()),
                attempts,
                first.tables());
    }

    /** From any thread. */
    void cancel() {
        Gathered rows = running;
        if (rows != null) {
            rows.cancel();
        }
    }

    @Override
    public void close() {
        queries.values().forEach(StorageStatement::close);
        queries.clear();
    }
}
