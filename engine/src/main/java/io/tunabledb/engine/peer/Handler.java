package io.tunabledb.engine.peer;

import io.tunabledb.engine.message.Message;
import java.util.concurrent.CompletableFuture;

/** Answers one kind of message at the node that was asked. May fail its future, or throw. */
@FunctionalInterface
interface Handler<M extends Message<A>, A> {
    CompletableFuture<A> answer(Member here, M message) throws Exception;
}
