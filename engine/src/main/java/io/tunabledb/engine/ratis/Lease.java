package io.tunabledb.engine.ratis;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A leader's lease (Ongaro 2014, section 6.4.1): while a majority has answered what was sent to it within the shortest
 * election timeout, none of that majority grants a pre-vote to another candidate, so nobody else leads. Holds only if
 * clocks of different nodes tick at about the same speed.
 */
final class Lease {
    /** The share of the election timeout the lease lasts; the rest is for clocks that differ a little. */
    private static final double SHARE = 0.8;

    private final int nodes;
    private final long lengthNanos;
    private final Map<Integer, Answer> answers = new ConcurrentHashMap<>();

    private record Answer(long term, long sentNanos) {}

    Lease(RatisConfig config) {
        nodes = config.nodes().size();
        lengthNanos = (long) (config.electionTimeoutMin().toNanos() * SHARE);
    }

    /** A follower has accepted, as of {@code term}, what was sent to it at {@code sentNanos}. */
    void accepted(int follower, long term, long sentNanos) {
        answers.put(follower, new Answer(term, sentNanos));
    }

    boolean holds(long term, long nowNanos) {
        int supporters = 1;
        for (Answer answer : answers.values()) {
            if (answer.term() == term && nowNanos - answer.sentNanos() < lengthNanos) {
                supporters++;
            }
        }
        return supporters > nodes / 2;
    }
}
