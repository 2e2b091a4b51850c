package io.tunabledb.engine.outbox;

import io.tunabledb.engine.h2.Replay;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The storage sessions weak writes are executed in: one for each combination of session settings, the latest few. */
final class Replays {
    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);
    private static final int MAX_SESSIONS = 8;

    private final ShardLeader leader;
    private final Map<List<String>, Replay> sessions = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable Storage storage;

    Replays(ShardLeader leader) {
        this.leader = leader;
    }

    Replay of(List<String> settings) throws SQLException {
        Storage current = leader.replica().storage();
        if (storage != current) {
            sessions.values().forEach(Replays::close);
            sessions.clear();
            storage = current;
        }
        Replay known = sessions.get(settings);
        if (known != null) {
            return known;
        }
        if (sessions.size() >= MAX_SESSIONS) {
            var eldest = sessions.values().iterator();
            close(eldest.next());
            eldest.remove();
        }
        Replay fresh = EntryExecution.open(leader, settings);
        sessions.put(settings, fresh);
        return fresh;
    }

    /** Its transaction belongs to the apply thread now; the storage closes it with itself. */
    void abandon(Replay replay) {
        sessions.values().remove(replay);
    }

    private static void close(Replay replay) {
        try {
            replay.writer().close();
        } catch (RuntimeException e) {
            LOG.trace("a replaced or stopped storage has closed it already", e);
        }
    }
}
