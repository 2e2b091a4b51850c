package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.statement.TransactionTime;
import io.tunabledb.engine.heap.Watermark;
import io.tunabledb.engine.monitor.AuditSampler;
import io.tunabledb.engine.monitor.Waits;
import io.tunabledb.engine.outbox.OutboxStatus;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.session.SessionVector;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.held.LockOwner;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the paths share of one session: who it is, where it sits, what it saw, its {@linkplain #at sides} of the shards. */
public final class SessionState implements AutoCloseable {
    private final Cluster cluster;
    private SessionVector vector;
    private final long id;
    private final int home;
    private final Duration consistencyTimeout;
    private final long maxGatherRows;
    private final Watermark watermark;
    /** Each made when first needed: most sessions never see most shards. */
    private final @Nullable ShardSession[] shards;

    private final TransactionTime time = new TransactionTime();
    private final LostTables lostTables = new LostTables();
    private final AuditSampler audits;
    private final Waits waits;
    private long number;
    private @Nullable LockOwner openOwner;
    private final RunningReads running = new RunningReads();
    private final Underway underway;
    private final SessionSettings settings = new SessionSettings(this);
    private final Access access = new Access(this);
    private final TokenCheck tokens = new TokenCheck(this);
    private final TransactionMode mode;

    public SessionState(Cluster cluster, SessionVector vector, Seat seat, AuditSampler audits, Waits waits) {
        this.cluster = cluster;
        this.underway = new Underway(running::cancel, cluster::isClosed);
        this.vector = vector;
        this.id = seat.id;
        this.home = seat.home;
        this.consistencyTimeout = seat.consistencyTimeout;
        this.maxGatherRows = seat.maxGatherRows;
        this.watermark = seat.watermark;
        this.audits = audits;
        this.waits = waits;
        this.shards = new @Nullable ShardSession[cluster.shards()];
        this.mode = new TransactionMode(cluster.shards() > 1);
    }

    /**
     * Who a session is and where it sits.
     *
     * @param id its identity in the log
     * @param home the node it is next to, 0 for all
     * @param consistencyTimeout how long a statement waits when nobody says otherwise
     * @param maxGatherRows how many rows of several shards a statement may bring together
     * @param watermark how full the heap may be for it to write
     */
    public record Seat(long id, int home, Duration consistencyTimeout, long maxGatherRows, Watermark watermark) {}

    /** How long replicas lately took, of all sessions. */
    Waits waits() {
        return waits;
    }

    /** What the clock says to the statements of the transaction. */
    public TransactionTime time() {
        return time;
    }

    /** Its local temporary tables that are gone. */
    public LostTables lostTables() {
        return lostTables;
    }

    /** Chooses which reads are audited. */
    AuditSampler audits() {
        return audits;
    }

    /** What it SET for storage. */
    public SessionSettings settings() {
        return settings;
    }

    /** What its user may do. */
    public Access access() {
        return access;
    }

    /** How its statements make up transactions. */
    public TransactionMode mode() {
        return mode;
    }

    /** Tests tokens it is given. */
    public TokenCheck tokens() {
        return tokens;
    }

    /** The node it is next to; 0 for all. */
    public int home() {
        return home;
    }

    /** The cluster. */
    public Cluster cluster() {
        return cluster;
    }

    /** What the session saw and wrote. */
    public SessionVector vector() {
        return vector;
    }

    /** Every node's outbox at this moment. */
    public List<OutboxStatus> outboxes() {
        return cluster.outboxes();
    }

    /** The session's identity in the log. */
    public long id() {
        return id;
    }

    /** Whose locks a transaction's next part takes: those of the one that is open, or of a new one. */
    public LockOwner lockOwner() {
        LockOwner open = openOwner;
        return open == null ? LockOwner.now(id) : open;
    }

    /** A transaction begins that may come to several shards; null: it has ended. */
    public void owns(@Nullable LockOwner owner) {
        openOwner = owner;
    }

    /** The next number under which the session writes. */
    public long nextNumber() {
        return ++number;
    }

    /** How long a statement waits when nobody says otherwise. */
    public Duration consistencyTimeout() {
        return consistencyTimeout;
    }

    /** How full the heap may be for it to write. */
    public Watermark watermark() {
        return watermark;
    }

    /** How many rows of several shards a statement may bring together. */
    public long maxGatherRows() {
        return maxGatherRows;
    }

    /** The session's side of a shard. */
    public ShardSession at(int shard) {
        ShardSession known = shards[shard];
        if (known == null) {
            known = new ShardSession(this, shard);
            shards[shard] = known;
        }
        return known;
    }

    /**
     * Holds an answer back until every shard has closed the epochs before those it may tell of. What is told later can't be
     * the cause of anything in an earlier epoch.
     *
     * @return false when the deadline came first
     */
    public boolean awaitReleased(Deadline deadline) throws InterruptedException {
        return isReleased() || cluster.awaitReleased(home, vector.epoch(), deadline);
    }

    /** Whether nothing that the session has seen has to be held back. */
    public boolean isReleased() {
        return vector.epoch() <= cluster.released(home);
    }

    /** Whether every one of these shards has a leader in reach. */
    public boolean reachesLeaders(List<Integer> needed) {
        return needed.stream().allMatch(shard -> Router.leader(at(shard).view()) != 0);
    }

    /** A connection to whichever live replica of shard 0 is nearest, for metadata. */
    public Connection metadata() throws SQLException {
        return metadata(consistencyTimeout);
    }

    /** The same, which for so long may wait to show what this session saw and wrote. */
    public Connection metadata(Duration patience) throws SQLException {
        return at(0).metadata(patience);
    }

    /**
     * Whether what metadata's replica said of a text may only be wrong there: it lacked something, and has it now. What is
     * right never comes here, whose level may allow for no wait at all.
     */
    public boolean isOfLaggingSchema(SQLException error, Deadline deadline) throws SQLException {
        ShardSession first = at(0);
        Replica asked = first.nearest(Deadline.in(Duration.ZERO));
        return SchemaDoubt.isResolved(error, asked, deadline);
    }

    public void activate(@Nullable Reader reader) {
        running.activate(reader);
    }

    /** Another node reads for the session from now on, and this cancels it; null: none does. */
    public void elsewhere(@Nullable Runnable cancel) {
        running.elsewhere(cancel);
    }

    /** What the session is carrying out now. */
    public Underway underway() {
        return underway;
    }

    /** Whenever what is under way is cancelled, {@code others} is called too. */
    public void onCancel(Runnable others) {
        running.others(others);
    }

    public void beginWait() {
        underway.beginWait();
    }

    public boolean endWait() {
        return underway.endWait();
    }

    /** Does something on every storage connection that is open. */
    void onOpenConnections(Reader.Setup work) throws SQLException {
        for (ShardSession shard : shards) {
            if (shard != null) {
                shard.applyToOpen(work);
            }
        }
    }

    /** Forgets what was asked for, seen and written; {@code fresh} is what it has seen then. */
    public void reset(SessionVector fresh) {
        vector = fresh;
        mode.rung(null);
    }

    @Override
    public void close() {
        for (ShardSession shard : shards) {
            if (shard != null) {
                shard.close();
            }
        }
    }
}
