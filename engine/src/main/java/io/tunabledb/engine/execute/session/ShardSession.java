package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.message.ReplicaNews;
import io.tunabledb.engine.monitor.AuditSampler;
import io.tunabledb.engine.monitor.Waits;
import io.tunabledb.engine.route.ClusterView;
import io.tunabledb.engine.route.ClusterView.ReplicaView;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.session.SessionVector;
import io.tunabledb.engine.session.Token;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session's side of one shard: what it saw and wrote there, who serves it there, its storage connections there. */
public final class ShardSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShardSession.class);

    private final SessionState state;
    private final int shard;
    private final @Nullable Reader[] readers;
    private int lastNode;

    ShardSession(SessionState state, int shard) {
        this.state = state;
        this.shard = shard;
        this.readers = new @Nullable Reader[state.cluster().nodes() + 1];
        // sessions without a home spread over the nodes
        this.lastNode = state.home() != 0
                ? state.home()
                : 1 + (int) Long.remainderUnsigned(state.id(), state.cluster().nodes());
    }

    /** The whole session. */
    public SessionState state() {
        return state;
    }

    /** The shard, from 0. */
    public int shard() {
        return shard;
    }

    // ---- the shard's replicas ----

    public Cluster cluster() {
        return state.cluster();
    }

    /** The shard's replica on {@code node}. */
    public Replica replica(int node) {
        return state.cluster().replica(node, shard);
    }

    /** The same if the session may read it by reference; null when what it reads there is a message. */
    public @Nullable Replica own(int node) {
        return state.cluster().own(state.home(), node, shard);
    }

    /** Those on all nodes. */
    public List<Replica> replicas() {
        return IntStream.rangeClosed(1, cluster().nodes())
                .mapToObj(this::replica)
                .toList();
    }

    /** The shard's replica on {@code node} in its role as a possible leader. */
    public ShardLeader leader(int node) {
        return state.cluster().leader(node, shard);
    }

    public boolean reaches(int node) {
        return state.cluster().reaches(state.home(), node);
    }

    /** The replicas the session can reach now and that are ready: what others would show may be older than the database. */
    public ClusterView view() {
        return view(ReplicaNews::isReady);
    }

    /** The replicas the session can reach now, ready or not: only for who brings a confirmed index to wait for. */
    public ClusterView running() {
        return view(heard -> true);
    }

    private ClusterView view(Predicate<ReplicaNews> fits) {
        List<ReplicaView> found = new ArrayList<>(cluster().nodes());
        for (int node = 1; node <= cluster().nodes(); node++) {
            ReplicaNews heard = news(node);
            if (heard != null && fits.test(heard)) {
                found.add(new ReplicaView(
                        node,
                        heard.log().leading(),
                        heard.log().term(),
                        heard.applied(),
                        heard.stalenessNanos(),
                        heard.queries(),
                        isNearest(node) ? 0 : 1));
            }
        }
        return new ClusterView(found);
    }

    /** What is heard of the shard's replica on a node; null when it can't be read, or nothing is heard of it. */
    public @Nullable ReplicaNews news(int node) {
        return cluster().news().replica(state.home(), node, shard);
    }

    /**
     * The nearest replica that is ready; waits for one while any runs.
     *
     * @throws SQLException 08001 when none was in time
     */
    public Replica nearest(Deadline deadline) throws SQLException {
        while (true) {
            for (int node : Router.order(Rung.of(Level.SEQUENTIAL), seen(), view())) {
                Replica replica = replica(node);
                // it may have been restarted since it was looked at
                if (replica.isReady()) {
                    return replica;
                }
            }
            if (deadline.isPast() || running().replicas().isEmpty()) {
                throw Refusals.nobodyReachable(this);
            }
            Leaders.pause();
        }
    }

    private boolean isNearest(int node) {
        return node == state.home() || (state.home() == 0 && node == lastNode);
    }

    /** Who leads now, for people. */
    public String describeLeader() {
        int node = Router.leader(view());
        return node == 0 ? "; none is known now" : ", now n" + node;
    }

    /** The node that served last. */
    public int lastNode() {
        return lastNode;
    }

    public void servedBy(int node) {
        // a session with a home goes on being nearest to that, wherever one read had to be served
        if (state.home() == 0) {
            lastNode = node;
        }
    }

    /**
     * The replica a cut is read from: the one that served last, if it is in order, else the leader.
     *
     * @param leader whether only the leader will do
     * @return null when none is in reach
     */
    @Nullable
    public Replica forCut(boolean leader) {
        Replica recent = replica(lastNode);
        if (!leader && recent.isServing() && recent.isReady() && reaches(lastNode) && hearsLeader(recent)) {
            return recent;
        }
        int node = Router.leader(view());
        return node == 0 ? null : replica(node);
    }

    private static boolean hearsLeader(Replica replica) {
        LogStatus status = replica.status();
        return status.leading() || status.leader() != 0;
    }

    /** The session's reader of {@code replica}. */
    public Reader reader(Replica replica) {
        Reader reader = readers[replica.node()];
        if (reader == null || reader.replica() != replica) {
            if (reader != null) {
                reader.close();
            }
            reader = replica.openReader(state.settings()::apply);
            readers[replica.node()] = reader;
        }
        return reader;
    }

    /** A connection to whichever live replica is nearest, for metadata; waits so long to show what the session saw. */
    Connection metadata(Duration patience) throws SQLException {
        Deadline deadline = Deadline.in(patience);
        Replica nearest = nearest(deadline);
        try {
            // definitions of this session must show; a replica that is cut off shows what it has, late
            if (!nearest.awaitApplied(seen(), deadline)) {
                LOG.debug("metadata from {}, which lags behind this session", nearest.nodeName());
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        return reader(nearest).connection(Reader.Mode.COMMITTED);
    }

    /** Runs a session setting on every connection that is open. */
    void applyToOpen(Reader.Setup setting) throws SQLException {
        for (Reader reader : readers) {
            if (reader != null && reader.replica().isServing()) {
                reader.applyToOpen(setting);
            }
        }
    }

    // ---- what the session saw and wrote here ----

    public SessionVector vector() {
        return state.vector();
    }

    /** The highest index it may have seen or wrote. */
    public long seen() {
        return Math.max(read(), written());
    }

    /** The highest index it may have seen. */
    public long read() {
        return state.vector().read(shard);
    }

    /** The highest index it wrote. */
    public long written() {
        return state.vector().write(shard);
    }

    public void sawRead(long index) {
        state.vector().sawRead(shard, index);
    }

    /** Whatever a replica answered, it may tell of this epoch. After the result. */
    public void sawEpoch(Replica served) {
        sawEpoch(served.epoch());
    }

    public void sawEpoch(long epoch) {
        state.vector().sawEpoch(epoch);
    }

    /** The shard's leader comes to the epoch of what the session has seen, so that no cut has what it writes and lacks why. */
    public boolean leadEpoch(ShardLeader leader, Deadline deadline) {
        return leader.awaitEpoch(state.vector().epoch(), deadline);
    }

    public void wrote(long index) {
        state.vector().wrote(shard, index);
    }

    /** The index a statement AFTER this token needs, 0 without one; TC004 when it is torn, foreign or of the future. */
    public long neededAfter(@Nullable String text, Duration patience) throws SQLException {
        return text == null ? 0 : state.tokens().checked(text, patience).seen(shard);
    }

    Token decode(String text) throws SQLException {
        return state.tokens().decode(text);
    }

    // ---- what it shares with the session's other shards ----

    /** How long replicas lately took, of all sessions. */
    public Waits waits() {
        return state.waits();
    }

    public AuditSampler audits() {
        return state.audits();
    }

    public long id() {
        return state.id();
    }

    public long nextNumber() {
        return state.nextNumber();
    }

    public Duration consistencyTimeout() {
        return state.consistencyTimeout();
    }

    public void activate(@Nullable Reader reader) {
        state.activate(reader);
    }

    public void beginWait() {
        state.beginWait();
    }

    public boolean endWait() {
        return state.endWait();
    }

    @Override
    public void close() {
        for (int node = 0; node < readers.length; node++) {
            Reader reader = readers[node];
            readers[node] = null;
            if (reader != null) {
                reader.close();
            }
        }
    }
}
