package io.tunabledb.engine.wire;

import org.jspecify.annotations.Nullable;

/** Whether anybody still wants the answer to one question. */
public final class Cancel {
    private boolean isAsked;
    private @Nullable Runnable stop;

    /** Whether nobody does any more. */
    public synchronized boolean isAsked() {
        return isAsked;
    }

    /**
     * How the work is stopped that is being done now, from when it can be; null when there is nothing to stop. It is done at
     * once when nobody waits already, and at most once; on any thread, so it must not wait.
     */
    public void stopBy(@Nullable Runnable action) {
        synchronized (this) {
            stop = isAsked ? null : action;
            if (!isAsked || action == null) {
                return;
            }
        }
        action.run();
    }

    void ask() {
        Runnable action;
        synchronized (this) {
            isAsked = true;
            action = stop;
            stop = null;
        }
        if (action != null) {
            action.run();
        }
    }
}
