/**
 * Epochs of one replica, and the snapshots that are pinned where one ends. The protocol is in {@code cut/DESIGN.md}.
 */
@NullMarked
package io.tunabledb.engine.shard.cut;

import org.jspecify.annotations.NullMarked;
