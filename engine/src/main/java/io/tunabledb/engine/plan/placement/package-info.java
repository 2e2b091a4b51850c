/**
 * Which shard a row belongs to, and which shards a statement needs, by its keys. Pure: knows values and columns, no
 * catalog and no statement.
 */
@NullMarked
package io.tunabledb.engine.plan.placement;

import org.jspecify.annotations.NullMarked;
