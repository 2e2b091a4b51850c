package io.tunabledb.engine.wire;

/** Where the nodes of a database listen, and where each reaches the others: the same place, unless something is in between. */
public interface Addresses {

    /** Where a node listens. */
    Endpoint listens(int node);

    /** Where {@code from} finds {@code to}. */
    Endpoint reached(int from, int to);
}
