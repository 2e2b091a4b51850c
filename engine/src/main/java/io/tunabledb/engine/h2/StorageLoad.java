package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.DefiningSessions;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.snapshot.SnapshotLoad;
import io.tunabledb.engine.h2.sql.TableName;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.Map;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;

/** Reads a snapshot into a new, empty storage. On the one thread that knows of it. */
final class StorageLoad {
    private final Storage storage;
    private final SessionLocal session;
    private final DefiningSessions defining;

    /**
     * @param session commits the ledger's rows
     * @param defining where the schema is made
     */
    StorageLoad(Storage storage, SessionLocal session, DefiningSessions defining) {
        this.storage = storage;
        this.session = session;
        this.defining = defining;
    }

    /**
     * Reads it.
     *
     * @param keepRows false to read and hash them only
     * @return the hashes of the rows that were not kept
     * @throws CorruptSnapshotException the snapshot is torn, changed, or of an unknown format
     */
    Map<TableName, String> load(InputStream in, boolean keepRows) throws IOException {
        session.lock();
        try {
            SnapshotLoad.Loaded loaded = read(in, keepRows);
            storage.sequences().restore(loaded.sequences());
            for (LedgerRow row : loaded.ledger()) {
                storage.ledger().insert(session, row);
                session.commit(false);
                storage.ledger().applied(row);
            }
            storage.advance(loaded.term(), loaded.index());
            storage.loaded();
            return loaded.hashes();
        } catch (SQLException e) {
            throw new IllegalStateException("can't grant rights, or read the settings", e);
        } finally {
            session.unlock();
        }
    }

    private SnapshotLoad.Loaded read(InputStream in, boolean keepRows) throws IOException, SQLException {
        JdbcConnection connection = defining.take();
        SessionLocal maker = H2Instance.session(connection);
        maker.lock();
        try {
            return new SnapshotLoad(storage.database(), connection, maker, keepRows).load(in);
        } finally {
            maker.unlock();
            defining.giveBack(connection);
        }
    }
}
