package io.tunabledb.jdbc;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.monitor.SlaMonitor;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A connection to a TunableDB database: {@code connection.unwrap(TunableConnection.class)}. Its session
 * remembers what it has seen and written until it is closed.
 */
public interface TunableConnection extends Connection {

    /**
     * What this session has seen and written, as an opaque string: hand it to another session, which then is
     * not served anything older. The same as {@code SHOW CONSISTENCY TOKEN}.
     *
     * @throws SQLException 08003 when this is closed
     */
    String consistencyToken() throws SQLException;

    /**
     * Merges a token into this session, as {@code SET CONSISTENCY TOKEN} does: from now on it counts as
     * having seen and written what the token's session had.
     *
     * @throws SQLException TC004 when the token is torn, of another database, or from the future of a
     *     restored one; 08003 when this is closed
     */
    void useConsistencyToken(String token) throws SQLException;

    /**
     * The nodes of this database that run in this JVM: to look at, to cut off and to heal.
     *
     * @throws SQLException 08003 when this is closed
     */
    EmbeddedCluster cluster() throws SQLException;

    /**
     * How this database keeps its promises: counts, times, audits, and listeners for promises that were not kept. The
     * same as schema TUNABLE shows to SQL.
     *
     * @throws SQLException 08003 when this is closed
     */
    SlaMonitor sla() throws SQLException;
}
