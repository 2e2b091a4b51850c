package io.tunabledb.engine.shard.log;

/** What the home of a transaction over shards says of it. */
public sealed interface Decision {

    /** It is committed, in this epoch; every participant must commit it. */
    record Committed(long epoch) implements Decision {}

    /** It is not committed and never will be. */
    record Aborted() implements Decision {}

    /** Its coordinator is at work yet, or its decision is in the log and not committed; ask again. */
    record Undecided() implements Decision {}
}
