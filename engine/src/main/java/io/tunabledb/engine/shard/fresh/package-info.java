/**
 * How fresh a replica is: what it has applied, the leader's lease, and who may read it now.
 */
@NullMarked
package io.tunabledb.engine.shard.fresh;

import org.jspecify.annotations.NullMarked;
