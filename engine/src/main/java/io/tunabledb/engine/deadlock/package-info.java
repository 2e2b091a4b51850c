/**
 * Transactions over several shards that wait for each other in a circle, which no shard can see by itself: finds them, and
 * has one of them give way. Below it are the shards' leaders, which know who waits for whom among their own.
 */
@NullMarked
package io.tunabledb.engine.deadlock;

import org.jspecify.annotations.NullMarked;
