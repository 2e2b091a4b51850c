package io.tunabledb.engine.wire;

import java.time.Duration;

/**
 * What bounds the traffic between two nodes. Both ends have the same.
 *
 * @param maxMessageBytes the longest question or answer
 * @param maxAsks how many questions a node answers at one time; more are refused
 * @param maxConversations how many conversations others may have open with a node; more are refused
 * @param silence how long a connection may be silent before the other end is asked whether it lives
 * @param patience how long it may take to say so before the connection counts as broken
 */
public record Limits(int maxMessageBytes, int maxAsks, int maxConversations, Duration silence, Duration patience) {
    /** How many questions of one conversation may be without an answer: what either end has to keep. */
    public static final int WINDOW = 8;

    /** A byte that says of which kind a message of a conversation is, and how it begins with its number. */
    static final int FRAME_BYTES = 16;

    /** After it had no connection, another one is tried this soon, if there is something to ask. */
    static final Duration BACKOFF = Duration.ofMillis(250);

    public Limits {
        if (maxMessageBytes < 1 || maxAsks < 1 || maxConversations < 1) {
            throw new IllegalArgumentException("limits below 1");
        }
    }

    /** The usual ones, for messages of a size. */
    public static Limits of(int maxMessageBytes) {
        return new Limits(maxMessageBytes, 4_096, 16_384, Duration.ofSeconds(10), Duration.ofSeconds(5));
    }

    int maxFrameBytes() {
        return Math.addExact(maxMessageBytes, FRAME_BYTES);
    }
}
