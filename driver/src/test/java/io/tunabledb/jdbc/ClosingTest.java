package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.jdbc.Transcript.Action;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left after close. */
class ClosingTest {

    @Test
    void aClosedConnectionSaysSo() throws SQLException {
        Connection connection = Urls.open();
        connection.close();
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isValid(1)).isFalse();
        connection.close();
        for (Action action : List.<Action>of(
                connection::createStatement,
                () -> connection.prepareStatement("SELECT 1"),
                connection::commit,
                connection::rollback,
                connection::getAutoCommit,
                connection::getMetaData,
                connection::getSchema,
                connection::setSavepoint,
                connection::getWarnings,
                () -> connection.unwrap(TunableConnection.class).consistencyToken(),
                () -> connection.unwrap(TunableConnection.class).cluster())) {
            assertThatThrownBy(action::run)
                    .isInstanceOf(SQLNonTransientConnectionException.class)
                    .extracting("SQLState")
                    .isEqualTo("08003");
        }
        assertThatThrownBy(() -> connection.setClientInfo("ApplicationName", "x"))
                .hasMessageContaining("closed");
    }

    @Test
    void closingAConnectionClosesItsStatementsAndTheirRows() throws SQLException {
        Connection connection = Urls.open();
        Statement statement = connection.createStatement();
        PreparedStatement prepared = connection.prepareStatement("SELECT 1");
        ResultSet rows = statement.executeQuery("SELECT 1");
        connection.close();
        assertThat(statement.isClosed()).isTrue();
        assertThat(prepared.isClosed()).isTrue();
        assertThat(rows.isClosed()).isTrue();
        assertThatThrownBy(prepared::executeQuery)
                .isInstanceOf(SQLException.class)
                .extracting("SQLState")
                .isEqualTo("90007");
        statement.close();
        rows.close();
    }

    @Test
    void closingAConnectionRollsBackWhatIsOpen() throws SQLException {
        String url = Urls.unique();
        try (Connection keeper = DriverManager.getConnection(url);
                Statement reader = keeper.createStatement()) {
            reader.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            Connection connection = DriverManager.getConnection(url);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("INSERT INTO T VALUES (1)");
            }
            connection.close();
            try (ResultSet rows = reader.executeQuery("SELECT COUNT(*) FROM T WITH CONSISTENCY LINEARIZABLE")) {
                rows.next();
                assertThat(rows.getInt(1)).isZero();
            }
            assertThat(reader.executeUpdate("INSERT INTO T VALUES (1)"))
                    .as("no lock is left")
                    .isEqualTo(1);
        }
    }

    @Test
    void aDatabaseInMemoryEndsWithItsLastConnection() throws SQLException {
        String url = Urls.unique();
        try (Connection first = DriverManager.getConnection(url);
                Statement statement = first.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            try (Connection second = DriverManager.getConnection(url);
                    Statement other = second.createStatement()) {
                assertThat(other.execute("SELECT * FROM T")).isTrue();
            }
        }
        try (Connection third = DriverManager.getConnection(url);
                Statement statement = third.createStatement()) {
            assertThat(statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)")).isFalse();
        }
    }

    @Test
    void rowsStayReadableWhileOtherStatementsRun() throws SQLException {
        try (Connection connection = Urls.open();
                Statement first = connection.createStatement();
                Statement second = connection.createStatement();
                PreparedStatement prepared = connection.prepareStatement("SELECT X FROM SYSTEM_RANGE(1, 3)");
                PreparedStatement same = connection.prepareStatement("SELECT X FROM SYSTEM_RANGE(1, 3)")) {
            ResultSet a = first.executeQuery("SELECT X FROM SYSTEM_RANGE(1, 3)");
            ResultSet b = second.executeQuery("SELECT X FROM SYSTEM_RANGE(1, 3)");
            ResultSet c = prepared.executeQuery();
            ResultSet d = same.executeQuery();
            for (int i = 1; i <= 3; i++) {
                for (ResultSet rows : List.of(a, b, c, d)) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getInt(1)).isEqualTo(i);
                }
            }
        }
    }

    @Test
    void rowsStayReadableAfterCommit() throws SQLException {
        try (Connection connection = Urls.open();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            ResultSet rows = statement.executeQuery("SELECT X FROM SYSTEM_RANGE(1, 2)");
            rows.next();
            connection.commit();
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(2);
        }
    }
}
