package io.tunabledb.engine.shard.apply;

/** A replica's queries and pinned snapshots, as far as what is applied has to wait for them or end them. By the apply thread. */
public interface Readers {

    /** No query is inside any more, and no snapshot is pinned, but what could not be ended and whose result is discarded. */
    void closeForDefinition();

    /** For another storage: queries that do not end are evicted, and end with the storage they are in. */
    void closeForRestore();

    /** They may come in again. */
    void open();
}
