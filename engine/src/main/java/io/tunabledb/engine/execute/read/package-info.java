/**
 * Reads: finds the replica that keeps the level's promise soonest, down the ladder of what was agreed, at one cut
 * where several shards are read; and keeps an answer back that may cause something elsewhere.
 */
@NullMarked
package io.tunabledb.engine.execute.read;

import org.jspecify.annotations.NullMarked;
