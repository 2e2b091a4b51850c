package io.tunabledb.engine;

import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.message.NodeReport;
import io.tunabledb.engine.message.ReplicaReport;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.node.Nodes;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a database that all run in this JVM: to look at, and to hurt on purpose. A test of an application can cut
 * its database in two and see what it does. Reached by {@code connection.unwrap(TunableConnection.class).cluster()}.
 */
public final class EmbeddedCluster {
    private final Nodes nodes;

    EmbeddedCluster(Nodes nodes) {
        this.nodes = nodes;
    }

    /** What an application has no business with. */
    Nodes inside() {
        return nodes;
    }

    /**
     * What a replica knows of itself.
     *
     * @param node its node, from 1
     * @param role LEADER, FOLLOWER, UNKNOWN, REJOINING (wiped, and without a vote until it has caught up) or STOPPED
     * @param applied the last log index it has applied
     * @param staleness how old its data can at most be; null when it holds no lease
     * @param failure why it stopped for good, or null
     */
    public record ReplicaStatus(
            int node,
            String role,
            long term,
            long applied,
            @Nullable Duration staleness,
            @Nullable String failure) {}

    /** How many nodes there are; they are numbered from 1. */
    public int nodes() {
        return nodes.nodes();
    }

    /** How many shards there are; they are numbered from 0. */
    public int shards() {
        return nodes.shards();
    }

    /** Every replica of shard 0 as it sees itself now. */
    public List<ReplicaStatus> replicas() {
        return replicas(0);
    }

    /** Every replica of a shard as it sees itself now. */
    public List<ReplicaStatus> replicas(int shard) {
        List<ReplicaStatus> all = new ArrayList<>();
        for (int node = 1; node <= nodes.nodes(); node++) {
            NodeReport report = nodes.report(node);
            if (report == null) {
                throw new IllegalStateException("node n" + node + " is not started");
            }
            ReplicaReport replica = report.at(shard);
            long staleness = replica.stalenessNanos();
            all.add(new ReplicaStatus(
                    node,
                    replica.role(),
                    replica.log().term(),
                    replica.applied(),
                    staleness == Long.MAX_VALUE ? null : Duration.ofNanos(staleness),
                    replica.failure()));
        }
        return all;
    }

    /** The node that leads shard 0 in the highest term, or 0 when none does. */
    public int leader() {
        return leader(0);
    }

    /** The node that leads a shard in the highest term, or 0 when none does. */
    public int leader(int shard) {
        return replicas(shard).stream()
                .filter(replica -> replica.role().equals("LEADER"))
                .max((left, right) -> Long.compare(left.term(), right.term()))
                .map(ReplicaStatus::node)
                .orElse(0);
    }

    /** Cuts both directions between two nodes. */
    public void cut(int a, int b) {
        network().cut(a, b);
    }

    /** Cuts the direction {@code from} to {@code to} only. */
    public void cutOneWay(int from, int to) {
        network().cutOneWay(from, to);
    }

    /** Cuts a node off from all others. */
    public void isolate(int node) {
        network().isolate(node);
    }

    /** Delays every message to and from a node; zero undoes it. */
    public void slow(int node, Duration delay) {
        network().slow(node, delay);
    }

    /** Undoes every cut and delay. */
    public void heal() {
        network().heal();
    }

    /** Undoes every cut and delay that involves a node. */
    public void heal(int node) {
        network().heal(node);
    }

    /** Stops a node as a crash would. */
    public void kill(int node) {
        nodes.kill(node);
    }

    /** Starts a stopped node again from what its folder holds. */
    public void restart(int node) throws IOException {
        nodes.restart(node);
    }

    /**
     * Deletes the folder of a stopped node; restarted, it rejoins empty and is rebuilt by the others.
     *
     * @throws IllegalStateException when its outbox holds acknowledged EVENTUAL writes that are not carried out, with their
     *     number; {@link #wipeWithOutbox} loses them
     */
    public void wipe(int node) throws IOException {
        nodes.wipe(node, false);
    }

    /**
     * The same, as a lost disk does it: with the acknowledged EVENTUAL writes that only this node has. A session that waits
     * for one of them is told once that it is lost.
     *
     * @return how many are lost; -1 when its outbox was not read since it was started, so that it is not known
     */
    public long wipeWithOutbox(int node) throws IOException {
        return nodes.wipe(node, true);
    }

    /**
     * Makes a node's replicas claim what it does not have: that it has applied {@code index} and is perfectly fresh. A drill:
     * what it serves from then on may break any promise, and the audit of {@code TUNABLE.AUDIT} has to say so. It ends
     * with the node; {@link #kill} and {@link #restart} it.
     */
    public void lie(int node, long index) {
        for (int shard = 0; shard < nodes.shards(); shard++) {
            nodes.replica(node, shard).lie(index);
        }
    }

    /** How many replicas stopped because something was wrong with them, and were rebuilt from the others. */
    public int rebuilds() {
        return nodes.rebuilds();
    }

    /**
     * Changes rows or the schema of a replica of shard 0 behind the log's back, as a fault of memory or a bug would. CHECK REPLICAS shows it; a
     * log entry that meets what can't be there stops the replica, which is then rebuilt from the others.
     *
     * @param sql one INSERT, UPDATE or DELETE, or a definition
     * @throws SQLException storage's own error
     */
    public void damage(int node, String sql) throws SQLException {
        damage(node, 0, sql);
    }

    /** The same to the replica of another shard than the first. */
    public void damage(int node, int shard, String sql) throws SQLException {
        try (Writer writer = nodes.replica(node, shard).storage().openAdminWriter();
                Statement statement = writer.connection().createStatement()) {
            statement.executeUpdate(sql);
            writer.endUnchanged();
        }
    }

    private Network network() {
        return nodes.network();
    }
}
