package io.tunabledb.engine.message;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * Moves messages to the node that is to answer them, and the answers back. It may lose either, and then says so: what was
 * asked may have been done. Nodes are numbered from 1; 0 asks for a session that is next to all of them.
 */
public interface Carrier {

    /**
     * Asks without waiting.
     *
     * @return fails with an {@link IOException} when the question or its answer was lost, with the handler's own exception
     *     when that failed
     */
    <A> CompletableFuture<A> ask(int from, int to, Message<A> message);

    /**
     * Asks and waits for as long as the message itself says.
     *
     * @throws IOException the question or its answer was lost
     */
    <A> A call(int from, int to, Message<A> message) throws IOException;
}
