/**
 * Whether a replica runs: which one it is, its log and its tables now, the threads it has, and the watch over all that.
 */
@NullMarked
package io.tunabledb.engine.shard.life;

import org.jspecify.annotations.NullMarked;
