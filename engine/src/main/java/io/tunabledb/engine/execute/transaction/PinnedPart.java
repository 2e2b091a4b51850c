package io.tunabledb.engine.execute.transaction;

import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.shard.cut.Pinnable;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A transaction's part in one shard, begun at its leader, whose snapshot is to be taken at a cut before its first statement. */
final class PinnedPart implements Pinnable {
    private final @Nullable ActiveTransaction held;

    /** @param held null when it could not be begun, because the replica leads no longer */
    PinnedPart(@Nullable ActiveTransaction held) {
        this.held = held;
    }

    @Override
    public void pinNow() throws SQLException {
        if (held == null || !held.enter()) {
            throw Refusals.rolledBack("the leader changed before its snapshot was taken", null);
        }
        try {
            held.writer().pinNow();
        } finally {
            held.leave();
        }
    }

    /** Its owner rolls it back, pinned or not. */
    @Override
    public void unpin() {}

    @Override
    public void releaseUnpinned() {}
}
