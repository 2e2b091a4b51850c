package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.message.OutcomeMessage;
import io.tunabledb.engine.message.OutcomeMessage.Fate;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Finds the leader, and finds out what became of an entry whose proposer lost it. */
public final class Leaders {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final ShardSession session;

    public Leaders(ShardSession session) {
        this.session = session;
    }

    /** The leader of the highest term in reach; waits for one to be elected. TC002 when none is in time. */
    public ShardLeader await(String asked, Duration patience, Deadline deadline) throws SQLException {
        while (true) {
            int node = Router.leader(session.view());
            if (node != 0) {
                return session.leader(node);
            }
            session.state().underway().requireGoingOn();
            if (deadline.isPast()) {
                throw Refusals.noMajority(asked, patience, session, null);
            }
            pause();
        }
    }

    /** The leader of the highest term in reach, or null when there is none now. */
    @Nullable
    public ShardLeader now() {
        int node = Router.leader(session.view());
        return node == 0 ? null : session.leader(node);
    }

    /** What became of a proposed entry. */
    public sealed interface Resolution {
        /** It is committed, at this index or before it, with this answer. */
        record Committed(long index, Outcome outcome) implements Resolution {}

        /**
         * It is not committed and never will be.
         *
         * @param conflict which other transaction's change forbids it; null when its leader was lost
         */
        record NotCommitted(@Nullable String conflict) implements Resolution {
            public NotCommitted() {
                this(null);
            }
        }
    }

    /**
     * Asks the log. An entry proposed in {@code term} that is absent on a leader of a higher term, after a read index of
     * that leader is applied there, can never be committed: that leader's own first entry is committed behind every
     * entry of lower terms that ever will be.
     *
     * @return null when nobody could tell by the deadline
     */
    @Nullable
    public Resolution resolve(TransactionId transactionId, long term, Deadline deadline) {
        while (!deadline.isPast() && !session.state().underway().isStopped()) {
            Resolution found = askReplicas(transactionId, deadline);
            if (found == null) {
                found = askLeader(transactionId, term, deadline);
            }
            if (found != null) {
                return found;
            }
            pause();
        }
        return null;
    }

    /** What any replica has applied is committed. */
    private @Nullable Resolution askReplicas(TransactionId transactionId, Deadline deadline) {
        for (var view : session.view().replicas()) {
            Fate fate = ask(view.node(), new OutcomeMessage.Known(session.shard(), transactionId), deadline);
            if (fate instanceof Fate.Committed committed) {
                return seen(committed);
            }
        }
        return null;
    }

    private Resolution seen(Fate.Committed committed) {
        session.vector().sawEpoch(committed.epoch());
        return new Resolution.Committed(committed.index(), committed.outcome());
    }

    private @Nullable Fate ask(int node, Message<Fate> message, Deadline deadline) {
        try {
            return Asking.orNull(session.state(), node, message, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private @Nullable Resolution askLeader(TransactionId transactionId, long term, Deadline deadline) {
        int node = Router.leader(session.view());
        if (node == 0) {
            return null;
        }
        Fate fate = ask(node, new OutcomeMessage.AsOfNow(session.shard(), transactionId, term), deadline);
        if (fate instanceof Fate.Committed committed) {
            return seen(committed);
        } else if (fate instanceof Fate.NotThere absent) {
            session.vector().sawEpoch(absent.epoch());
            return new Resolution.NotCommitted();
        }
        return null;
    }

    /** Before a leader that admitted nothing is tried again. TC002 when there is no time left, 57014 when nobody waits. */
    public void pauseWithin(String asked, Duration patience, Deadline deadline) throws SQLException {
        session.state().underway().requireGoingOn();
        if (deadline.isPast()) {
            throw Refusals.noMajority(asked, patience, session, null);
        }
        pause();
    }

    public static void pause() {
        // nothing tells us of a new leader; look again soon
        LockSupport.parkNanos(PAUSE_NANOS);
    }
}
