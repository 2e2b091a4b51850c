package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.message.OutboxMessage;
import io.tunabledb.engine.message.TokenMessage;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.session.Token;
import org.jspecify.annotations.Nullable;

/**
 * Whether a mark is of a write that an outbox acknowledged and that can still come to its shard. A shard that has carried it
 * out is the proof that it was; else only its node's outbox can tell, while it is in reach and open. What none of them can tell is
 * taken for true: a token may be of a node that is cut off, and its write may come yet.
 */
final class MarkOrigin {
    private final ShardSession session;
    private final Token.Mark mark;

    MarkOrigin(ShardSession session, Token.Mark mark) {
        this.session = session;
        this.mark = mark;
    }

    /** Why no session will ever see the mark's write; null when one has, may, or that can't be told. */
    @Nullable
    String unknown(Deadline deadline) {
        int nodes = session.cluster().nodes();
        if (mark.node() < 1 || mark.node() > nodes) {
            return "it names a write of n" + mark.node() + ", and the database has n1 to n" + nodes;
        }
        if (mark.number() < 1) {
            return "it names write number " + mark.number() + " of an outbox, and they begin with 1";
        }
        long upTo = new CarriedOut(session, mark).upTo(deadline);
        if (upTo >= mark.number() || !session.reaches(mark.node())) {
            return null;
        }
        Outbox.Standing standing = standing(deadline);
        return switch (standing) {
            case GIVEN, NOT_KNOWN -> null;
            case NEVER_GIVEN, LOST -> isCarriedOutAtTheLeader(deadline) ? null : text(standing, upTo);
        };
    }

    private Outbox.Standing standing(Deadline deadline) {
        try {
            Outbox.Standing said = Asking.orNull(
                    session.state(),
                    mark.node(),
                    new OutboxMessage.WhatOf(mark.incarnation(), mark.number()),
                    deadline);
            return said == null ? Outbox.Standing.NOT_KNOWN : said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Outbox.Standing.NOT_KNOWN;
        }
    }

    private String text(Outbox.Standing standing, long upTo) {
        String what = "write " + mark.number() + " of outbox " + Long.toHexString(mark.incarnation()) + " of n"
                + mark.node() + " ";
        String found = ": shard " + mark.shard() + " has carried out that outbox up to " + upTo + ", ";
        if (standing == Outbox.Standing.LOST) {
            return what + "is lost" + found + "and the rest of it was wiped or damaged";
        }
        return what + (upTo > 0 ? "is lost or was never accepted" : "is not known") + found + "and the outbox that n"
                + mark.node() + " has now did not give it that number";
    }

    /** True too when it can't be asked: replicas that lag must not condemn a write that others have. */
    private boolean isCarriedOutAtTheLeader(Deadline deadline) {
        int node = Router.leader(session.view());
        if (node == 0) {
            return true;
        }
        try {
            Long upTo = Asking.orNull(
                    session.state(), node, new TokenMessage.CarriedOut(session.shard(), mark.incarnation()), deadline);
            return upTo == null || upTo >= mark.number();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
