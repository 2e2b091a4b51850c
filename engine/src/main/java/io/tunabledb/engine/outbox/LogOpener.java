package io.tunabledb.engine.outbox;

import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import java.io.IOException;

/** Where a node's outbox gets its durable log from. */
public interface LogOpener {

    /** Whether the node has such a log from before. */
    boolean isPresent();

    /**
     * Opens it; blocks until it takes appends. One that was closed can be opened again.
     *
     * @param replacement what the state machine reads in place of an entry that can't be read any more
     */
    ShardLog open(ReplicaStateMachine stateMachine, int maxEntryBytes, byte[] replacement) throws IOException;
}
