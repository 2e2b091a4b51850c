package io.tunabledb.engine.shard;

import io.tunabledb.engine.log.NotLeaderException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Whose turn it is to change the schema: one at a time, in the order in which they asked. The first shard's leader gives turns,
 * in its term; the next leader begins without any, so what is done in a turn must not count any more when the term is over. The
 * first shard's log sees to that by itself (an entry of an earlier term is void); the other shards' entries have the turn's term with
 * them, and each shard refuses those that are older than the newest it has seen ({@link
 * io.tunabledb.engine.h2.ddl.change.SchemaChange#inTurn}).
 */
public final class SchemaTurns {
    /** The answer to who does not want to wait. */
    public static final long TAKEN = 0;

    /** More would only time out, one after the other. */
    private static final int MOST_WAITING = 10_000;

    private final LongSupplier leadingTerm;
    /** All guarded by this: of this term, 0 before the first. */
    private long term;
    /** Whose turn it is; 0 when it is free. */
    private long holder;

    private final Map<Long, CompletableFuture<Long>> waiting = new LinkedHashMap<>();

    /**
     * @param leadingTerm the term in which this replica leads, with everything of earlier ones applied; 0 while it does not
     */
    SchemaTurns(LongSupplier leadingTerm) {
        this.leadingTerm = leadingTerm;
    }

    /**
     * Asks for a turn; who asks again stays in its place.
     *
     * @param owner whose it will be: a number that no other session has
     * @param isPatient whether to wait for those before
     * @return the term in which it is the owner's turn, {@link #TAKEN} at once for who is not patient; fails with {@link
     *     NotLeaderException} when this replica does not lead
     */
    public CompletableFuture<Long> take(long owner, boolean isPatient) {
        List<CompletableFuture<Long>> outdated;
        CompletableFuture<Long> answer;
        synchronized (this) {
            outdated = lookAtTerm();
            if (term == 0) {
                answer = CompletableFuture.failedFuture(notLeading());
            } else if (holder == 0 || holder == owner) {
                holder = owner;
                answer = CompletableFuture.completedFuture(term);
            } else if (!isPatient) {
                answer = CompletableFuture.completedFuture(TAKEN);
            } else if (waiting.size() >= MOST_WAITING && !waiting.containsKey(owner)) {
                answer = CompletableFuture.failedFuture(
                        new NotLeaderException(MOST_WAITING + " others wait for their turn to change the schema"));
            } else {
                answer = waiting.computeIfAbsent(owner, any -> new CompletableFuture<>());
            }
        }
        // not inside: sessions that wait go on from here
        outdated.forEach(asked -> asked.completeExceptionally(notLeading()));
        return answer;
    }

    /** The owner is done, or waits no longer. May be repeated. */
    public void giveBack(long owner) {
        CompletableFuture<Long> next = null;
        long now;
        synchronized (this) {
            now = term;
            waiting.remove(owner);
            if (holder == owner) {
                holder = 0;
                var first = waiting.entrySet().iterator();
                if (first.hasNext()) {
                    Map.Entry<Long, CompletableFuture<Long>> one = first.next();
                    holder = one.getKey();
                    next = one.getValue();
                    first.remove();
                }
            }
        }
        if (next != null) {
            next.complete(now);
        }
    }

    /** Whether it is the owner's turn in the term that this replica leads now. */
    public boolean isHeldBy(long owner) {
        List<CompletableFuture<Long>> outdated;
        boolean isHeld;
        synchronized (this) {
            outdated = lookAtTerm();
            isHeld = holder == owner;
        }
        outdated.forEach(asked -> asked.completeExceptionally(notLeading()));
        return isHeld;
    }

    /** Those who waited in a term that is over. Guarded by this. */
    private List<CompletableFuture<Long>> lookAtTerm() {
        long now = leadingTerm.getAsLong();
        if (now == term) {
            return List.of();
        }
        term = now;
        holder = 0;
        List<CompletableFuture<Long>> outdated = List.copyOf(waiting.values());
        waiting.clear();
        return outdated;
    }

    private static NotLeaderException notLeading() {
        return new NotLeaderException("this replica does not lead the first shard");
    }
}
