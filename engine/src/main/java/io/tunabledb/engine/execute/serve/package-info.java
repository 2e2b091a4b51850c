/**
 * What is done at a replica for a read, whoever's session asks: it waits for the read's condition ({@link
 * io.tunabledb.engine.execute.serve.ReplicaWait}), runs it, and notes what was seen ({@link
 * io.tunabledb.engine.execute.serve.ReplicaRead}). A session that sits beside the replica calls these itself; for one that sits
 * elsewhere {@link io.tunabledb.engine.execute.serve.ServedReads} does, message by message.
 */
@NullMarked
package io.tunabledb.engine.execute.serve;

import org.jspecify.annotations.NullMarked;
