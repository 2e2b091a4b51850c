/**
 * What a shard's log holds, and what became of it: entries, their authors' ids and outcomes, decisions of
 * transactions over shards.
 */
@NullMarked
package io.tunabledb.engine.shard.log;

import org.jspecify.annotations.NullMarked;
