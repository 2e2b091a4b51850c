package io.tunabledb.engine.heap;

/** The dials of a JVM's heap, in bytes. Any thread. */
interface Gauge {
    /** How much tables and whatever else lives long may fill. */
    long capacity();

    /** What is in use of it, garbage too. */
    long used();

    /** What was still in use after the last collection of all of it. */
    long kept();

    /** Collects all of it; false when this JVM does not let itself be told to. */
    boolean collect();
}
