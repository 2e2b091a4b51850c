package io.tunabledb.engine.peer;

import io.tunabledb.engine.deadlock.LockHolders;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.LockMessage;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.shard.held.LockWait;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of whoever is next to a node, or to all, to every leader in reach. */
public final class LeaderLocks implements LockHolders {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderLocks.class);

    private final Carrier carrier;
    private final int from;
    private final int nodes;

    public LeaderLocks(Carrier carrier, int from, int nodes) {
        this.carrier = carrier;
        this.from = from;
        this.nodes = nodes;
    }

    /** Also of one that is deposed and does not know it yet: who is stuck there gets on, and is told. */
    @Override
    public List<LockWait> waits() {
        List<LockWait> waits = new ArrayList<>();
        for (int node = 1; node <= nodes; node++) {
            List<LockWait> there = call(node, new LockMessage.Waits());
            waits.addAll(there == null ? List.of() : there);
        }
        return waits;
    }

    @Override
    public boolean giveWay(LockWait wait, String why) {
        for (int node = 1; node <= nodes; node++) {
            if (Boolean.TRUE.equals(call(node, new LockMessage.GiveWay(wait, why)))) {
                return true;
            }
        }
        return false;
    }

    /** Null when the node is not in reach: what waits there has no circle that this search could end. */
    private <A> @Nullable A call(int node, Message<A> message) {
        try {
            return carrier.call(from, node, message);
        } catch (IOException e) {
            LOG.debug("n{} does not say who waits for locks there", node, e);
            return null;
        }
    }
}
