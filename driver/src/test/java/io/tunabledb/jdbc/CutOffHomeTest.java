package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session that has seen more than its cut-off home has does not wait where its statement's level asks for no wait. */
@Timeout(60)
class CutOffHomeTest {
    /** Longer than the test may take. */
    private static final String URL = Urls.unique() + "&consistencyTimeout=600000";

    private Connection keeper;
    private Connection connection;
    private EmbeddedCluster nodes;

    @BeforeEach
    void cutOff() throws SQLException {
        keeper = DriverManager.getConnection(URL);
        nodes = keeper.unwrap(TunableConnection.class).cluster();
        run(keeper, "CREATE TABLE T(K INT PRIMARY KEY, V INT)");
        int home = nodes.leader() % 3 + 1;
        connection = DriverManager.getConnection(URL + "&home=" + home);
        run(connection, "SELECT V FROM T");
        nodes.isolate(home);
        run(keeper, "INSERT INTO T VALUES (1, 0)");
        connection
                .unwrap(TunableConnection.class)
                .useConsistencyToken(keeper.unwrap(TunableConnection.class).consistencyToken());
    }

    @AfterEach
    void heal() throws SQLException {
        nodes.heal();
        connection.close();
        keeper.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void preparesAnEventualReadAtOnce() throws SQLException {
        for (String level : new String[] {"EVENTUAL", "READ_UNCOMMITTED", "SEQUENTIAL WITHIN 10 MS ELSE EVENTUAL"}) {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT V FROM T WHERE K = ? WITH CONSISTENCY " + level)) {
                statement.setInt(1, 1);
                try (ResultSet rows = statement.executeQuery()) {
                    assertThat(rows.next()).as("what was written after the cut").isFalse();
                }
            }
        }
    }

    @Test
    void preparesAnEventualWriteAtOnce() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE T SET V = ? WHERE K = 1 WITH CONSISTENCY EVENTUAL")) {
            statement.setInt(1, 5);
            assertThat(statement.executeUpdate()).isZero();
        }
    }

    @Test
    void tellsOfTablesAtOnceWhereReadsNeedNotWait() throws SQLException {
        run(connection, "SET CONSISTENCY FOR READ = EVENTUAL");
        try (ResultSet tables = connection.getMetaData().getTables(null, "PUBLIC", "T", null)) {
            assertThat(tables.next()).isTrue();
        }
        connection.setSchema("PUBLIC");
        run(connection, "SET SCHEMA_SEARCH_PATH INFORMATION_SCHEMA, PUBLIC");
        try (PreparedStatement statement = connection.prepareStatement("SELECT V FROM T WHERE K = ?")) {
            assertThat(statement.getMetaData().getColumnName(1)).isEqualTo("V");
            assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo(1);
        }
    }

    @Test
    void describesAtOnceWhatNeedNotWait() throws SQLException {
        String sql = "SELECT V FROM T WHERE K = ? WITH CONSISTENCY SEQUENTIAL WITHIN 10 MS ELSE EVENTUAL";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            assertThat(statement.getMetaData().getColumnName(1)).isEqualTo("V");
            assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo(1);
        }
    }

    @Test
    void makesValuesAtOnce() throws SQLException {
        connection.createClob().setString(1, "text");
        assertThat(connection.createArrayOf("INTEGER", new Integer[] {1}).getBaseTypeName())
                .isEqualTo("INTEGER");
        assertThat(connection.getCatalog()).isNotEmpty();
        assertThat(connection.nativeSQL("SELECT {fn ABS(1)}")).contains("ABS");
    }

    @Test
    void setsHowLongItWaitsAtOnce() throws SQLException {
        run(connection, "SET LOCK_TIMEOUT 1000");
        assertThat(connection.isValid(5)).isTrue();
    }
}
