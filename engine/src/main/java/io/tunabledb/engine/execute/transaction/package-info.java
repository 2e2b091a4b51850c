/**
 * Writes: statements of a transaction at the shards' leaders, and its commit, in one shard or over several
 * (two phases with a home). 40001 when it certainly was rolled back, 08007 when nobody can tell in time.
 */
@NullMarked
package io.tunabledb.engine.execute.transaction;

import org.jspecify.annotations.NullMarked;
