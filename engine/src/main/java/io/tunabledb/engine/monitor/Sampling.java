package io.tunabledb.engine.monitor;

/**
 * Says which of one session's executions are timed: every {@value #EVERY}th, since reading the clock costs a point read a
 * good part of what it takes. Belongs to the session's thread, and outlives its statements: most text is executed once.
 */
public final class Sampling {
    static final int EVERY = 16;

    private int turn;

    boolean takes() {
        return ++turn % EVERY == 0;
    }
}
