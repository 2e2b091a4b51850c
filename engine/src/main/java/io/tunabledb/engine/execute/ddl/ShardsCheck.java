package io.tunabledb.engine.execute.ddl;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.shard.check.StateHash;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CHECK REPLICAS over all shards. Every shard has every definition, so besides the replicas of each shard the shards'
 * schemas are compared with the first one's, while no schema change is on its way from shard to shard.
 */
public final class ShardsCheck {
    private final SessionState state;
    private final Duration patience;

    /**
     * What one replica answered.
     *
     * @param state null when the replica did not answer in time
     * @param same whether it is the leader's, and its schema that of the first shard; null when there is none
     * @param difference what differs; null when nothing does
     */
    public record Checked(
            int shard,
            String replica,
            @Nullable StateHash state,
            @Nullable Boolean same,
            @Nullable String difference) {
        /** All of its state in one; null when the replica did not answer in time. */
        public @Nullable String hash() {
            return state == null ? null : state.hash();
        }
    }

    /** @param patience how long a check of one shard, or a schema change before it, may take */
    public ShardsCheck(SessionState state, Duration patience) {
        this.state = state;
        this.patience = patience;
    }

    /**
     * Checks one table, or all when {@code table} is null.
     *
     * @throws SQLException TC001: a schema change has not ended
     */
    public List<Checked> check(@Nullable String schema, @Nullable String table) throws SQLException {
        if (state.cluster().shards() == 1) {
            return at(0).check(schema, table);
        }
        Deadline deadline = Deadline.in(patience);
        while (true) {
            try (SchemaTurn turn = SchemaTurn.take(state, patience)) {
                List<Checked> all = new ArrayList<>();
                for (int shard = 0; shard < state.cluster().shards(); shard++) {
                    all.addAll(at(shard).check(schema, table));
                }
                // else a schema change may have been on its way from shard to shard
                if (turn.isHeld(deadline) || deadline.isPast()) {
                    return compared(all);
                }
            }
        }
    }

    private CheckPath at(int shard) {
        return new CheckPath(state.at(shard), patience);
    }

    /** With the replica that answered of the first shard; one that differs from its own leader says that already. */
    private static List<Checked> compared(List<Checked> all) {
        StateHash first = all.stream()
                .filter(one -> one.shard() == 0 && Boolean.TRUE.equals(one.same()))
                .map(Checked::state)
                .findFirst()
                .orElse(null);
        return first == null
                ? all
                : all.stream().map(one -> compared(one, first.ofSchema())).toList();
    }

    private static Checked compared(Checked one, StateHash first) {
        StateHash state = one.state();
        if (state == null || one.shard() == 0 || !Boolean.TRUE.equals(one.same())) {
            return one;
        }
        String difference = state.ofSchema().difference(first);
        return difference.isEmpty()
                ? one
                : new Checked(
                        one.shard(), one.replica(), state, false, "the schema is not that of shard 0: " + difference);
    }
}
