package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.deadlock.DeadlockSearch;
import io.tunabledb.engine.h2.gather.Gathering;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.News;
import io.tunabledb.engine.outbox.OutboxStatus;
import io.tunabledb.engine.outbox.Rerouting;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The nodes of a database as execution sees them. */
public interface Cluster {

    /** Whether the database is closed, or being closed: nobody answers any more. */
    boolean isClosed();

    /** The database's identity. */
    UUID databaseId();

    /** How many nodes there are; they are numbered from 1. */
    int nodes();

    /** How many shards there are; they are numbered from 0. */
    int shards();

    /** The replica of {@code shard} on {@code node} as it runs now; another object after a restart. */
    Replica replica(int node, int shard);

    /**
     * The same for a session next to {@code home} that may read it by reference; null when it sits elsewhere, and what it reads
     * there is a {@link io.tunabledb.engine.message.ReadMessage}.
     */
    @Nullable
    Replica own(int home, int node, int shard);

    /** The same replica in its role as a possible leader. */
    ShardLeader leader(int node, int shard);

    /** The way to every node: whatever is asked of one goes this way, or is to. */
    Carrier carrier();

    /** What nodes hear of each other in passing. */
    News news();

    /** What every node's outbox says of itself; those that don't answer are missing. */
    List<OutboxStatus> outboxes();

    /** Where weak writes belong when their turn comes. */
    Rerouting rerouting();

    /** Up to which cut whoever is next to {@code home} knows that all shards have closed it, or that it was given up. */
    long released(int home);

    /** Waits until it knows that of a cut; false when the deadline came first. */
    boolean awaitReleased(int home, long cut, Deadline deadline) throws InterruptedException;

    /** Ends deadlocks that no shard can see. */
    DeadlockSearch deadlocks();

    /** Where statements over rows of several shards run. */
    Gathering gathering();

    /** Whether a session next to {@code home} (0: next to every node) can talk to {@code node}. */
    boolean reaches(int home, int node);

    /** Why no shard begins a write now: the disks of a majority are nearly full or take nothing; null when they do. */
    @Nullable
    Shortage diskRefuses();

    /** Why not even what has begun can be committed now; null when it can. */
    @Nullable
    Shortage diskStops();

    /** Why a node's own disk begins no write now; null when it does. */
    @Nullable
    Shortage diskAt(int node);

    /** The most bytes one transaction's changes may have in the log. */
    int maxTransactionBytes();

    /** The newest catalog any node knows. */
    Catalog catalog();
}
