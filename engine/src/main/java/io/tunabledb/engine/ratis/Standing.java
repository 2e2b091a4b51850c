package io.tunabledb.engine.ratis;

import java.lang.reflect.Field;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a division that stands for election still does. When its vote for itself can't be written down, Ratis 3.3.0 ends
 * the thread that stands and leaves the division a candidate: it never stands again, nor follows unless somebody else is
 * elected. Nothing tells that, so private fields are read.
 */
final class Standing {
    private static final Logger LOG = LoggerFactory.getLogger(Standing.class);

    private Standing() {}

    /** Whether it is a candidate without an election. True for a moment also when one ends; ask again before believing it. */
    static boolean isAbandoned(RaftServer.Division division) {
        if (!division.getInfo().isCandidate()) {
            return false;
        }
        try {
            Object role = read(division, "role");
            Object election = role == null ? null : read(role, "leaderElection");
            Object current = election instanceof AtomicReference<?> reference ? reference.get() : null;
            return current != null
                    && read(current, "stopped") instanceof CompletableFuture<?> stopped
                    && stopped.isDone();
        } catch (ReflectiveOperationException e) {
            LOG.debug("this version of Ratis keeps its elections elsewhere", e);
            return false;
        }
    }

    private static @Nullable Object read(Object from, String name) throws ReflectiveOperationException {
        Field field = from.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(from);
    }
}
