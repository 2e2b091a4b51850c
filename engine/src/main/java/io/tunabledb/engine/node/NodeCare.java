package io.tunabledb.engine.node;

import io.tunabledb.engine.log.MemoryEndedException;
import io.tunabledb.engine.ratis.LocalNodes;
import io.tunabledb.engine.ratis.files.TornTail;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.log.EntryFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops, starts, wipes and mends the nodes of a database that is open, one at a time: all of it under one monitor, closing the
 * database too, so that no node is started after the others were closed.
 */
final class NodeCare {
    private static final Logger LOG = LoggerFactory.getLogger(NodeCare.class);

    private final DatabaseDirectory directory;
    private final LocalNodes local;
    private final RunningNodes nodes;
    private final NodeStart start;
    private final DiskWatch disks;
    /** Nodes that a rebuild has stopped and not started yet. Guarded by this object's monitor. */
    private final BitSet isStoppedToMend = new BitSet();
    /** Written under this object's monitor. */
    private volatile boolean closed;

    NodeCare(DatabaseDirectory directory, LocalNodes local, RunningNodes nodes, NodeStart start, DiskWatch disks) {
        this.directory = directory;
        this.local = local;
        this.nodes = nodes;
        this.start = start;
        this.disks = disks;
    }

    boolean isClosed() {
        return closed;
    }

    // ---- by hand ----

    /** Stops a node as a crash would: no snapshot, no word to any other node. */
    synchronized void kill(int node) {
        isStoppedToMend.clear(node);
        nodes.at(node).close(false);
    }

    /** Starts a stopped node again from its folder; without one it rejoins empty. */
    synchronized void restart(int node) throws IOException {
        requireStopped(node);
        if (closed) {
            throw new IllegalStateException("the database is closed");
        }
        boolean isLost = directory.lostNode(node, nodes.shards());
        if (isLost) {
            directory.clearLost(node, nodes.shards());
        } else {
            isLost = hasGoneBack(node);
        }
        start.one(node, isLost);
        nodes.outbox(node).resume();
    }

    private void requireStopped(int node) {
        if (nodes.at(node).replicas().stream().anyMatch(Replica::isAlive)) {
            throw new IllegalStateException("node " + node + " runs; stop it first");
        }
    }

    /**
     * Whether a stopped node's folder lacks what it had when it was stopped; what it has is moved out of the way then, and the
     * others rebuild it: its vote could elect one that lags.
     */
    private boolean hasGoneBack(int node) throws IOException {
        String missing = missing(node);
        if (missing == null) {
            return false;
        }
        if (nodes.count() == 1) {
            throw new IOException(missing + ", and no other node has it: put the folder back as it was");
        }
        LOG.error(
                "{}; the folder is now {}, and node {} is rebuilt by the others",
                missing,
                directory.setAside(node),
                node);
        return true;
    }

    private @Nullable String missing(int node) throws IOException {
        return local.missing(node, directory.node(node), directory.database(), nodes.shards());
    }

    /**
     * Deletes the folder of a stopped node.
     *
     * @param withOutbox also when its outbox holds acknowledged writes that no shard has carried out
     * @return how many of those are lost; -1 when its outbox was never read, so that their number is not known
     * @throws IllegalStateException when too few others have their vote: entries a majority acknowledged could be lost; or
     *     when its outbox holds such writes
     */
    synchronized long wipe(int node, boolean withOutbox) throws IOException {
        requireStopped(node);
        requireOthers(node);
        long lost = nodes.outbox(node).wouldLose(nodes::carriedOut);
        if (lost != 0 && !withOutbox) {
            throw new IllegalStateException("the outbox of n" + node + " holds "
                    + (lost < 0
                            ? "writes that nobody has read since its start"
                            : lost + " acknowledged EVENTUAL writes")
                    + ", which are not carried out and would be lost: restart the node, in reach of the others, and"
                    + " wait until TUNABLE.OUTBOX shows none pending; or wipe it with its outbox");
        }
        directory.wipe(node);
        local.wiped(node);
        nodes.outbox(node).wiped();
        if (lost != 0) {
            LOG.error(
                    "n{} was wiped with {} acknowledged EVENTUAL writes in its outbox {}: they are lost",
                    node,
                    lost < 0 ? "an unknown number of" : lost,
                    Long.toHexString(nodes.outbox(node).status().incarnation()));
        }
        return lost;
    }

    /** Entries that a majority acknowledged could be lost if one forgot while too few others remember. */
    private void requireOthers(int node) {
        if (nodes.count() > 1 && !nodes.hasVotersBeside(node)) {
            throw new IllegalStateException("only " + nodes.votersBeside(node) + " of " + nodes.count()
                    + " other nodes have their vote; wait until those that were wiped have caught up");
        }
    }

    // ---- by itself ----

    /** For {@link Rebuilding}. */
    synchronized boolean rebuild(Replica broken) throws IOException {
        int node = broken.node();
        if (closed || nodes.replica(node, broken.shard()) != broken) {
            // the database was closed, or a person restarted the node
            return false;
        }
        if (broken.isClosed() && !isStoppedToMend.get(node)) {
            // a person stopped the node, and will start it when he likes
            return false;
        }
        disks.requireRoom(node);
        if (broken.failure() instanceof EntryFailedException failure && !MemoryEndedException.isReasonOf(failure)) {
            if (nodes.count() == 1) {
                // no other node has what it had
                return false;
            }
            requirePast(broken, failure.at().index());
        }
        if (!nodes.hasVotersBeside(node)) {
            reopen(node);
            return false;
        }
        stopToMend(node);
        LOG.warn("node {} is rebuilt by the others; its folder is now {}", node, directory.setAside(node));
        startMended(node, true);
        return true;
    }

    /** What stopped one replica may stop every other: then none of them has anything to rebuild it from. */
    private void requirePast(Replica broken, long index) {
        long past = nodes.numbers().stream()
                .filter(other -> other != broken.node() && nodes.isVoting(other))
                .filter(other -> nodes.replica(other, broken.shard()).applied() >= index)
                .count();
        if (!nodes.isMajority((int) past)) {
            throw new IllegalStateException(
                    "only " + past + " of " + nodes.count() + " others have applied entry " + index);
        }
    }

    /**
     * When a majority has stopped, as when the disk has failed under all of them, no node can rebuild the rest. What they
     * acknowledged was synced before, so each goes on from its own folder, as after a crash, once that can be written again.
     */
    private void reopen(int node) throws IOException {
        directory.requireWritable(node);
        stopToMend(node);
        String missing = missing(node);
        if (missing != null) {
            throw new IOException(missing + ", and the others that run are no majority that could rebuild it: put its"
                    + " folder back as it was");
        }
        LOG.warn("node {} goes on from its own folder, since the others that run are no majority", node);
        try {
            startMended(node, false);
        } catch (IOException e) {
            if (!TornTail.cut(directory.node(node))) {
                throw e;
            }
            startMended(node, false);
        }
    }

    private void stopToMend(int node) {
        isStoppedToMend.set(node);
        nodes.at(node).close(false);
    }

    private void startMended(int node, boolean rejoining) throws IOException {
        start.one(node, rejoining);
        isStoppedToMend.clear(node);
        nodes.outbox(node).resume();
    }

    // ---- the end ----

    /**
     * Closes all of them, with snapshots if the folders stay; once.
     *
     * @param before what is done first
     * @param workers are stopped last
     */
    synchronized void close(Runnable before, Workers workers) {
        if (closed) {
            return;
        }
        closed = true;
        before.run();
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (int node : nodes.numbers()) {
            RunningNode stopped = nodes.find(node);
            if (stopped != null) {
                closing.add(CompletableFuture.runAsync(() -> stopped.close(directory.isDurable()), workers.executor()));
            }
        }
        CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new)).join();
        workers.stop();
        try {
            directory.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
