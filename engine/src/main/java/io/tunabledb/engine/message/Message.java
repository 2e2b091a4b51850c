package io.tunabledb.engine.message;

import java.time.Duration;

/**
 * What one node asks of another: a value, that {@link io.tunabledb.engine.codec.Form} can write to bytes. It holds nothing
 * that is alive (no connection, no callback, no replica), and time as what is left of it, so that it means the same in
 * another process.
 *
 * @param <A> what it is answered with, a value as well
 */
public sealed interface Message<A>
        permits StatusMessage,
                LockMessage,
                TransactionMessage,
                CutMessage,
                OutboxMessage,
                CheckMessage,
                OutcomeMessage,
                SchemaMessage,
                TokenMessage,
                ReadMessage {
    /** How long an answer may take to what has no time of its own. */
    Duration USUAL = Duration.ofSeconds(30);

    /** How long the answer may take, from when it is asked. */
    default Duration within() {
        return USUAL;
    }
}
