package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that are changed in place are written as any others are. */
class UpdatableRowsTest {

    private String url;
    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        url = Urls.unique();
        connection = DriverManager.getConnection(url);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, A VARCHAR, B VARCHAR)");
            statement.execute("INSERT INTO T VALUES (1, 'a1', 'b1'), (2, 'a2', 'b2'), (3, 'a3', 'b3')");
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private ResultSet rows(String sql) throws SQLException {
        return connection
                .createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)
                .executeQuery(sql);
    }

    private static String all(Connection connection) throws SQLException {
        StringBuilder text = new StringBuilder();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM T ORDER BY ID WITH CONSISTENCY LINEARIZABLE")) {
            while (rows.next()) {
                text.append(rows.getInt(1))
                        .append(rows.getString(2))
                        .append(rows.getString(3))
                        .append(' ');
            }
        }
        return text.toString();
    }

    @Test
    void changesAreInTheLogAndOnEveryReplica() throws SQLException {
        try (ResultSet rows = rows("SELECT * FROM T ORDER BY ID");
                Connection other = DriverManager.getConnection(url)) {
            assertThat(rows.getConcurrency()).isEqualTo(ResultSet.CONCUR_UPDATABLE);
            rows.next();
            rows.updateString("A", "new");
            rows.updateRow();
            rows.next();
            rows.deleteRow();
            rows.moveToInsertRow();
            rows.updateInt(1, 4);
            rows.updateString("B", "b4");
            rows.insertRow();
            assertThat(all(other)).isEqualTo("1newb1 3a3b3 4nullb4 ");
            try (Statement statement = other.createStatement();
                    ResultSet checked = statement.executeQuery("CHECK REPLICAS T")) {
                int replicas = 0;
                while (checked.next()) {
                    assertThat(checked.getBoolean("SAME")).isTrue();
                    replicas++;
                }
                assertThat(replicas).isEqualTo(3);
            }
        }
    }

    @Test
    void onlyWhatWasSetIsWritten() throws SQLException {
        try (ResultSet mine = rows("SELECT * FROM T WHERE ID = 1");
                ResultSet theirs = rows("SELECT * FROM T WHERE ID = 1")) {
            mine.next();
            theirs.next();
            theirs.updateString("B", "theirs");
            theirs.updateRow();
            mine.updateString("A", "mine");
            mine.updateRow();
            assertThat(all(connection)).startsWith("1minetheirs ");
            assertThat(mine.getString("B")).isEqualTo("theirs");
        }
    }

    @Test
    void aRollbackUndoesThem() throws SQLException {
        connection.setAutoCommit(false);
        try (ResultSet rows = rows("SELECT * FROM T ORDER BY ID")) {
            rows.next();
            rows.updateInt("ID", 9);
            rows.updateRow();
            assertThat(rows.getInt(1)).isEqualTo(9);
            assertThat(all(connection)).endsWith("9a1b1 ");
            connection.rollback();
        }
        assertThat(all(connection)).startsWith("1a1b1 ");
    }

    @Test
    void aRowThatIsGoneIsReported() throws SQLException {
        try (ResultSet rows = rows("SELECT * FROM T ORDER BY ID");
                Statement statement = connection.createStatement()) {
            rows.next();
            statement.execute("DELETE FROM T WHERE ID = 1");
            rows.updateString("A", "late");
            assertThatThrownBy(rows::updateRow)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("02000"));
        }
    }

    @Test
    void rowsWithoutAKeyAreNotUpdatable() throws SQLException {
        try (ResultSet rows = rows("SELECT A, B FROM T ORDER BY ID")) {
            assertThat(rows.getConcurrency()).isEqualTo(ResultSet.CONCUR_READ_ONLY);
            rows.next();
            rows.updateString(1, "x");
            assertThatThrownBy(rows::updateRow)
                    .hasMessageContaining("unique key")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("90127"));
        }
    }
}
