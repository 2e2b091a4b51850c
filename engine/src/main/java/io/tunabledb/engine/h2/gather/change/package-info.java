/**
 * What a change that was computed over gathered rows comes to: which rows, in which shard, by which statements. Knows the
 * plan, and not where the rows were gathered.
 */
@NullMarked
package io.tunabledb.engine.h2.gather.change;

import org.jspecify.annotations.NullMarked;
