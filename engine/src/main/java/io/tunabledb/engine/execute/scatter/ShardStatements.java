package io.tunabledb.engine.execute.scatter;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.h2.codec.ResultCodec;
import io.tunabledb.engine.plan.placement.ShardRoute;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Carries out one statement over several shards inside the session's transaction, which has a part in each of them. */
final class ShardStatements implements AutoCloseable {
    private static final int KEPT_QUERIES = 64;

    private final SessionState state;
    private final SpreadTransaction transaction;
    private final GatheredStatements fetched;
    private final GatheredWrites gathered;
    /** The parts of statements that were split, the one used last at the end. */
    private final Map<String, StorageStatement> parts = new LinkedHashMap<>(16, 0.75f, true);

    ShardStatements(SessionState state, WritePaths paths, SpreadTransaction transaction) {
        this.state = state;
        this.transaction = transaction;
        this.fetched = new GatheredStatements(state, paths);
        this.gathered = new GatheredWrites(state, transaction, fetched);
    }

    /** Cancels what runs over gathered rows. From any thread. */
    void cancel() {
        fetched.cancel();
    }

    /** The shards a route writes, or locks rows of. */
    Set<Integer> shards(ShardRoute route) {
        if (route instanceof ShardRoute.OneShard one) {
            return Set.of(one.shard());
        }
        if (route instanceof ShardRoute.SameOnEach each) {
            return each.shards();
        }
        if (route instanceof ShardRoute.Split split) {
            return split.parts().keySet();
        }
        return IntStream.range(0, state.cluster().shards()).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    Result execute(WritePath.Write write, ShardRoute route, Parameters parameters) throws SQLException {
        if (route instanceof ShardRoute.OneShard one) {
            return transaction.inShard(one.shard(), write, parameters);
        }
        if (route instanceof ShardRoute.SameOnEach each) {
            return sameOnEach(write, each, parameters);
        }
        if (route instanceof ShardRoute.Split split) {
            return split(write, split, parameters);
        }
        if (route instanceof ShardRoute.OnReference) {
            return transaction.copied(write.placementVersion(), () -> transaction.inShard(0, write, parameters));
        }
        return gathered.execute(write, (ShardRoute.Gather) route, parameters);
    }

    private Result sameOnEach(WritePath.Write write, ShardRoute.SameOnEach route, Parameters parameters)
            throws SQLException {
        List<Result> results = new ArrayList<>();
        for (int shard : route.shards()) {
            results.add(transaction.inShard(shard, write, parameters));
        }
        return together(results, null);
    }

    private Result split(WritePath.Write write, ShardRoute.Split route, Parameters parameters) throws SQLException {
        List<Result> results = new ArrayList<>();
        List<Integer> rows = new ArrayList<>();
        for (Map.Entry<Integer, ShardRoute.Split.Part> each : route.parts().entrySet()) {
            ShardRoute.Split.Part part = each.getValue();
            StorageStatement query = write.query().with(part.sql(), parts);
            results.add(transaction.inShard(each.getKey(), write.with(query), parameters.select(part.parameters())));
            rows.addAll(part.rows());
        }
        forgetOldest();
        return together(results, rows);
    }

    private void forgetOldest() {
        while (parts.size() > KEPT_QUERIES) {
            String oldest = parts.keySet().iterator().next();
            Objects.requireNonNull(parts.remove(oldest)).close();
        }
    }

    /**
     * One result of several.
     *
     * @param order the position of each row of generated keys among all, or null to leave them in the shards' order
     */
    static Result together(List<Result> results, @Nullable List<Integer> order) throws SQLException {
        long count = 0;
        List<Receipt.Served> served = new ArrayList<>();
        List<ResultSet> keys = new ArrayList<>();
        for (Result result : results) {
            count += Math.max(0, result.count());
            served.addAll(Objects.requireNonNull(result.receipt()).served());
            if (result.keys() != null) {
                keys.add(result.keys());
            }
        }
        Receipt receipt = Objects.requireNonNull(results.get(0).receipt()).servedBy(served);
        return new Result(null, count, keys.isEmpty() ? null : ResultCodec.inOrder(keys, order), receipt, null);
    }

    @Override
    public void close() {
        parts.values().forEach(StorageStatement::close);
        parts.clear();
        fetched.close();
    }
}
