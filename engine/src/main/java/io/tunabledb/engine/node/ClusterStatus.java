package io.tunabledb.engine.node;

import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.message.NodeReport;
import io.tunabledb.engine.message.StatusMessage;
import io.tunabledb.engine.message.TransactionReport;
import io.tunabledb.engine.shard.log.InDoubt;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every node's word on itself, for people: what it says at once, and nothing of who does not answer. */
final class ClusterStatus {
    private final Carrier carrier;
    private final int nodes;

    ClusterStatus(Carrier carrier, int nodes) {
        this.carrier = carrier;
        this.nodes = nodes;
    }

    /** Null of a node that does not answer. */
    @Nullable
    NodeReport of(int node) {
        return ask(node, new StatusMessage.Report());
    }

    /** Those that answer, in the nodes' order. */
    List<NodeReport> all() {
        return IntStream.rangeClosed(1, nodes)
                .mapToObj(this::of)
                .flatMap(Stream::ofNullable)
                .toList();
    }

    /** The transactions that are open or proposed at a node's replica of a shard. */
    List<TransactionReport> transactions(int node, int shard) {
        List<TransactionReport> there = ask(node, new StatusMessage.Transactions(shard));
        return there == null ? List.of() : there;
    }

    /** Those of several shards that are prepared there and whose end it does not know. */
    List<InDoubt> inDoubt(int node, int shard) {
        List<InDoubt> there = ask(node, new StatusMessage.InDoubt(shard));
        return there == null ? List.of() : there;
    }

    private <A> @Nullable A ask(int node, Message<A> message) {
        CompletableFuture<A> answer = carrier.ask(0, node, message);
        return answer.isDone() && !answer.isCompletedExceptionally() ? answer.join() : null;
    }
}
