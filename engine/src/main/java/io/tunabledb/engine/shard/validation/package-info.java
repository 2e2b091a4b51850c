/**
 * Whether a transaction may commit: what it read against what others wrote since.
 */
@NullMarked
package io.tunabledb.engine.shard.validation;

import org.jspecify.annotations.NullMarked;
