package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Asking;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.message.SchemaMessage;
import io.tunabledb.engine.shard.SchemaTurns;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's turn to change the schema, which the first shard's leader gave it in its term. Others wait for their turn until it
 * is closed. It is lost when that term ends: what is done in it then has no effect any more, and says so by a {@link
 * LostTurnException}.
 *
 * <p>In the first shard everything is proposed in the turn's term or not at all. In the others a schema change has the term with
 * it, and none is applied that is of an earlier term than one before it.
 */
final class SchemaTurn implements SettingsPath.Guard, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaTurn.class);

    /** Another replica may lead by then. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private static final long GIVE_BACK_AGAIN_MILLIS = 1_000;
    private static final String WHAT = "the schema change";

    private final SessionState state;
    private final int node;
    private final long owner;
    private final long term;

    private SchemaTurn(SessionState state, int node, long owner, long term) {
        this.state = state;
        this.node = node;
        this.owner = owner;
        this.term = term;
    }

    /**
     * Waits for a turn.
     *
     * @throws SQLException TC001 when it has not come in time, TC002 when there is no leader to give it
     */
    static SchemaTurn take(SessionState state, Duration patience) throws SQLException {
        Deadline deadline = Deadline.in(patience);
        Leaders leaders = new Leaders(state.at(0));
        long owner = newOwner();
        Set<Integer> asked = new HashSet<>();
        CompletableFuture<Long> answer = null;
        int node = 0;
        try {
            while (true) {
                int leader = leaders.await(WHAT, state.consistencyTimeout(), deadline)
                        .replica()
                        .node();
                if (answer == null || answer.isDone() || leader != node) {
                    node = leader;
                    asked.add(node);
                    answer = Asking.ask(state, node, new SchemaMessage.TakeTurn(owner, true));
                }
                if (isTaken(answer, deadline.atMost(LOOK_AGAIN))) {
                    asked.remove(node);
                    return new SchemaTurn(state, node, owner, answer.join());
                }
                if (!answer.isDone()) {
                    // one that leads in another term by now finds out, and says so to who waits
                    var unused = Asking.ask(state, node, new SchemaMessage.HoldsTurn(owner));
                }
                if (deadline.isPast()) {
                    throw Errors.of(
                            SqlState.LEVEL_NOT_MET,
                            "another schema change has not ended within definitionTimeout=" + patience.toMillis()
                                    + " ms; try again");
                }
                // it may have answered at once that it does not lead
                leaders.pauseWithin(WHAT, state.consistencyTimeout(), deadline);
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        } finally {
            asked.forEach(other -> giveBack(state, other, owner));
        }
    }

    private static boolean isTaken(CompletableFuture<Long> answer, Deadline deadline) throws InterruptedException {
        try {
            return deadline.await(answer) != SchemaTurns.TAKEN;
        } catch (ExecutionException e) {
            LOG.debug("no turn yet", e);
            return false;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** A turn if no other session has one or waits for one; null else. */
    static @Nullable SchemaTurn takeIfFree(SessionState state) throws SQLException {
        ShardLeader leader = new Leaders(state.at(0)).now();
        if (leader == null) {
            return null;
        }
        int node = leader.replica().node();
        long owner = newOwner();
        Long term;
        try {
            term = Asking.orNull(
                    state, node, new SchemaMessage.TakeTurn(owner, false), Deadline.in(state.consistencyTimeout()));
        } catch (InterruptedException e) {
            giveBack(state, node, owner);
            throw Refusals.interrupted(e);
        }
        if (term == null) {
            giveBack(state, node, owner);
            return null;
        }
        return term == SchemaTurns.TAKEN ? null : new SchemaTurn(state, node, owner, term);
    }

    private static long newOwner() {
        return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    }

    /** The leader that gave it must hear of its end, or no longer be one that gives turns. */
    private static void giveBack(SessionState state, int node, long owner) {
        CompletableFuture<?> heard = Asking.ask(state, node, new SchemaMessage.GiveBackTurn(owner));
        var unused = heard.whenComplete((done, failure) -> {
            Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
            if (cause instanceof IOException && !state.cluster().isClosed()) {
                CompletableFuture.delayedExecutor(GIVE_BACK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                        .execute(() -> giveBack(state, node, owner));
            }
        });
    }

    /** What is changed in it, with its term where that has to be known. */
    SchemaChange in(SchemaChange change) {
        return state.cluster().shards() == 1 ? change : change.inTurn(term);
    }

    /** Before something is proposed in the first shard; in another term than the leader's it would be void. */
    void requireAt(ShardLeader leader) throws LostTurnException {
        if (leader.replica().shard() == 0 && !leader.leadsIn(term)) {
            throw new LostTurnException();
        }
    }

    @Override
    public void require(ShardLeader leader, ActiveTransaction held) throws LostTurnException {
        if (held.term() != term) {
            throw new LostTurnException();
        }
    }

    /** When something was not proposed, or had no effect: that may be the reason. */
    void requireHeld(Deadline deadline) throws SQLException {
        if (!isHeld(deadline)) {
            throw new LostTurnException();
        }
    }

    /** Whether the leader that gave it still has it so; true when that one can't be asked and no other leads. */
    boolean isHeld(Deadline deadline) throws SQLException {
        try {
            Boolean said = Asking.orNull(state, node, new SchemaMessage.HoldsTurn(owner), deadline.atMost(LOOK_AGAIN));
            if (said != null) {
                return said;
            }
            ShardLeader leader = new Leaders(state.at(0)).now();
            return leader == null || leader.replica().node() == node;
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    @Override
    public void close() {
        giveBack(state, node, owner);
    }
}
