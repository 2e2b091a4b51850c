package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.ratis.LocalNodes;
import io.tunabledb.engine.ratis.files.CoveredLog;
import io.tunabledb.engine.ratis.files.TornTail;
import io.tunabledb.engine.ratis.files.Votes;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.Replicas;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start of all nodes when a database is opened: whole ones, damaged ones that can be mended, and those that the others
 * rebuild; never so few whole ones that what was acknowledged could be missing in all of them.
 */
final class FirstStart {
    private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);
    /** A node that is broken or rebuilding must not hold up the others for long. */
    private static final Duration CATCH_UP = Duration.ofSeconds(2);

    private final DatabaseDirectory directory;
    private final LocalNodes local;
    private final RunningNodes nodes;
    private final NodeStart start;
    private final Reached reached;

    FirstStart(DatabaseDirectory directory, LocalNodes local, RunningNodes nodes, NodeStart start, Reached reached) {
        this.directory = directory;
        this.local = local;
        this.nodes = nodes;
        this.start = start;
        this.reached = reached;
    }

    /**
     * Starts every node and waits until one leads in each shard.
     *
     * @param patience how long this may go on without any progress
     */
    void run(Duration patience) throws IOException {
        startAll();
        awaitServing(new Opening(nodes, patience));
        local.freeElections();
        directory.formed();
    }

    private void startAll() throws IOException {
        List<Integer> lost = lostNodes();
        if (!nodes.isMajority(nodes.count() - lost.size())) {
            throw new IOException("the folders of nodes " + lost + " of " + nodes.count()
                    + " are gone, lack the log of a shard or more, or were being rebuilt when the process ended, and"
                    + " the others are no majority: what they hold may be old; nothing was changed; restore the"
                    + " folders, or delete the whole directory to begin anew");
        }
        for (int node : lost) {
            directory.clearLost(node, nodes.shards());
            directory.beginRejoining(node);
        }
        local.holdElections();
        try {
            start.together(lost);
        } catch (IOException e) {
            LOG.warn("not every node could be started; trying them one by one", e);
            local.holdElections();
            startEach(lost);
            local.admitLatest();
        }
        for (int shard = 0; shard < nodes.shards(); shard++) {
            reached.require(shard, local.lastIndexAtOpening(directory.database(), shard));
        }
    }

    // ---- folders that lack something ----

    /** When a majority lacks only its votes, they are made anew; see {@link Votes}. */
    private List<Integer> lostNodes() throws IOException {
        List<Integer> lost = new ArrayList<>();
        List<Integer> voteless = new ArrayList<>();
        for (int node : nodes.numbers()) {
            if (directory.lostNode(node, nodes.shards())) {
                lost.add(node);
                if (directory.lacksOnlyVotes(node, nodes.shards())) {
                    voteless.add(node);
                }
            }
        }
        int whole = nodes.count() - lost.size();
        if (!nodes.isMajority(whole) && nodes.isMajority(whole + voteless.size())) {
            makeVotesAnew(voteless);
            lost.removeAll(voteless);
        }
        return lost;
    }

    /** Returns those of the nodes that had one that was not right. */
    private Set<Path> makeVotesAnew(Collection<Integer> voteless) throws IOException {
        return Votes.makeAnew(folders(nodes.numbers()), folders(voteless), directory.database(), nodes.shards());
    }

    private List<Path> folders(Collection<Integer> some) {
        return some.stream().map(directory::node).toList();
    }

    // ---- one by one ----

    /** What a minority holds that can't be used is set aside, and they are rebuilt by the others. */
    private void startEach(List<Integer> lost) throws IOException {
        Map<Integer, IOException> broken = new TreeMap<>();
        for (int node : nodes.numbers()) {
            try {
                start.one(node, lost.contains(node));
            } catch (IOException e) {
                broken.put(node, e);
            }
        }
        if (!nodes.isMajority(nodes.count() - lost.size() - broken.size())) {
            startWithVotes(broken);
            startTorn(broken);
        }
        if (!nodes.isMajority(nodes.count() - lost.size() - broken.size())) {
            IOException first = broken.values().iterator().next();
            throw new IOException(
                    "nodes " + broken.keySet() + " of " + nodes.count()
                            + " can't be started, and the others are no majority; the first of them said: "
                            + Causes.text(first),
                    first);
        }
        for (Map.Entry<Integer, IOException> one : broken.entrySet()) {
            Path aside = directory.setAside(one.getKey());
            LOG.error(
                    "node {} can't be started from its folder, which is now {}; it is rebuilt by the others",
                    one.getKey(),
                    aside,
                    one.getValue());
            start.one(one.getKey(), true);
        }
    }

    /** A vote of a term before its log's is an old one. */
    private void startWithVotes(Map<Integer, IOException> broken) throws IOException {
        Set<Path> changed = makeVotesAnew(broken.keySet());
        for (int node : List.copyOf(broken.keySet())) {
            if (changed.contains(directory.node(node))) {
                try {
                    start.one(node, false);
                    broken.remove(node);
                } catch (IOException e) {
                    broken.put(node, e);
                }
            }
        }
    }

    /**
     * When a majority can't be started, the power may have failed under all of them at once, or what is damaged is covered by
     * snapshots that are whole.
     */
    private void startTorn(Map<Integer, IOException> broken) {
        for (int node : List.copyOf(broken.keySet())) {
            try {
                startTorn(node, Objects.requireNonNull(broken.get(node)));
                broken.remove(node);
            } catch (IOException e) {
                broken.put(node, e);
            }
        }
    }

    private void startTorn(int node, IOException why) throws IOException {
        Path folder = directory.node(node);
        IOException found = why;
        try {
            if (TornTail.cut(folder)) {
                start.one(node, false);
                return;
            }
        } catch (IOException e) {
            found = e;
        }
        CoveredLog covered = CoveredLog.putAside(folder);
        try {
            if (covered.isAny()) {
                start.one(node, false);
                return;
            }
        } catch (IOException e) {
            LOG.debug("n{} can't be started without what its snapshot covers either", node, e);
            covered.putBack();
        }
        throw found;
    }

    // ---- until they serve ----

    /** Leaders, and every replica that can as far as its leader was when it was asked: no old state is shown at start. */
    private void awaitServing(Opening opening) throws IOException {
        for (int shard = 0; shard < nodes.shards(); shard++) {
            awaitCaughtUp(opening.awaitLeader(shard));
            opening.requireApplicable(shard);
        }
    }

    private void awaitCaughtUp(Replica leader) {
        List<Replica> replicas = nodes.replicas(leader.shard());
        Deadline patience = Deadline.in(CATCH_UP);
        try {
            Replicas.awaitApplied(replicas, leader.applied(), patience);
            // a node that is cut off right after the start goes on serving what it has
            while (!replicas.stream().allMatch(Replica::isReady) && !patience.isPast()) {
                LockSupport.parkNanos(1_000_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
