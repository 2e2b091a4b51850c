/**
 * What holds locks at a leader from its first statement until its entry is applied, and who waits for them.
 */
@NullMarked
package io.tunabledb.engine.shard.held;

import org.jspecify.annotations.NullMarked;
