package io.tunabledb.engine.execute.outbox;

import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.h2.catalog.RejectedWrite;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A session's hold on the weak writes that were rejected, in whichever shard: their ids say where they are. */
public final class RejectedWrites {
    private final SessionState state;

    public RejectedWrites(SessionState state) {
        this.state = state;
    }

    /** The ids of those that are there now, as each shard's leader knows them. */
    public List<Long> ids() throws SQLException {
        List<Long> ids = new ArrayList<>();
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            ids.addAll(new RejectedPath(state.at(shard)).ids());
        }
        return ids;
    }

    /**
     * Executes one again where it was rejected, as of the time it was accepted, and forgets it.
     *
     * @return how many rows it changed
     * @throws SQLException what it fails with, and then it stays; 22023 when there is none of that id
     */
    public long retry(long id) throws SQLException {
        return at(id).retry(id);
    }

    /** Forgets one. */
    public void dismiss(long id) throws SQLException {
        at(id).dismiss(id);
    }

    private RejectedPath at(long id) {
        int shard = RejectedWrite.shardOf(id, state.cluster().shards());
        return new RejectedPath(state.at(shard));
    }
}
