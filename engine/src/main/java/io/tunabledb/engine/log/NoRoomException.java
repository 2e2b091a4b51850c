package io.tunabledb.engine.log;

import java.io.IOException;

/** A disk takes nothing: it is full, read-only or broken. */
public final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1L;

    public NoRoomException(Shortage found, IOException cause) {
        super(found.text(), cause);
    }
}
