/**
 * A node as the others see it: the handlers that answer their {@linkplain io.tunabledb.engine.message messages}, the carrier
 * between the nodes of one process, and the ways that lower rooms ask for (to leaders, to outboxes' shards, to cuts' peers),
 * which are messages to them.
 */
@NullMarked
package io.tunabledb.engine.peer;

import org.jspecify.annotations.NullMarked;
