package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.ddl.ShardsCheck.Checked;
import io.tunabledb.engine.execute.session.Asking;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.message.CheckMessage;
import io.tunabledb.engine.message.CheckMessage.Hashed;
import io.tunabledb.engine.shard.check.StateHash;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** CHECK REPLICAS in one shard: one log entry at which every replica hashes its rows and its schema, so that no write can come in between. */
final class CheckPath {
    private static final Logger LOG = LoggerFactory.getLogger(CheckPath.class);

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
        int leader = leaders.await("CHECK REPLICAS", session.consistencyTimeout(), deadline)
                .replica()
                .node();
        long id = ThreadLocalRandom.current().nextLong();
        begin(leader, new CheckMessage.Begin(session.shard(), id, schema, table), deadline);
        List<CompletableFuture<Hashed>> hashes = new ArrayList<>();
        for (int node = 1; node <= session.cluster().nodes(); node++) {
            hashes.add(Asking.ask(session.state(), node, new CheckMessage.Hash(session.shard(), id)));
        }
        StateHash expected = hash(leader, hashes, deadline);
        List<Checked> all = new ArrayList<>();
        for (int node = 1; node <= hashes.size(); node++) {
            // one that is cut off can't answer; give the others' answers soon
            Duration within = session.reaches(node) ? session.consistencyTimeout() : Duration.ZERO;
            all.add(checked("n" + node, hash(node, hashes, deadline.atMost(within)), expected));
        }
        return all;
    }

    private void begin(int leader, CheckMessage.Begin begin, Deadline deadline) throws SQLException {
        try {
            deadline.await(Asking.ask(session.state(), leader, begin));
        } catch (ExecutionException | TimeoutException e) {
            throw Refusals.noMajority("CHECK REPLICAS", patience, session, e);
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    private Checked checked(String replica, @Nullable StateHash hash, @Nullable StateHash expected) {
        if (hash == null) {
            return new Checked(session.shard(), replica, null, null, null);
        }
        String difference = expected == null ? "not known: the leader has not answered" : hash.difference(expected);
        boolean isSame = difference.isEmpty();
        return new Checked(session.shard(), replica, hash, isSame, isSame ? null : difference);
    }

    /** Null when the replica has stopped, or does not answer by the deadline. */
    private static @Nullable StateHash hash(int node, List<CompletableFuture<Hashed>> hashes, Deadline deadline)
            throws SQLException {
        Hashed hashed;
        try {
            hashed = deadline.await(hashes.get(node - 1));
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("n{} does not answer a check", node, e);
            return null;
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        if (hashed instanceof Hashed.Failed failed) {
            throw Errors.of(
                    SqlState.REPLICA_FAILED,
                    "replica n" + node + " could not hash its rows: " + failed.why()
                            + "; run it again, and if it fails the same way look at its log");
        }
        return hashed instanceof Hashed.Is is ? is.state() : null;
    }
}
