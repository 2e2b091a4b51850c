package io.tunabledb.engine.ratis.statemachine;

import io.tunabledb.engine.log.ReplicaStateMachine;
import java.util.function.LongPredicate;

/** Whether a replica leads, as far as our own state machine is concerned: Ratis says so, and it has been told. */
public final class Leadership {
    private static final long NONE = 0;

    private final ReplicaStateMachine replica;
    private final LongPredicate leads;
    private volatile long term = NONE;

    /**
     * @param leads whether Ratis takes this replica for the leader of a term at this moment
     */
    public Leadership(ReplicaStateMachine replica, LongPredicate leads) {
        this.replica = replica;
        this.leads = leads;
    }

    /** The term this replica leads; 0 when it doesn't. */
    public long term() {
        return term;
    }

    /** Everything logged before {@code newTerm} is applied. Runs on the thread that applies the log. */
    void acquire(long newTerm) {
        replica.leadershipAcquired(newTerm);
        term = newTerm;
        // lost meanwhile? Ratis gives up the role before it tells us, so one of the two of us sees the other
        if (!leads.test(newTerm)) {
            lose();
        }
    }

    void lose() {
        term = NONE;
        replica.leadershipLost();
    }
}
