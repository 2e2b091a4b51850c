/**
 * Statements over several shards: what of them each shard executes, the private database in which the rest is, and
 * what the changes computed there come to.
 */
@NullMarked
package io.tunabledb.engine.h2.gather;

import org.jspecify.annotations.NullMarked;
