package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.api.PrivateField;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.h2.jdbc.JdbcConnection;
import org.h2.util.CloseWatcher;

/**
 * What H2 remembers, for the whole JVM, of one database's connections until each is closed: a connection that was not
 * closed keeps its database's rows until it is garbage and another connection is opened. Where memory ended in the
 * middle of something, a connection may be left like that, and with the heap full no other is opened.
 */
final class Watchers {
    /** H2 offers no other way to it. */
    private static final PrivateField OF_CONNECTION = PrivateField.of(JdbcConnection.class, "watcher");

    /** Those of closed connections go by themselves. Guarded by itself. */
    private final Set<CloseWatcher> all = Collections.newSetFromMap(new WeakHashMap<>());
    /** Guarded by {@link #all}. */
    private boolean isForgotten;

    /** A connection of the database is open. */
    JdbcConnection opened(JdbcConnection connection) {
        CloseWatcher watcher = OF_CONNECTION.get(connection, CloseWatcher.class);
        synchronized (all) {
            if (isForgotten) {
                CloseWatcher.unregister(watcher);
            } else {
                all.add(watcher);
            }
        }
        return connection;
    }

    /** The database is shut down: code that still has a connection keeps it, and nothing else does. */
    void forget() {
        List<CloseWatcher> left;
        synchronized (all) {
            isForgotten = true;
            left = new ArrayList<>(all);
            all.clear();
        }
        left.forEach(CloseWatcher::unregister);
    }
}
