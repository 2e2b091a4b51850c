/**
 * Weak writes: accepted by the nearest node's outbox, carried out later; and those that could not be.
 */
@NullMarked
package io.tunabledb.engine.execute.outbox;

import org.jspecify.annotations.NullMarked;
