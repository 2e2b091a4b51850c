package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.h2.Departures;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.ddl.move.MovedIdentity;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends the rows of a frozen table to the shards they will belong to, where they wait to become rows. Nothing of it shows; what
 * is left of one that failed is thrown away with the freeze.
 */
final class RowMove {
    private static final int CHUNK_BYTES = 1 << 19;

    private final SessionState state;
    private final TableName table;
    private final String sharding;
    private final Limits limits;
    private final Deadline deadline;
    private final String freeze;
    private long chunks;
    private long rows;

    /**
     * How much one move may be.
     *
     * @param maxRows how many rows it may send, each once for every shard it is sent to
     * @param patience how long it may take
     */
    record Limits(long maxRows, Duration patience) {}

    /**
     * @param sharding how the table is to be sharded, as its setting says it
     * @param freeze the number under which the table is frozen for this move
     */
    RowMove(SessionState state, TableName table, String sharding, Limits limits, String freeze) {
        this.state = state;
        this.freeze = freeze;
        this.table = table;
        this.sharding = sharding;
        this.limits = limits;
        this.deadline = Deadline.in(limits.patience);
    }

    /**
     * Sends all of them.
     *
     * @throws SQLException TC006: there are too many rows; TC001: it takes too long; TC005: a row belongs to no shard
     */
    void send() throws SQLException {
        List<Departures> all = new ArrayList<>();
        try {
            for (int shard = 0; shard < state.cluster().shards(); shard++) {
                all.add(frozen(state.at(shard)).trying().departures(table, sharding));
            }
            long nextKey = 1;
            List<@Nullable MovedIdentity> identities = new ArrayList<>();
            for (Departures departures : all) {
                nextKey = Math.max(nextKey, departures.lastRowKey() + 1);
                identities.add(departures.identity());
            }
            for (Departures departures : all) {
                nextKey = departures.send(nextKey, chunkBytes(), this::send);
            }
            MovedIdentity identity = MovedIdentity.last(identities);
            for (int shard = 0; identity != null && shard < all.size(); shard++) {
                send(shard, 0, Departures.encode(identity));
            }
        } finally {
            all.forEach(Departures::close);
        }
    }

    /** Any replica that has the freeze has the rows as they will stay; the leader's has it first. */
    private Storage frozen(ShardSession session) throws SQLException {
        ShardLeader leader = new Leaders(session).await("the schema change", session.consistencyTimeout(), deadline);
        try {
            if (!leader.replica().awaitApplied(session.written(), deadline)) {
                throw tooLong();
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        return leader.replica().storage();
    }

    private int chunkBytes() {
        return Math.min(CHUNK_BYTES, state.cluster().maxTransactionBytes() / 4);
    }

    private void send(int shard, int count, byte[] chunk) throws SQLException {
        rows += count;
        if (rows > limits.maxRows) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "table " + table + " has more than maxMoveRows=" + limits.maxRows + " rows to send to other shards;"
                            + " nothing was changed. Raise the property when the database is opened, or create a new"
                            + " table with the sharding you want and fill it in parts");
        }
        if (deadline.isPast()) {
            throw tooLong();
        }
        new SettingsPath(state.at(shard), this::requireFrozen).arrive(++chunks, chunk);
    }

    /** What is sent belongs to this move alone: when the table is frozen for another one, this one's turn is lost. */
    private void requireFrozen(ShardLeader leader, ActiveTransaction held) throws LostTurnException {
        String frozen = Catalog.place(table.schema(), table.name()).frozen();
        if (!freeze.equals(leader.replica().settings().get(frozen))) {
            throw new LostTurnException();
        }
    }

    private SQLException tooLong() {
        return Errors.of(
                SqlState.LEVEL_NOT_MET,
                "the rows of " + table + " were not sent to other shards within definitionTimeout="
                        + limits.patience.toMillis() + " ms: " + rows + " were; nothing was changed");
    }
}
