package io.tunabledb.engine;

import java.sql.SQLException;

/** A running database of this JVM, shared by all sessions whose URLs name it. */
public final class Database {

    private Database() {}

    /**
     * Opens a session; the first one starts the engine, the last one's close stops it.
     *
     * @throws SQLException 22023 for an unknown property (lists the known ones), 08001 when it can't be started
     */
    public static Session connect(DatabaseUrl url) throws SQLException {
        throw new UnsupportedOperationException(url.toString());
    }
}
