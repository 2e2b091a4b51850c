package io.tunabledb.engine.net;

import java.io.IOException;

/** A message did not arrive: the link it had to take is cut. */
public final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreachableException(int from, int to) {
        super("node " + from + " cannot reach node " + to + ": the link is cut");
    }
}
