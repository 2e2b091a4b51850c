package io.tunabledb.engine.ratis;

import io.tunabledb.engine.log.Shortage;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may stand for election while the nodes of a database are opened together: nobody before all are there that can be, then
 * those whose log ends as late as any of theirs. A log that was damaged in a way that nobody can see, cut where an entry ends
 * or put back from an old copy, would otherwise be a vote for a leader that lags, and what the two lack would be gone. What a
 * majority has acknowledged is on at least one of those that are whole, and Raft has it that the log which ends latest among
 * them holds all of it. Once there is a leader, Raft's own rules are enough again.
 */
final class FirstElections {
    private static final Logger LOG = LoggerFactory.getLogger(FirstElections.class);

    private enum Stage {
        /** As in any Raft. */
        FREE,
        /** Not all that can be started are. */
        NOBODY,
        /** The designated first leaders, which are started last. */
        FIRST,
        /** Anybody with the latest log. */
        LATEST
    }

    private volatile Stage stage = Stage.FREE;
    private final Map<RaftGroupId, TermIndex> latest = new ConcurrentHashMap<>();

    void hold() {
        latest.clear();
        stage = Stage.NOBODY;
    }

    void free() {
        stage = Stage.FREE;
    }

    boolean isHeld() {
        return stage == Stage.NOBODY;
    }

    /** All but the first leaders are started. */
    void admitFirst(Collection<RatisNode> nodes) {
        note(nodes);
        stage = Stage.FIRST;
    }

    /** All that can be started are. */
    void admitLatest(Collection<RatisNode> nodes) {
        note(nodes);
        stage = Stage.LATEST;
    }

    private void note(Collection<RatisNode> nodes) {
        nodes.forEach(node -> node.replicas().forEach(replica -> {
            TermIndex end = replica.logEnd();
            if (end != null) {
                latest.merge(replica.group(), end, (a, b) -> a.compareTo(b) >= 0 ? a : b);
            }
        }));
    }

    /** Fails when a replica must not ask for votes now; nor may one ever whose log waits for its disk. */
    void requireMayStand(Replica replica, boolean isFirst) throws IOException {
        Shortage shortage = replica.shortage();
        if (shortage != null) {
            throw new IOException("its log can't be written: " + shortage.text());
        }
        Stage now = stage;
        if (now == Stage.FREE) {
            return;
        }
        if (now == Stage.NOBODY || (now == Stage.FIRST && !isFirst)) {
            throw new IOException("the nodes of this database are still being started");
        }
        TermIndex needed = latest.get(replica.group());
        TermIndex end = replica.logEnd();
        if (needed != null && (end == null || end.compareTo(needed) < 0)) {
            LOG.debug("a log that ends at {} stands for no election while another ends at {}", end, needed);
            throw new IOException("its log ends at " + end + ", another's at " + needed);
        }
    }

    /** The latest end of the logs of a shard that were opened; null when all are empty. */
    @Nullable
    TermIndex latest(RaftGroupId group) {
        return latest.get(group);
    }
}
