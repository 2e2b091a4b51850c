package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.client.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Receipts and tokens, by the typed API and by SQL. */
class ConsistencyTest {

    private String url;
    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        url = Urls.unique();
        connection = DriverManager.getConnection(url);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, N INT)");
            statement.execute("INSERT INTO T VALUES (1, 1)");
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void aStatementHandsOutTheReceiptOfItsLastExecution() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            TunableStatement tunable = statement.unwrap(TunableStatement.class);
            assertThat(tunable.receipt()).isNull();
            statement
                    .executeQuery("SELECT * FROM T WITH CONSISTENCY LINEARIZABLE")
                    .close();
            assertThat(tunable.receipt())
                    .isNotNull()
                    .extracting(Receipt::granted)
                    .extracting("level")
                    .isEqualTo(Level.LINEARIZABLE);
            statement.executeQuery("SELECT * FROM T WITH CONSISTENCY EVENTUAL").close();
            assertThat(tunable.receipt().granted().level()).isEqualTo(Level.EVENTUAL);
            assertThat(tunable.receipt().served()).hasSize(1);
            statement.execute("SET CONSISTENCY = EVENTUAL");
            assertThat(tunable.receipt()).isNull();
        }
    }

    @Test
    void aPreparedStatementDoesSoToo() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE T SET N = ? WITH CONSISTENCY SEQUENTIAL")) {
            statement.setInt(1, 2);
            assertThat(statement.executeUpdate()).isEqualTo(1);
            Receipt receipt = statement.unwrap(TunableStatement.class).receipt();
            assertThat(receipt.asked().first().level()).isEqualTo(Level.SEQUENTIAL);
            statement.setInt(1, 3);
            statement.addBatch();
            statement.executeBatch();
            assertThat(statement.unwrap(TunableStatement.class).receipt()).isNotNull();
        }
    }

    @Test
    void aFailedExecutionHasNoReceipt() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM T").close();
            assertThatThrownBy(() -> statement.executeUpdate("INSERT INTO T VALUES (1, 1)"))
                    .isInstanceOf(SQLException.class);
            assertThat(statement.unwrap(TunableStatement.class).receipt()).isNull();
        }
    }

    @Test
    void theReceiptOutlivesItsStatement() throws SQLException {
        Statement statement = connection.createStatement();
        statement.executeQuery("SELECT * FROM T");
        statement.close();
        assertThat(statement.unwrap(TunableStatement.class).receipt()).isNotNull();
    }

    @Test
    void aTokenCarriesOneSessionsWritesToAnother() throws SQLException {
        try (Connection other = DriverManager.getConnection(url);
                Statement writer = connection.createStatement();
                Statement reader = other.createStatement()) {
            writer.executeUpdate("UPDATE T SET N = 10");
            String token = connection.unwrap(TunableConnection.class).consistencyToken();
            other.unwrap(TunableConnection.class).useConsistencyToken(token);
            assertThat(number(reader, "SELECT N FROM T WITH CONSISTENCY READ_YOUR_WRITE"))
                    .isEqualTo(10);

            writer.executeUpdate("UPDATE T SET N = 11");
            try (ResultSet rows = writer.executeQuery("SHOW CONSISTENCY TOKEN")) {
                assertThat(rows.next()).isTrue();
                token = rows.getString(1);
            }
            reader.execute("SET CONSISTENCY TOKEN '" + token + "'");
            assertThat(number(reader, "SELECT N FROM T WITH CONSISTENCY READ_YOUR_WRITE"))
                    .isEqualTo(11);
        }
    }

    private static int number(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void aTornTokenIsRefused() {
        assertThatThrownBy(() -> connection.unwrap(TunableConnection.class).useConsistencyToken("no token"))
                .isInstanceOf(SQLException.class)
                .extracting("SQLState")
                .isEqualTo("TC004");
    }

    @Test
    void theConnectionUnwrapsToWhatIsBehindIt() throws SQLException {
        assertThat(connection.isWrapperFor(TunableConnection.class)).isTrue();
        assertThat(connection.isWrapperFor(Session.class)).isTrue();
        assertThat(connection.isWrapperFor(EmbeddedCluster.class)).isTrue();
        assertThat(connection.unwrap(Session.class)).isNotNull();
        assertThat(connection.unwrap(EmbeddedCluster.class)).isNotNull();
        assertThat(connection.unwrap(TunableConnection.class)).isSameAs(connection);
    }

    @Test
    void anUnknownPropertyIsRefusedAndTheKnownOnesAreListed() {
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:tunable:mem:unknown?replicsa=3"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("replicsa")
                .hasMessageContaining("replicas")
                .extracting("SQLState")
                .isEqualTo("22023");
    }

    @Test
    void aSavepointNeedsATransaction() {
        assertThatThrownBy(connection::setSavepoint)
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("setAutoCommit(false)")
                .extracting("SQLState")
                .isEqualTo("TC005");
    }

    @Test
    void whatIsNotSupportedSaysSoWhenAsked() {
        assertUnsupported(() -> connection.createStruct("S", new Object[0]));
    }

    private static void assertUnsupported(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(java.sql.SQLFeatureNotSupportedException.class)
                .extracting("SQLState")
                .isEqualTo("HYC00");
    }

    @Test
    void clientInfoIsKept() throws SQLException {
        connection.setClientInfo("ApplicationName", "shop");
        assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("shop");
        assertThat(connection.getClientInfo()).containsEntry("ApplicationName", "shop");
        connection.setClientInfo("ApplicationName", null);
        assertThat(connection.getClientInfo()).isEmpty();
        assertThatThrownBy(() -> connection.setClientInfo("Nope", "x")).hasMessageContaining("ApplicationName");
    }
}
