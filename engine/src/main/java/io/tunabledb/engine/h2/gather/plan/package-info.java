/**
 * What of a statement over several shards each shard executes, and what is left to the private database: from H2's
 * compiled statement to texts. Knows no rows, and no database but the one whose schema it plans with.
 */
@NullMarked
package io.tunabledb.engine.h2.gather.plan;

import org.jspecify.annotations.NullMarked;
