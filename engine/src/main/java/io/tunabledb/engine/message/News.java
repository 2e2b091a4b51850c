package io.tunabledb.engine.message;

import org.jspecify.annotations.Nullable;

/**
 * What nodes hear of each other in passing. It says whom to ask first; old news can cost a detour, never a promise, because
 * who is asked says himself whether he is the right one.
 */
public interface News {

    /** The node that leads a shard in the highest term of those that a node hears of; 0 when it hears of none. */
    int leader(int from, int shard);

    /** A node's replica of a shard; null when it can't be read, or {@code from} hears nothing of it. */
    @Nullable
    ReplicaNews replica(int from, int node, int shard);
}
