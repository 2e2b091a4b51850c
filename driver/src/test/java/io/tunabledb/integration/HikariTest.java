package io.tunabledb.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tunabledb.jdbc.TunableConnection;
import io.tunabledb.jdbc.TunableStatement;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HikariCP in front: nothing leaks between borrowers, and it throws away what is broken and only that. */
class HikariTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1 ";

    private static LaggingCluster cluster;

    @BeforeAll
    static void start() throws SQLException {
        cluster = LaggingCluster.start("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 1)");
    }

    @AfterEach
    void heal() throws IOException {
        cluster.heal();
    }

    @AfterAll
    static void stop() throws SQLException {
        cluster.close();
    }

    private static HikariDataSource pool(int size, String properties) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(cluster.url() + properties);
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }

    private static int read(Connection connection, String consistency) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(READ + consistency)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static TunableConnection physical(Connection borrowed) throws SQLException {
        return borrowed.unwrap(TunableConnection.class);
    }

    @Test
    void aLevelTakesEffectThroughThePool() throws SQLException {
        cluster.run("UPDATE T SET V = 1");
        try (HikariDataSource pool = pool(2, "");
                Connection connection = pool.getConnection()) {
            cluster.lag("UPDATE T SET V = 2");
            assertThat(read(connection, "WITH CONSISTENCY EVENTUAL")).isEqualTo(1);
            assertThat(read(connection, "WITH CONSISTENCY LINEARIZABLE")).isEqualTo(2);
        }
    }

    @Test
    void aReceiptIsReachedThroughThePoolsStatement() throws SQLException {
        try (HikariDataSource pool = pool(1, "");
                Connection connection = pool.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement(READ + "WITH CONSISTENCY BOUNDED_STALENESS (5 SECONDS)")) {
            statement.executeQuery();
            assertThat(statement.unwrap(TunableStatement.class).receipt().granted())
                    .hasToString("BOUNDED_STALENESS (5 SECONDS)");
        }
    }

    @Test
    void nothingThatABorrowerSetIsThereForTheNext() throws SQLException {
        try (HikariDataSource pool = pool(1, "&tokenScope=connection")) {
            TunableConnection first;
            String defaults;
            String token;
            try (Connection connection = pool.getConnection()) {
                first = physical(connection);
                token = physical(connection).consistencyToken();
                defaults = settings(connection);
                run(connection, "CREATE SCHEMA IF NOT EXISTS OTHER");
                run(connection, "SET CONSISTENCY FOR READ = EVENTUAL");
                run(connection, "SET CONSISTENCY FOR WRITE = LINEARIZABLE");
                run(connection, "SET SCHEMA OTHER");
                run(connection, "SET @X = 7");
                run(connection, "CREATE LOCAL TEMPORARY TABLE MINE(ID INT)");
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                run(connection, "SET TRANSACTION CONSISTENCY SNAPSHOT");
                run(connection, "UPDATE PUBLIC.T SET V = 99");
                assertThat(settings(connection)).isNotEqualTo(defaults);
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(physical(connection)).as("the same connection").isSameAs(first);
                assertThat(physical(connection).consistencyToken()).isEqualTo(token);
                assertThat(settings(connection)).isEqualTo(defaults);
                assertThat(connection.getAutoCommit()).isTrue();
                assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
                assertThat(read(connection, "")).as("rolled back").isNotEqualTo(99);
                assertThatThrownBy(() -> run(connection, "SELECT * FROM MINE"))
                        .extracting("SQLState")
                        .asString()
                        .startsWith("42S");
            }
        }
    }

    @Test
    void whatThePoolIsConfiguredWithStays() throws SQLException {
        cluster.run("CREATE SCHEMA IF NOT EXISTS OTHER");
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(cluster.url());
        config.setMaximumPoolSize(1);
        config.setSchema("OTHER");
        config.setAutoCommit(false);
        config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            for (int borrower = 0; borrower < 3; borrower++) {
                try (Connection connection = pool.getConnection()) {
                    assertThat(settings(connection)).as("borrower %d", borrower).endsWith("OTHER null ");
                    assertThat(physical(connection).getAutoCommit()).isFalse();
                    assertThat(physical(connection).getTransactionIsolation())
                            .isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
                    run(connection, "SET SCHEMA PUBLIC");
                    run(connection, "SET AUTOCOMMIT ON");
                    run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED");
                }
            }
        }
    }

    @Test
    void whatTheFirstBorrowerFindsEveryOneFinds() throws SQLException {
        cluster.run("CREATE SCHEMA IF NOT EXISTS OTHER");
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(cluster.url());
        config.setMaximumPoolSize(1);
        config.setConnectionInitSql("SET SCHEMA OTHER; SET @X = 42; SET CONSISTENCY FOR READ = EVENTUAL;"
                + "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            String first = null;
            for (int borrower = 0; borrower < 3; borrower++) {
                try (Connection connection = pool.getConnection()) {
                    String found = settings(connection);
                    first = first == null ? found : first;
                    assertThat(found)
                            .as("borrower %d", borrower)
                            .endsWith("OTHER 42 ")
                            .contains("EVENTUAL");
                    assertThat(found).isEqualTo(first);
                    assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
                    assertThat(connection.getClientInfo()).isEmpty();
                    run(connection, "SET SCHEMA PUBLIC");
                    run(connection, "SET @X = 43");
                    run(connection, "SET CONSISTENCY FOR READ = LINEARIZABLE");
                    run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED");
                    connection.setClientInfo("ApplicationName", "payroll");
                }
            }
        }
    }

    /** What SQL tells of the session. */
    private static String settings(Connection connection) throws SQLException {
        StringBuilder all = new StringBuilder();
        for (String sql : new String[] {"SHOW CONSISTENCY", "SELECT CURRENT_SCHEMA, @X"}) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        all.append(rows.getString(i)).append(' ');
                    }
                }
            }
        }
        return all.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection", "datasource", ""})
    void onlyATokenThatThePoolSharesKeepsReadYourWriteAcrossBorrowers(String scope) throws SQLException {
        cluster.run("UPDATE T SET V = 1");
        try (HikariDataSource pool = pool(2, scope.isEmpty() ? "" : "&tokenScope=" + scope)) {
            try (Connection connection = pool.getConnection()) {
                cluster.lagAfter(() -> run(connection, "UPDATE T SET V = 2"));
                assertNotServed(connection);
            }
            for (int i = 0; i < 2; i++) {
                try (Connection connection = pool.getConnection();
                        Connection other = pool.getConnection()) {
                    assertThat(read(connection, "WITH CONSISTENCY EVENTUAL")).isEqualTo(1);
                    if (!scope.equals("connection")) {
                        assertNotServed(connection);
                        assertNotServed(other);
                    } else {
                        assertThat(read(connection, "WITH CONSISTENCY READ_YOUR_WRITE"))
                                .as("another borrower's write")
                                .isEqualTo(1);
                    }
                }
            }
        }
    }

    private static void assertNotServed(Connection connection) {
        assertThatThrownBy(() -> read(connection, "WITH CONSISTENCY READ_YOUR_WRITE WITHIN 100 MS"))
                .extracting("SQLState")
                .isEqualTo("TC001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TC001", "TC004", "TC005", "40001", "42S02", "23505", "HYC00"})
    void whatIsOnlyRefusedIsNotEvicted(String state) throws SQLException, IOException {
        try (HikariDataSource pool = pool(1, "")) {
            TunableConnection first;
            try (Connection connection = pool.getConnection()) {
                first = physical(connection);
                assertThatThrownBy(() -> fail(connection, state))
                        .isInstanceOf(SQLException.class)
                        .extracting("SQLState")
                        .isEqualTo(state);
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                cluster.heal();
                assertThat(read(connection, "WITH CONSISTENCY LINEARIZABLE")).isPositive();
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(physical(connection)).isSameAs(first);
            }
        }
    }

    private static void fail(Connection connection, String state) throws SQLException {
        switch (state) {
            case "TC001" -> {
                cluster.lag("UPDATE T SET V = V");
                cluster.nodes().isolate(3);
                run(connection, READ + "WITH CONSISTENCY BOUNDED_STALENESS (1 MS) WITHIN 100 MS");
            }
            case "TC004" -> run(connection, "SET CONSISTENCY TOKEN 'torn'");
            case "TC005" -> run(connection, "SHUTDOWN");
            case "40001" -> {
                connection.setAutoCommit(false);
                run(connection, "UPDATE T SET V = V WHERE ID = 1");
                // a schema change waits its grace, then rolls back what is in its way
                cluster.run("ALTER TABLE T ADD COLUMN IF NOT EXISTS W INT");
                connection.commit();
            }
            case "42S02" -> run(connection, "SELECT * FROM NO_SUCH_TABLE");
            case "23505" -> run(connection, "INSERT INTO T(ID, V) VALUES (1, 1)");
            case "HYC00" -> connection.createStruct("S", new Object[0]);
            default -> throw new AssertionError(state);
        }
    }

    @Test
    void aConnectionThatReachesNobodyIsEvictedAndThePoolRecoversAfterwards() throws SQLException, IOException {
        try (HikariDataSource pool = pool(1, "")) {
            TunableConnection first;
            try (Connection connection = pool.getConnection()) {
                first = physical(connection);
                for (int node = 1; node <= 3; node++) {
                    cluster.nodes().kill(node);
                }
                assertThatThrownBy(() -> read(connection, "WITH CONSISTENCY EVENTUAL"))
                        .extracting("SQLState")
                        .isEqualTo("08001");
            }
            for (int node = 1; node <= 3; node++) {
                cluster.nodes().restart(node);
            }
            cluster.heal();
            assertThat(first.isClosed()).isTrue();
            try (Connection connection = pool.getConnection()) {
                assertThat(physical(connection)).isNotSameAs(first);
                assertThat(read(connection, "WITH CONSISTENCY LINEARIZABLE")).isPositive();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "08007"})
    void aConnectionWhoseRequestHadNoReplyIsEvicted(String state) throws SQLException, IOException {
        try (HikariDataSource pool = pool(1, "&consistencyTimeout=" + (state.equals("08006") ? 30_000 : 200))) {
            TunableConnection first;
            try (Connection connection = pool.getConnection()) {
                first = physical(connection);
                connection.setAutoCommit(false);
                run(connection, "UPDATE T SET V = V + 1");
                if (state.equals("08006")) {
                    connection.setNetworkTimeout(Runnable::run, 200);
                }
                for (int node = 1; node <= 3; node++) {
                    cluster.nodes().isolate(node);
                }
                // what was proposed has an outcome, which nobody knows yet; what only reads had no reply
                ThrowingCallable request = state.equals("08007")
                        ? connection::commit
                        : () -> {
                            connection.rollback();
                            read(connection, "WITH CONSISTENCY LINEARIZABLE");
                        };
                assertThatThrownBy(request).extracting("SQLState").isEqualTo(state);
            }
            cluster.heal();
            assertThat(first.isClosed()).isTrue();
            try (Connection connection = pool.getConnection()) {
                assertThat(physical(connection)).isNotSameAs(first);
                assertThat(connection.getNetworkTimeout()).isZero();
                assertThat(read(connection, "WITH CONSISTENCY LINEARIZABLE")).isPositive();
            }
        }
    }

    @Test
    void aNetworkTimeoutEndsWithTheLoan() throws SQLException {
        try (HikariDataSource pool = pool(1, "")) {
            TunableConnection first;
            try (Connection connection = pool.getConnection()) {
                first = physical(connection);
                connection.setNetworkTimeout(Runnable::run, 20_000);
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(physical(connection)).isSameAs(first);
                assertThat(connection.getNetworkTimeout()).isZero();
            }
        }
    }

    @Test
    void theLeadersLossIsWaitedOutAndTheConnectionStays() throws SQLException, IOException {
        try (HikariDataSource pool = pool(1, "")) {
            cluster.lag("UPDATE T SET V = V");
            cluster.heal();
            TunableConnection first;
            try (Connection connection = pool.getConnection()) {
                first = physical(connection);
                cluster.nodes().kill(cluster.nodes().leader());
                run(connection, "UPDATE T SET V = 5");
                assertThat(read(connection, "WITH CONSISTENCY LINEARIZABLE")).isEqualTo(5);
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(physical(connection)).isSameAs(first);
            }
        }
    }
}
