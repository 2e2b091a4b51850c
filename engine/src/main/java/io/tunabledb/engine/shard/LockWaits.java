package io.tunabledb.engine.shard;

import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.held.LockWait;
import java.util.ArrayList;
import java.util.List;

/** The waits for rows at a leader that a search for deadlocks can see and end. */
final class LockWaits {
    private final Replica replica;

    LockWaits(Replica replica) {
        this.replica = replica;
    }

    /**
     * Who waits here now for a row that another has locked, of those that only their clients can end: what is proposed
     * or prepared lets go of its locks by itself.
     */
    List<LockWait> all() {
        List<ActiveTransaction> all = replica.activeTransactions().transactions();
        List<LockWait> waits = new ArrayList<>();
        for (ActiveTransaction waiter : all) {
            LockWait.Party before = waiter.party();
            int number = waiter.isOpen() ? waiter.writer().blocker() : 0;
            for (ActiveTransaction blocker : number == 0 ? List.<ActiveTransaction>of() : all) {
                LockWait wait = new LockWait(replica.shard(), waiter.party(), blocker.party());
                if (blocker.writer().number() == number
                        && blocker.isOpen()
                        && waiter.isWaiting()
                        && wait.waiter().equals(before)) {
                    waits.add(wait);
                }
            }
        }
        return waits;
    }

    /** Undoes a transaction that waits as was seen; false when it does no longer. Returns when its locks are free. */
    boolean giveWay(LockWait.Party waiter, String why) {
        for (ActiveTransaction held : replica.activeTransactions().transactions()) {
            if (held.id() == waiter.held() && held.giveWay(waiter, why)) {
                replica.activeTransactions().end(held);
                return true;
            }
        }
        return false;
    }
}
