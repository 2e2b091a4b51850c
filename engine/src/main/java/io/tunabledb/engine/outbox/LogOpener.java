package io.tunabledb.engine.outbox;

import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import java.io.IOException;

/** Where a node's outbox gets its durable log from. */
public interface LogOpener {

    /** Whether the node has such a log from before. */
    boolean isPresent();

    /** Opens it; blocks until it takes appends. */
    ShardLog open(ReplicaStateMachine stateMachine, int maxEntryBytes) throws IOException;
}
