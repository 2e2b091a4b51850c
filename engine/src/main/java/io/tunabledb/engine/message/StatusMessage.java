package io.tunabledb.engine.message;

import java.util.List;

/** Asks a node how it is, for people: what schema TUNABLE shows. */
public sealed interface StatusMessage<A> extends Message<A> {

    /** Itself and its replicas at this moment. */
    record Report() implements StatusMessage<NodeReport> {}

    /** The transactions that are open or proposed at its replicas of a shard, oldest first. */
    record Transactions(int shard) implements StatusMessage<List<TransactionReport>> {}

    /** Those of several shards that are prepared there in a shard and whose end it does not know, oldest first. */
    record InDoubt(int shard) implements StatusMessage<List<io.tunabledb.engine.shard.log.InDoubt>> {}
}
