package io.tunabledb.engine.shard.validation;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Which of a term's proposals are still on their way. They are logged in the order they begin here, and applied in that
 * order. Any thread.
 */
final class InFlight {
    private final Deque<Proposal> open = new ArrayDeque<>();
    private long last;
    private volatile long settled;

    /** One proposal, and whether it is known to be applied or never to be. */
    static final class Proposal {
        final long position;
        private boolean decided;

        private Proposal(long position) {
            this.position = position;
        }
    }

    /** The highest position up to which every proposal is applied, with its rows committed, or never will be. */
    long settled() {
        return settled;
    }

    /** The next position. */
    synchronized Proposal begin() {
        Proposal proposal = new Proposal(++last);
        open.add(proposal);
        return proposal;
    }

    /** It is applied, and with it all that were logged before. */
    synchronized void applied(Proposal proposal) {
        while (!open.isEmpty() && open.getFirst().position < proposal.position) {
            open.removeFirst();
        }
        decided(proposal);
    }

    /** It is carried out or never will be, which says nothing of those before. */
    synchronized void decided(Proposal proposal) {
        proposal.decided = true;
        while (!open.isEmpty() && open.getFirst().decided) {
            open.removeFirst();
        }
        settled = open.isEmpty() ? last : open.getFirst().position - 1;
    }
}
