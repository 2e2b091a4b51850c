package io.tunabledb.engine.execute.transaction;

import io.tunabledb.engine.execute.session.LostTables;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.row.TemporaryTable;
import io.tunabledb.engine.h2.statement.BoundedCommand;
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
    /** The names of the session's local temporary tables when they were looked at last. */
    private List<String> known = List.of();

    WriterConnections(ShardSession session) {
        this.session = session;
    }

    /**
     * The writer on {@code leader}, at the session's isolation and settings.
     *
     * @throws StalePlanException the session's local temporary tables were in another one: {@link LostTables} has them now
     */
    Writer on(ShardLeader leader) throws SQLException {
        Storage current = leader.replica().storage();
        Writer usable = writer;
        if (usable == null || owner != leader || storage != current) {
            requireNothingLost();
            close();
            usable = leader.openWriter();
            session.state().settings().apply(usable.connection());
            writer = usable;
            owner = leader;
            storage = current;
        }
        if (usable.connection().getTransactionIsolation()
                != session.state().mode().effectiveIsolation()) {
            usable.isolate(session.state().mode().effectiveIsolation());
        }
        return usable;
    }

    /** The temporary tables of the storage session; none if there is no session. */
    List<TemporaryTable> temporaryTables() throws SQLException {
        Writer open = writer;
        if (open == null || open.isShut()) {
            requireNothingLost();
            return List.of();
        }
        List<TemporaryTable> tables = open.temporaryTables();
        known = tables.stream().map(table -> table.name().name()).toList();
        session.state().lostTables().found(known);
        return tables;
    }

    /** A storage session is of no use any more: what it alone had is gone. */
    private void requireNothingLost() throws SQLException {
        Writer open = writer;
        if (known.isEmpty()) {
            return;
        }
        // what ON COMMIT DROP took meanwhile is nobody's loss
        List<String> lost = open == null || open.isShut()
                ? known
                : open.temporaryTables().stream()
                        .map(table -> table.name().name())
                        .toList();
        known = List.of();
        if (!lost.isEmpty()) {
            // or they would be found there again
            close();
            String why = "they were in the memory of the leader of shard " + session.shard() + ", which is another now,"
                    + " or was rebuilt, or did not answer a commit";
            session.state().lostTables().lost(lost, why);
            throw new StalePlanException("the session's local temporary tables " + String.join(", ", lost)
                    + " are gone with their rows: " + why + "; create and fill them again");
        }
    }

    /** Drops a local temporary table of the session inside the open transaction. */
    void forgetTemporaryTable(String name) throws SQLException {
        Writer open = writer;
        if (open != null) {
            open.forgetTemporaryTable(name);
        }
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
        // whoever closes it wants nothing of what it had
        known = List.of();
        if (open != null) {
            open.close();
        }
    }
}
