/**
 * Weak writes: accepted durably by one node, carried out once by the shard's leader, later. See DESIGN.md beside this
 * file. {@code execute} appends to a node's {@link io.tunabledb.engine.outbox.Outbox}; its forwarder hands batches to the
 * {@link io.tunabledb.engine.outbox.Batches} of the node that leads.
 */
@NullMarked
package io.tunabledb.engine.outbox;

import org.jspecify.annotations.NullMarked;
