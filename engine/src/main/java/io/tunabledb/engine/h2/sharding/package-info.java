/**
 * Which shard a row belongs to: the settings that say it, the keys, and the guards that keep a row where it is.
 */
@NullMarked
package io.tunabledb.engine.h2.sharding;

import org.jspecify.annotations.NullMarked;
