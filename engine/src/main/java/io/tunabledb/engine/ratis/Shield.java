package io.tunabledb.engine.ratis;

import io.tunabledb.engine.net.Network.Call;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a thread's interrupts out of what it runs for a peer. Ratis interrupts an appender's thread to stop it; in one
 * JVM that thread may be in the middle of the peer's work just then, writing the peer's vote to disk.
 */
final class Shield {
    private boolean inside;
    private @Nullable Runnable postponed;

    /** Runs a call that is not to be interrupted. */
    <T> T run(Call<T> call) throws IOException {
        synchronized (this) {
            inside = true;
        }
        boolean interrupted = Thread.interrupted();
        try {
            return call.run();
        } finally {
            Runnable stop;
            synchronized (this) {
                inside = false;
                stop = postponed;
                postponed = null;
            }
            if (stop != null) {
                stop.run();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Runs something that interrupts the thread: now, or by that thread itself when it comes out of its call. */
    synchronized void interruptOutside(Runnable interrupting) {
        if (inside) {
            postponed = interrupting;
        } else {
            interrupting.run();
        }
    }
}
