package io.tunabledb.engine.execute.scatter;

import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.h2.row.TemporaryTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A session's ways to write, one for each shard, made when it first writes there. */
final class WritePaths implements AutoCloseable {
    private final SessionState state;
    private final @Nullable WritePath[] paths;

    WritePaths(SessionState state) {
        this.state = state;
        this.paths = new @Nullable WritePath[state.cluster().shards()];
    }

    /** How many shards there are. */
    int shards() {
        return paths.length;
    }

    /** The session's way to write one shard. */
    WritePath at(int shard) {
        WritePath known = paths[shard];
        if (known == null) {
            known = new WritePath(state.at(shard));
            paths[shard] = known;
        }
        return known;
    }

    /** The same; null where it has never written. */
    @Nullable
    WritePath ifMade(int shard) {
        return paths[shard];
    }

    /** Those there are, the first shard's first. */
    List<WritePath> made() {
        List<WritePath> made = new ArrayList<>(paths.length);
        for (WritePath path : paths) {
            if (path != null) {
                made.add(path);
            }
        }
        return made;
    }

    /** The session's local temporary tables: they are in its storage session in shard 0. */
    List<TemporaryTable> temporaryTables() throws SQLException {
        WritePath first = paths[0];
        return first == null ? List.of() : first.temporaryTables();
    }

    /** Whether a transaction is open on a leader, or was and is lost. */
    boolean inTransaction() {
        for (WritePath path : paths) {
            if (path != null && path.inTransaction()) {
                return true;
            }
        }
        return false;
    }

    /** Why what is open in some shard is lost; null when nothing is. */
    @Nullable
    String doomed() {
        for (WritePath path : paths) {
            String lost = path == null ? null : path.doomed();
            if (lost != null) {
                return lost;
            }
        }
        return null;
    }

    /** Cancels a running statement. From any thread. */
    void cancel() {
        for (WritePath path : paths) {
            if (path != null) {
                path.cancel();
            }
        }
    }

    @Override
    public void close() {
        made().forEach(WritePath::close);
    }
}
