package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** H2 answers a parameter of a WITH query with what another value gave (h2database#4228); this database must not. */
class ParametersInWithTest {
    private static final List<String> KEYS = List.of("a", "b", "c", "a", "b");
    private static final List<String> SUMS = List.of("1", "7", "null", "1", "7");

    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection(Urls.unique());
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(K VARCHAR(9), N INT)");
            statement.execute("CREATE TABLE TAKEN(NR INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, N INT)");
            statement.execute("INSERT INTO T VALUES ('a', 1), ('b', 3), ('b', 4)");
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "with x as (SELECT N FROM T WHERE K = ?) SELECT (SELECT SUM(N) FROM x)",
                "WITH X AS (SELECT N FROM T WHERE K = ?), Y AS (SELECT * FROM X) SELECT SUM(N) FROM Y",
                "WITH X AS (SELECT N FROM T WHERE K = ?) SELECT SUM(N) FROM T WHERE N IN (SELECT N FROM X)",
                "SELECT * FROM (WITH X AS (SELECT N FROM T WHERE K = ?) SELECT (SELECT SUM(N) FROM X) S) D",
            })
    void eachValueGetsItsOwnRows(String sql) throws SQLException {
        assertThat(oneStatement(sql)).isEqualTo(SUMS);
        assertThat(aStatementForEach(sql)).isEqualTo(SUMS);
        connection.setAutoCommit(false);
        assertThat(oneStatement(sql)).as("in a transaction").isEqualTo(SUMS);
        assertThat(aStatementForEach(sql)).as("in a transaction").isEqualTo(SUMS);
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO T VALUES ('d', 99)");
        }
        assertThat(oneStatement(sql)).as("after a write").isEqualTo(SUMS);
        connection.rollback();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachValueWritesItsOwnRows(boolean isBatch) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO TAKEN(N) WITH X AS (SELECT N FROM T WHERE K = ?) SELECT (SELECT SUM(N) FROM X)")) {
            for (String key : KEYS) {
                insert.setString(1, key);
                if (isBatch) {
                    insert.addBatch();
                } else {
                    insert.executeUpdate();
                }
            }
            if (isBatch) {
                insert.executeBatch();
            }
        }
        List<String> taken = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT N FROM TAKEN ORDER BY NR")) {
            while (rows.next()) {
                taken.add(String.valueOf(rows.getString(1)));
            }
        }
        assertThat(taken).isEqualTo(SUMS);
    }

    private List<String> oneStatement(String sql) throws SQLException {
        List<String> sums = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (String key : KEYS) {
                sums.add(sum(query, key));
            }
        }
        return sums;
    }

    private List<String> aStatementForEach(String sql) throws SQLException {
        List<String> sums = new ArrayList<>();
        for (String key : KEYS) {
            try (PreparedStatement query = connection.prepareStatement(sql)) {
                sums.add(sum(query, key));
            }
        }
        return sums;
    }

    private static String sum(PreparedStatement query, String key) throws SQLException {
        query.setString(1, key);
        try (ResultSet rows = query.executeQuery()) {
            assertThat(rows.next()).isTrue();
            return String.valueOf(rows.getString(1));
        }
    }
}
