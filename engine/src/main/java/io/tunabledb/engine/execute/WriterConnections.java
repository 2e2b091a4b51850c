package io.tunabledb.engine.execute;

import io.tunabledb.engine.h2.BoundedCommand;
import io.tunabledb.engine.h2.OwnDefinitions;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.TemporaryTable;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The one storage session a client session writes through; a new one whenever the leader or its storage is another. */
final class WriterConnections implements AutoCloseable {
    private final ShardSession session;
    private @Nullable Writer writer;
    private @Nullable ShardLeader owner;
    private @Nullable Storage storage;

    WriterConnections(ShardSession session) {
        this.session = session;
    }

    /** The writer on {@code leader}, at the session's isolation and settings. */
    Writer on(ShardLeader leader) throws SQLException {
        Storage current = leader.replica().storage();
        Writer usable = writer;
        if (usable == null || owner != leader || storage != current) {
            close();
            usable = leader.openWriter();
            session.state().applySettings(usable.connection());
            writer = usable;
            owner = leader;
            storage = current;
        }
        if (usable.connection().getTransactionIsolation() != session.state().effectiveIsolation()) {
            usable.isolate(session.state().effectiveIsolation());
        }
        return usable;
    }

    /** The temporary tables of the storage session; none if there is no session. */
    List<TemporaryTable> temporaryTables() throws SQLException {
        Writer open = writer;
        return open == null ? List.of() : open.temporaryTables();
    }

    /** Whether a definition of the session's own leaves the open transaction open. */
    boolean keepsTransaction(Query query) throws SQLException {
        Writer open = writer;
        return open != null && OwnDefinitions.keepsTransaction(query.plannedOn(open));
    }

    /** Whether a text drops an index of the session's own. */
    boolean dropsOwnIndex(String sql) throws SQLException {
        Writer open = writer;
        return open != null && open.dropsOwnIndex(sql);
    }

    /** Gives up a writer whose transaction was proposed and not answered. */
    void abandon(ShardLeader leader) {
        Writer open = writer;
        if (owner == leader && open != null) {
            open.abandon();
            writer = null;
            owner = null;
            storage = null;
        }
    }

    /**
     * @param isIdle whether no transaction of the session is open
     */
    void applySetting(String text, boolean isIdle) throws SQLException {
        Writer open = writer;
        ShardLeader at = owner;
        if (open != null && at != null && storage == at.replica().storage()) {
            BoundedCommand.execute(open.connection(), text);
            if (isIdle) {
                open.endSettings();
            }
        }
    }

    @Override
    public void close() {
        Writer open = writer;
        writer = null;
        owner = null;
        storage = null;
        if (open != null) {
            open.close();
        }
    }
}
