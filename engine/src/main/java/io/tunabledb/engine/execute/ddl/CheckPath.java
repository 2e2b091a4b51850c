package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.ddl.ShardsCheck.Checked;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.h2.internals.SqlErrors;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.StateHash;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** CHECK REPLICAS in one shard: one log entry at which every replica hashes its rows and its schema, so that no write can come in between. */
final class CheckPath {
    private final ShardSession session;
    private final Leaders leaders;
    private final Duration patience;

    CheckPath(ShardSession session, Duration patience) {
        this.session = session;
        this.leaders = new Leaders(session);
        this.patience = patience;
    }

    /** Checks one table, or all when {@code table} is null. */
    List<Checked> check(@Nullable String schema, @Nullable String table) throws SQLException {
        Deadline deadline = Deadline.in(patience);
        ShardLeader leader = leaders.await("CHECK REPLICAS", session.consistencyTimeout(), deadline);
        long id = ThreadLocalRandom.current().nextLong();
        LogPosition at;
        try {
            at = deadline.await(leader.check(id, schema, table));
        } catch (ExecutionException | TimeoutException e) {
            throw Refusals.noMajority("CHECK REPLICAS", patience, session, e);
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        StateHash expected = hash(leader.replica(), id, at, deadline);
        List<Checked> all = new ArrayList<>();
        for (int node = 1; node <= session.cluster().nodes(); node++) {
            Replica replica = session.replica(node);
            // one that is cut off can't answer; give the others' answers soon
            StateHash hash = hash(
                    replica,
                    id,
                    at,
                    replica.isAlive() && session.reaches(node)
                            ? deadline.atMost(session.consistencyTimeout())
                            : Deadline.in(Duration.ZERO));
            all.add(checked(replica, hash, expected));
        }
        return all;
    }

    private Checked checked(Replica replica, @Nullable StateHash hash, @Nullable StateHash expected) {
        if (hash == null) {
            return new Checked(session.shard(), replica.nodeName(), null, null, null);
        }
        String difference = expected == null ? "not known: the leader has not answered" : hash.difference(expected);
        boolean isSame = difference.isEmpty();
        return new Checked(session.shard(), replica.nodeName(), hash, isSame, isSame ? null : difference);
    }

    private static @Nullable StateHash hash(Replica replica, long id, LogPosition at, Deadline deadline)
            throws SQLException {
        try {
            if (!replica.awaitApplied(at.index(), deadline)) {
                return null;
            }
            return deadline.await(replica.checkResult(id));
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (!replica.isAlive() || SqlErrors.isOfClosedStorage(SqlErrors.bare(cause))) {
                return null;
            }
            throw Errors.of(
                    SqlState.REPLICA_FAILED,
                    "replica " + replica.nodeName() + " could not hash its rows: " + cause.getMessage()
                            + "; run it again, and if it fails the same way look at its log",
                    e);
        } catch (TimeoutException e) {
            return null;
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }
}
