package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.client.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.ConnectionEvent;
import javax.sql.ConnectionEventListener;
import javax.sql.PooledConnection;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that a pool lends: what one borrower did is not there for the next. */
class PooledConnectionTest {
    private static final String ENDLESS =
            "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000) A, SYSTEM_RANGE(1, 1000000) B WHERE A.X + B.X < 0";

    private final List<String> events = new ArrayList<>();
    private TunableDataSource source;
    private Connection keeper;

    @BeforeEach
    void open() throws SQLException {
        source = new TunableDataSource(Urls.unique() + "&consistency=LINEARIZABLE&tokenScope=connection");
        keeper = DriverManager.getConnection(source.getUrl());
        run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY)");
    }

    @AfterEach
    void close() throws SQLException {
        keeper.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void assertState(SqlCall call, String state) {
        assertThatThrownBy(call::run)
                .isInstanceOf(SQLException.class)
                .extracting("SQLState")
                .isEqualTo(state);
    }

    private interface SqlCall {
        void run() throws SQLException;
    }

    private PooledConnection pooled() throws SQLException {
        PooledConnection pooled = source.getPooledConnection();
        pooled.addConnectionEventListener(new ConnectionEventListener() {
            @Override
            public void connectionClosed(ConnectionEvent event) {
                assertThat(event.getSource()).isSameAs(pooled);
                events.add("closed");
            }

            @Override
            public void connectionErrorOccurred(ConnectionEvent event) {
                events.add(event.getSQLException().getSQLState());
            }
        });
        return pooled;
    }

    @Test
    void aSessionIsAsNewForEachBorrower() throws SQLException {
        PooledConnection pooled = pooled();
        Connection first = pooled.getConnection();
        String token = first.unwrap(TunableConnection.class).consistencyToken();
        first.setAutoCommit(false);
        first.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        first.setNetworkTimeout(Runnable::run, 30_000);
        first.setClientInfo("ApplicationName", "shop");
        run(first, "SET CONSISTENCY FOR READ = EVENTUAL");
        run(first, "SET SCHEMA INFORMATION_SCHEMA");
        run(first, "SET @X = 1");
        Statement left = first.createStatement();
        left.execute("INSERT INTO PUBLIC.T VALUES (1)");
        assertThat(left.getConnection()).isSameAs(first);
        first.close();
        first.close();
        assertThat(events).containsExactly("closed");
        assertThat(first.isClosed()).isTrue();
        assertThat(left.isClosed()).isTrue();
        assertState(first::createStatement, "08003");

        Connection second = pooled.getConnection();
        assertThat(second.getAutoCommit()).isTrue();
        assertThat(second.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
        assertThat(second.getNetworkTimeout()).isZero();
        assertThat(second.getClientInfo()).isEmpty();
        assertThat(second.getSchema()).isEqualTo("PUBLIC");
        assertThat(second.unwrap(TunableConnection.class).consistencyToken()).isEqualTo(token);
        assertThat(ask(second, "SELECT @X")).isNull();
        assertThat(ask(second, "SELECT COUNT(*) FROM T")).as("rolled back").isEqualTo("0");
        assertThat(second.unwrap(Session.class).lastReceipt().decidedBy()).isEqualTo("URL");
        second.setReadOnly(true);
        second.close();

        Connection third = pooled.getConnection();
        assertThat(third.isReadOnly()).isFalse();
        run(third, "INSERT INTO T VALUES (2)");
        pooled.close();
        assertThat(third.isClosed()).isTrue();
        assertThat(events).containsExactly("closed", "closed");
        assertState(pooled::getConnection, "08003");
        assertThat(ask(keeper, "SELECT ID FROM T")).isEqualTo("2");
    }

    @Test
    void theNextBorrowersConnectionEndsTheOneBefore() throws SQLException {
        PooledConnection pooled = pooled();
        Connection first = pooled.getConnection();
        Connection second = pooled.getConnection();
        assertThat(first.isClosed()).isTrue();
        assertThat(events).isEmpty();
        assertThat(second.isValid(5)).isTrue();
        pooled.close();
        assertThat(events).isEmpty();
    }

    @Test
    void onlyWhatBreaksTheConnectionIsAnError() throws SQLException {
        PooledConnection pooled = pooled();
        Connection connection = pooled.getConnection();
        run(connection, "INSERT INTO T VALUES (1)");
        assertState(() -> run(connection, "INSERT INTO T VALUES (1)"), "23505");
        assertThat(events).isEmpty();
        connection.setNetworkTimeout(Runnable::run, 100);
        assertState(() -> run(connection, ENDLESS), "08006");
        assertThat(events).containsExactly("08006");
        connection.close();
        assertState(pooled::getConnection, "08003");
        pooled.close();
        assertThat(events).containsExactly("08006");
    }

    @Test
    void anAbortedConnectionIsBroken() throws SQLException {
        PooledConnection pooled = pooled();
        Session session;
        try (Connection connection = pooled.getConnection()) {
            session = connection.unwrap(Session.class);
            connection.abort(Runnable::run);
        }
        assertThat(events).containsExactly("08003");
        assertThat(session.isValid(Duration.ofSeconds(5))).isFalse();
        assertState(pooled::getConnection, "08003");
        pooled.close();
    }

    @Test
    void aPoolIsBuiltOnIt() throws SQLException {
        JdbcConnectionPool pool = JdbcConnectionPool.create(source);
        pool.setMaxConnections(1);
        try {
            Session session;
            try (Connection connection = pool.getConnection()) {
                session = connection.unwrap(Session.class);
                run(connection, "SET CONSISTENCY = EVENTUAL");
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.unwrap(Session.class)).isSameAs(session);
                assertThat(session.lastReceipt()).isNull();
                assertThat(ask(connection, "SELECT COUNT(*) FROM T")).isEqualTo("0");
                assertThat(session.lastReceipt().decidedBy()).isEqualTo("URL");
            }
        } finally {
            pool.dispose();
        }
    }
}
