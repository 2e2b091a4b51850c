package io.tunabledb.engine.wire;

import java.util.concurrent.CompletableFuture;

/** A node as the wire sees it: it answers questions. Each is asked on a thread that may wait. */
public interface Answers {

    /** Answers a question. A future that is cancelled means that nobody waits for it any more. */
    CompletableFuture<byte[]> answer(byte[] question);

    /** Begins a conversation that was opened with a message. */
    Partner open(byte[] opening);
}
