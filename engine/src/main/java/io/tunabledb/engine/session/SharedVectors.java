package io.tunabledb.engine.session;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The vectors that connections of one scope share ({@code tokenScope=datasource}). One stays when its last connection is
 * closed, because the next one must see what that wrote. Bounded: of the scopes without a connection the longest unused goes
 * beyond {@value #MOST_UNUSED}, and what it had seen is then the least that every new scope begins with, so that its own
 * next connection still sees it.
 */
public final class SharedVectors {
    /** A vector is a few hundred bytes; an application has a handful of scopes, one that logs in its users one for each. */
    static final int MOST_UNUSED = 1_000;

    private final UUID database;
    private final int shards;
    private final Map<String, Scope> used = new LinkedHashMap<>();
    /** The longest unused first. */
    private final Map<String, Scope> unused = new LinkedHashMap<>();
    /** What the scopes that went had seen. */
    private final SessionVector gone;

    private static final class Scope {
        private final SessionVector vector;
        private int users;

        Scope(SessionVector vector) {
            this.vector = vector;
        }
    }

    public SharedVectors(UUID database, int shards) {
        this.database = database;
        this.shards = shards;
        this.gone = new SessionVector(database, shards);
    }

    /** The vector of a scope for one more connection; {@link #leave} must follow. */
    public synchronized SessionVector enter(String name) {
        Scope scope = used.get(name);
        if (scope == null) {
            scope = unused.remove(name);
            if (scope == null) {
                scope = new Scope(new SessionVector(database, shards));
                scope.vector.merge(gone);
            }
            used.put(name, scope);
        }
        scope.users++;
        return scope.vector;
    }

    /** A connection of the scope is closed, and raises its vector no more. */
    public synchronized void leave(String name) {
        Scope scope = used.get(name);
        if (scope == null || --scope.users > 0) {
            return;
        }
        used.remove(name);
        unused.put(name, scope);
        Iterator<Scope> oldest = unused.values().iterator();
        while (unused.size() > MOST_UNUSED) {
            gone.merge(oldest.next().vector);
            oldest.remove();
        }
    }
}
