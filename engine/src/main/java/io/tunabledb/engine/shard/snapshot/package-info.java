/**
 * A replica's snapshot files: written, read back and compared before they count, sealed, restored.
 */
@NullMarked
package io.tunabledb.engine.shard.snapshot;

import org.jspecify.annotations.NullMarked;
