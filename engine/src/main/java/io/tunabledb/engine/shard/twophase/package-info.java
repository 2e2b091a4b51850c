/**
 * A replica's part in transactions over shards, and what a leader does when it begins to lead: what is prepared, what
 * is decided, epochs that end, and recovery of what a coordinator has left undone.
 */
@NullMarked
package io.tunabledb.engine.shard.twophase;

import org.jspecify.annotations.NullMarked;
