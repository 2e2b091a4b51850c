package io.tunabledb.engine.peer;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.News;
import io.tunabledb.engine.message.OutboxMessage;
import io.tunabledb.engine.outbox.Batch;
import io.tunabledb.engine.outbox.Delivery;
import io.tunabledb.engine.outbox.Reply;
import java.io.IOException;
import java.time.Duration;

/** Weak writes' way to their shard's leader. */
public final class LeaderDelivery implements Delivery {
    private final Carrier carrier;
    private final News news;
    private final int shards;

    public LeaderDelivery(Carrier carrier, News news, int shards) {
        this.carrier = carrier;
        this.news = news;
        this.shards = shards;
    }

    @Override
    public int shards() {
        return shards;
    }

    @Override
    public boolean hasLeader(int node, int shard) {
        return news.leader(node, shard) != 0;
    }

    @Override
    public Reply deliver(Batch batch, Deadline deadline) throws IOException {
        int to = news.leader(batch.node(), batch.shard());
        if (to == 0) {
            return new Reply.Again("no leader of shard " + batch.shard() + " is in reach", false);
        }
        Duration left = Duration.ofNanos(deadline.remainingNanos());
        return carrier.call(batch.node(), to, new OutboxMessage.CarryOut(batch, left));
    }
}
