/**
 * Rows on their way from one table to another, or to other shards, when a table's sharding changes.
 */
@NullMarked
package io.tunabledb.engine.h2.ddl.move;

import org.jspecify.annotations.NullMarked;
