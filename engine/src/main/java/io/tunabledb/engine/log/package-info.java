/** The seam to replication: what a shard asks of a replicated log, and what the log drives on a replica. */
@NullMarked
package io.tunabledb.engine.log;

import org.jspecify.annotations.NullMarked;
