/**
 * One replica of one shard: where the log's entries meet the tables. Held transactions, apply, freshness, snapshots.
 * Knows the seams {@code log} and {@code h2}, nothing behind them.
 */
@NullMarked
package io.tunabledb.engine.shard;

import org.jspecify.annotations.NullMarked;
