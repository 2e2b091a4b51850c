package io.tunabledb.jdbc.connection;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.session.ClientInfo;
import io.tunabledb.jdbc.session.SharedSession;
import io.tunabledb.jdbc.statement.Cursor;
import java.sql.ClientInfoStatus;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a connection keeps on the client's side: settings of JDBC that the session behind it knows nothing of. */
abstract class ClientConnection extends PreparingConnection {

    private final SharedSession shared;
    private final ClientInfo clientInfo = new ClientInfo();
    private int holdability = ResultSet.HOLD_CURSORS_OVER_COMMIT;

    ClientConnection(SharedSession shared) {
        this.shared = shared;
    }

    /** What statements are executed in. */
    public final SharedSession shared() {
        return shared;
    }

    /** Always null: warnings are about statements, and are found there. */
    @Override
    public @Nullable SQLWarning getWarnings() throws SQLException {
        shared.session();
        return null;
    }

    @Override
    public void clearWarnings() throws SQLException {
        shared.session();
    }

    @Override
    public int getHoldability() throws SQLException {
        shared.session();
        return holdability;
    }

    @Override
    public void setHoldability(int holdability) throws SQLException {
        shared.session();
        Cursor.requireHoldability(holdability);
        this.holdability = holdability;
    }

    @Override
    public int getNetworkTimeout() throws SQLException {
        shared.session();
        return shared.timeout().millis();
    }

    /**
     * From now on no call waits longer for the database, whatever it waits for: a majority, a replica, a row's lock or a
     * long query. One that would closes the connection. It fails with 08006 and never takes effect, or with 08007 when it
     * was proposed before, and then may. 0, as at first, is no limit but those of the statement. The executor is not
     * needed.
     */
    @Override
    public void setNetworkTimeout(Executor executor, int milliseconds) throws SQLException {
        shared.session();
        if (milliseconds < 0) {
            throw Misuse.invalid("milliseconds", milliseconds);
        }
        shared.timeout().set(milliseconds);
    }

    @Override
    public @Nullable String getClientInfo(@Nullable String name) throws SQLException {
        shared.session();
        return clientInfo.get(name);
    }

    @Override
    public Properties getClientInfo() throws SQLException {
        shared.session();
        return clientInfo.all();
    }

    @Override
    public void setClientInfo(@Nullable String name, @Nullable String value) throws SQLClientInfoException {
        requireOpenForInfo(name);
        clientInfo.set(name, value);
    }

    @Override
    public void setClientInfo(Properties properties) throws SQLClientInfoException {
        requireOpenForInfo("");
        clientInfo.set(properties);
    }

    /** What the user has said of himself; of a closed connection too. */
    ClientInfo clientInfo() {
        return clientInfo;
    }

    private void requireOpenForInfo(@Nullable String name) throws SQLClientInfoException {
        if (shared.isClosed()) {
            throw new SQLClientInfoException(
                    "The connection is closed",
                    SqlState.CONNECTION_CLOSED.code(),
                    Map.of(String.valueOf(name), ClientInfoStatus.REASON_UNKNOWN));
        }
    }
}
