package io.tunabledb.engine.execute.scatter;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.plan.placement.ShardRoute;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One statement executed with many sets of parameters that do not all belong to one shard. */
final class SpreadBatch {
    private final WritePath.Write write;
    private final List<ShardRoute> routes;
    private final List<Parameters> batch;
    private final Writes.PlannedAgain again;
    private final @Nullable Result[] results;
    private long[] counts;
    private @Nullable SQLException first;

    SpreadBatch(WritePath.Write write, List<ShardRoute> routes, List<Parameters> batch, Writes.PlannedAgain again) {
        this.write = write;
        this.routes = routes;
        this.batch = batch;
        this.again = again;
        this.results = new @Nullable Result[batch.size()];
        this.counts = new long[batch.size()];
    }

    /** Executes elements of one shard there. */
    @FunctionalInterface
    interface InShard {
        List<Result> execute(WritePath.Write write, int shard, List<Parameters> batch) throws SQLException;
    }

    /** Executes one element. */
    @FunctionalInterface
    interface Each {
        Result execute(WritePath.Write write, ShardRoute route, Parameters parameters) throws SQLException;
    }

    /**
     * As transactions of their own: those of one shard travel together, the others go one by one. Each element takes effect
     * or fails for itself.
     */
    List<Result> run(InShard inShard, Each each) throws SQLException {
        Map<Integer, List<Integer>> ofShard = new TreeMap<>();
        List<Integer> wide = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            if (routes.get(i) instanceof ShardRoute.OneShard one) {
                ofShard.computeIfAbsent(one.shard(), any -> new ArrayList<>()).add(i);
            } else {
                wide.add(i);
            }
        }
        for (Map.Entry<Integer, List<Integer>> shard : ofShard.entrySet()) {
            runInShard(inShard, shard.getKey(), shard.getValue());
        }
        for (int i : wide) {
            runAlone(each, i);
        }
        return done();
    }

    /** In the user's transaction, in their order; ends early when it is lost. */
    List<Result> runInTransaction(Each each, BooleanSupplier isLost) throws SQLException {
        int i = 0;
        while (i < batch.size() && !isLost.getAsBoolean()) {
            runAlone(each, i++);
        }
        // JDBC: the counts end where the batch did
        counts = Arrays.copyOf(counts, i);
        return done();
    }

    private void runInShard(InShard inShard, int shard, List<Integer> elements) {
        try {
            List<Result> all = inShard.execute(
                    write, shard, elements.stream().map(batch::get).toList());
            for (int i = 0; i < elements.size(); i++) {
                succeeded(elements.get(i), all.get(i));
            }
        } catch (BatchUpdateException e) {
            long[] some = e.getLargeUpdateCounts();
            for (int i = 0; i < elements.size(); i++) {
                counts[elements.get(i)] = i < some.length ? some[i] : Statement.EXECUTE_FAILED;
            }
            failed(e.getNextException() == null ? e : e.getNextException());
        } catch (StalePlanException e) {
            elements.forEach(this::runAgain);
        } catch (SQLException e) {
            elements.forEach(element -> counts[element] = Statement.EXECUTE_FAILED);
            failed(e);
        }
    }

    private void runAlone(Each each, int element) {
        try {
            succeeded(element, each.execute(write, routes.get(element), batch.get(element)));
        } catch (StalePlanException e) {
            if (batch.size() == 1) {
                failed(e);
            } else {
                runAgain(element);
            }
        } catch (SQLException e) {
            counts[element] = Statement.EXECUTE_FAILED;
            failed(e);
        }
    }

    private void runAgain(int element) {
        try {
            succeeded(element, again.execute(batch.get(element)));
        } catch (SQLException e) {
            counts[element] = Statement.EXECUTE_FAILED;
            failed(e);
        }
    }

    private void succeeded(int element, Result result) {
        results[element] = result;
        counts[element] = result.count();
    }

    private void failed(SQLException e) {
        SQLException known = first;
        if (known == null) {
            first = e;
        } else {
            known.setNextException(e);
        }
    }

    private List<Result> done() throws SQLException {
        SQLException cause = first;
        if (cause == null) {
            return Arrays.stream(results).map(java.util.Objects::requireNonNull).toList();
        }
        if (batch.size() == 1) {
            throw cause;
        }
        BatchUpdateException failed =
                new BatchUpdateException(cause.getMessage(), cause.getSQLState(), cause.getErrorCode(), counts, cause);
        failed.setNextException(cause);
        throw failed;
    }
}
