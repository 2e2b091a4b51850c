package io.tunabledb.engine.peer;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.message.News;
import io.tunabledb.engine.message.TransactionMessage;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Decisions;
import io.tunabledb.engine.shard.log.TransactionId;
import java.util.concurrent.CompletableFuture;

/** The way from one shard's leader to another's. */
public final class LeaderDecisions implements Decisions {
    private final Carrier carrier;
    private final News news;

    public LeaderDecisions(Carrier carrier, News news) {
        this.carrier = carrier;
        this.news = news;
    }

    @Override
    public CompletableFuture<Decision> ask(int from, int home, TransactionId transaction) {
        return send(from, home, new TransactionMessage.AskDecision(home, transaction));
    }

    @Override
    public CompletableFuture<LogPosition> tell(int from, int shard, TransactionId transaction, long epoch) {
        return send(from, shard, new TransactionMessage.Finish(shard, transaction, epoch));
    }

    private <A> CompletableFuture<A> send(int from, int shard, Message<A> message) {
        try {
            int to = news.leader(from, shard);
            return to == 0
                    ? CompletableFuture.failedFuture(
                            new NotLeaderException("no leader of shard " + shard + " is in reach of n" + from))
                    : carrier.ask(from, to, message);
        } catch (RuntimeException e) {
            // a replica that is being stopped closes under the question; who asks must see it end, or would never ask
            // again
            return CompletableFuture.failedFuture(e);
        }
    }
}
