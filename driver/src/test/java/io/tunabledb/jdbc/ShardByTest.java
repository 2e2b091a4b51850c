package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SHARD BY and REFERENCE in a database with one shard: they are checked, and change nothing else. */
class ShardByTest {
    private Connection connection;
    private Statement statement;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection(Urls.unique());
        statement = connection.createStatement();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void oneShardHasEveryRow() throws SQLException {
        statement.execute("CREATE TABLE R(ID INT PRIMARY KEY) REFERENCE");
        statement.execute("CREATE TABLE T(K INT, X INT REFERENCES R, PRIMARY KEY(K, X)) SHARD BY (K)"
                + " WITH CONSISTENCY (READ LINEARIZABLE)");
        statement.execute("CREATE TABLE U SHARD BY (K) AS SELECT X AS K, 'a' AS V FROM SYSTEM_RANGE(1, 5)");
        statement.execute("INSERT INTO R VALUES (1), (2)");
        statement.execute("INSERT INTO T VALUES (1, 1), (2, 1), (3, 2)");
        assertThat(rows("SELECT T.K FROM T JOIN U ON T.K = U.K WHERE X = 1 ORDER BY 1"))
                .containsExactly("1", "2");
        assertThat(statement.executeUpdate("UPDATE T SET K = K + 10 WHERE K IN (1, 3)"))
                .isEqualTo(2);
        assertThat(rows("SELECT K FROM T ORDER BY K")).containsExactly("2", "11", "13");
    }

    @Test
    void aTableIsToldLater() throws SQLException {
        statement.execute("CREATE TABLE T(K INT PRIMARY KEY, X INT)");
        statement.execute("INSERT INTO T VALUES (1, 1)");
        statement.execute("ALTER TABLE T SHARD BY (K)");
        assertThatThrownBy(() -> statement.execute("ALTER TABLE T DROP COLUMN K"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("shard key");
        statement.execute("ALTER TABLE T REFERENCE");
        statement.execute("ALTER TABLE T DROP COLUMN K");
        assertThat(rows("SELECT * FROM T")).containsExactly("1");
    }

    @Test
    void whatCantBeAKeyIsRefused() {
        assertThatThrownBy(() -> statement.execute("CREATE TABLE T(K INT) SHARD BY (X)"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("no column X");
        assertThatThrownBy(() -> statement.execute("CREATE TABLE T(K TIMESTAMP) SHARD BY (K)"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("can't be a TIMESTAMP");
        assertThatThrownBy(() -> statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, K INT) SHARD BY (K)"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("does not contain the shard key");
        assertThatThrownBy(() -> rows("SELECT * FROM T")).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> statement.execute("ALTER TABLE T REFERENCE"))
                .isInstanceOf(SQLException.class)
                .extracting("SQLState")
                .isEqualTo("42S02");
    }

    private List<String> rows(String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }
}
