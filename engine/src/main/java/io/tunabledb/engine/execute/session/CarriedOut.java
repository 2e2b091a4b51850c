package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.message.OutboxMessage;
import io.tunabledb.engine.message.OutboxMessage.Mark;
import io.tunabledb.engine.session.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** How far a shard has carried out an outbox, as far as its replicas in reach say: the first that has a write is enough. */
final class CarriedOut {
    private final ShardSession session;
    private final Token.Mark mark;

    CarriedOut(ShardSession session, Token.Mark mark) {
        this.session = session;
        this.mark = mark;
    }

    /** What the first replica says that has applied the write; null when none had by the deadline. */
    @Nullable
    Mark await(Deadline deadline) throws InterruptedException {
        Duration within = Duration.ofNanos(deadline.remainingNanos());
        CompletableFuture<@Nullable Mark> first = new CompletableFuture<>();
        List<CompletableFuture<@Nullable Mark>> all = new ArrayList<>();
        for (int node : inReach()) {
            all.add(ask(node, within).thenApply(said -> {
                if (said != null && said.upTo() >= mark.number()) {
                    first.complete(said);
                }
                return said;
            }));
        }
        var unused = CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
                .thenRun(() -> first.complete(null));
        if (all.isEmpty()) {
            Leaders.pause();
        }
        return orNull(first, deadline);
    }

    /** The highest number that any of them says; 0 when none has applied one, or nobody answers in time. */
    long upTo(Deadline deadline) {
        long most = 0;
        for (CompletableFuture<@Nullable Mark> one :
                inReach().stream().map(node -> ask(node, Duration.ZERO)).toList()) {
            try {
                Mark said = orNull(one, deadline);
                most = said == null ? most : Math.max(most, said.upTo());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return most;
            }
        }
        return most;
    }

    private List<Integer> inReach() {
        return session.running().replicas().stream()
                .map(replica -> replica.node())
                .toList();
    }

    /** Null when it does not answer: another may. */
    private CompletableFuture<@Nullable Mark> ask(int node, Duration within) {
        return Asking.ask(
                        session.state(),
                        node,
                        new OutboxMessage.Reached(session.shard(), mark.incarnation(), mark.number(), within))
                .<@Nullable Mark>handle((said, failure) -> said);
    }

    private static @Nullable Mark orNull(CompletableFuture<@Nullable Mark> said, Deadline deadline)
            throws InterruptedException {
        try {
            return deadline.await(said);
        } catch (ExecutionException | TimeoutException e) {
            return null;
        }
    }
}
