package io.tunabledb.engine.execute.serve;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.message.ReadMessage.Answer;
import io.tunabledb.engine.message.ReadMessage.CloseRows;
import io.tunabledb.engine.message.ReadMessage.Execute;
import io.tunabledb.engine.message.ReadMessage.NextPage;
import io.tunabledb.engine.message.ReadMessage.Page;
import io.tunabledb.engine.message.ReadMessage.Side;
import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What sessions that sit elsewhere read at a node: of its own replicas. What a session leaves behind there, because it went
 * without a word or its word was lost, is let go when it was not used for a while.
 */
public final class ServedReads {
    /** Longer than an application thinks between two pages. */
    private static final Duration LEASE = Duration.ofMinutes(5);

    private static final int MOST_ROWS = 4_096;

    private final List<Replica> replicas;
    private final Map<Side, ServedSide> sides = new ConcurrentHashMap<>();
    private final OpenRows.Limit limit = OpenRows.Limit.of(MOST_ROWS);
    private final ScheduledExecutorService scheduler;
    private final AtomicBoolean isLooking = new AtomicBoolean();

    /** @param replicas the node's, in the shards' order */
    public ServedReads(List<Replica> replicas, ScheduledExecutorService scheduler) {
        this.replicas = replicas;
        this.scheduler = scheduler;
    }

    /** Waits for the read's condition, and reads. */
    public Answer execute(Execute asked) throws InterruptedException {
        lookLater();
        while (true) {
            ServedSide side = sides.computeIfAbsent(asked.by(), by -> new ServedSide(replicas.get(by.shard()), limit));
            Answer answer = side.execute(asked);
            if (answer != null) {
                return answer;
            }
            sides.remove(asked.by(), side);
        }
    }

    /**
     * The next page of a result.
     *
     * @throws SQLException 40001: the rest of it is no longer there
     */
    public Page next(NextPage asked) throws SQLException {
        ServedSide side = sides.get(asked.by());
        String node = replicas.get(asked.by().shard()).nodeName();
        Page found;
        try {
            found = side == null ? null : side.next(asked.number(), asked.page());
        } catch (SQLException e) {
            // large objects are read when their page is
            throw SqlErrors.isOfClosedStorage(e) ? gone(node, "since its storage was closed or replaced", e) : e;
        }
        if (found == null) {
            throw gone(node, "as after a restart or a long pause", null);
        }
        return found;
    }

    /** The error of who asks for rows that are lost. */
    public static SQLException gone(String node, String why, @Nullable Exception cause) {
        return Errors.of(
                SqlState.RETRY_TRANSACTION,
                "the rest of the rows can't be had: " + node + ", which has read them, no longer holds them, " + why
                        + "; run the query again",
                cause);
    }

    /** Lets go of the rest of a result. */
    public void close(CloseRows asked) {
        ServedSide side = sides.get(asked.by());
        if (side != null) {
            side.closeRows(asked.number());
        }
    }

    /** Lets go of a snapshot that was kept. */
    public void unpin(Side by) throws SQLException {
        ServedSide side = sides.get(by);
        if (side != null) {
            side.unpin();
        }
    }

    /** Ends what a session waits for no longer. */
    public void cancel(Side by, long number) {
        ServedSide side = sides.get(by);
        if (side != null) {
            side.cancel(number);
        }
    }

    /** A session reads here no more. */
    public void leave(long session) {
        for (Replica replica : replicas) {
            ServedSide side = sides.remove(new Side(session, replica.shard()));
            if (side != null) {
                side.leave();
            }
        }
    }

    /** How many sides there are. */
    public int sides() {
        return sides.size();
    }

    private void lookLater() {
        if (isLooking.compareAndSet(false, true)) {
            var unused = scheduler.schedule(this::look, LEASE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void look() {
        endUnused(LEASE);
        isLooking.set(false);
        if (!sides.isEmpty()) {
            lookLater();
        }
    }

    /** Lets go of what was not used for so long. */
    void endUnused(Duration since) {
        sides.values().removeIf(side -> side.endIfUnused(since.toNanos()));
    }
}
