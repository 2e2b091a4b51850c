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

/** Schema changes and temporary tables: one entry that every replica executes, or one session's own. */
class DefinitionsTest {
    private Connection connection;
    private Statement statement;

    @BeforeEach
    void open() throws SQLException {
        connection = Urls.open();
        statement = connection.createStatement();
        statement.execute("CREATE TABLE SOURCE(ID INT PRIMARY KEY, NAME VARCHAR)");
        statement.execute("INSERT INTO SOURCE VALUES(1, 'one'), (2, 'two'), (3, 'three')");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void createTableAsIsFilledOnceByTheLeader() throws SQLException {
        statement.execute("CREATE TABLE COPY AS SELECT ID, RAND() AS R FROM SOURCE");
        assertThat(all("SELECT COUNT(*), COUNT(DISTINCT R) FROM COPY")).containsExactly("3,3");
        assertReplicasEqual();
    }

    @Test
    void createTableAsWithNoDataStaysEmpty() throws SQLException {
        statement.execute("CREATE TABLE COPY AS SELECT * FROM SOURCE WITH NO DATA");
        assertThat(all("SELECT COUNT(*) FROM COPY")).containsExactly("0");
    }

    @Test
    void createTableAsThatFailsLeavesNothing() throws SQLException {
        assertThatThrownBy(() -> statement.execute("CREATE TABLE COPY(X INT PRIMARY KEY) AS SELECT 1 FROM SOURCE"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23505"));
        assertThatThrownBy(() -> all("SELECT * FROM COPY"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42S02"));
    }

    @Test
    void createTableAsIfNotExistsKeepsWhatIsThere() throws SQLException {
        statement.execute("CREATE TABLE IF NOT EXISTS SOURCE AS SELECT 9 AS ID");
        assertThat(all("SELECT COUNT(*) FROM SOURCE")).containsExactly("3");
    }

    @Test
    void aTemporaryTableIsTheSessionsOwn() throws SQLException {
        statement.execute("CREATE LOCAL TEMPORARY TABLE MINE(ID INT)");
        statement.execute("INSERT INTO MINE VALUES(1), (2)");
        assertThat(all("SELECT COUNT(*) FROM MINE")).containsExactly("2");
        assertThat(all("SELECT S.NAME FROM SOURCE S JOIN MINE M ON M.ID = S.ID ORDER BY S.ID"))
                .containsExactly("one", "two");
        try (Connection other =
                DriverManager.getConnection(connection.getMetaData().getURL())) {
            assertThatThrownBy(() -> other.createStatement().executeQuery("SELECT * FROM MINE"))
                    .isInstanceOf(SQLException.class);
        }
        statement.execute("DROP TABLE MINE");
        assertThatThrownBy(() -> all("SELECT * FROM MINE")).isInstanceOf(SQLException.class);
        assertReplicasEqual();
    }

    @Test
    void creatingATemporaryTableCommitsTheTransactionThroughTheLog() throws SQLException {
        connection.setAutoCommit(false);
        statement.execute("UPDATE SOURCE SET NAME = 'changed' WHERE ID = 1");
        statement.execute("CREATE LOCAL TEMPORARY TABLE MINE(ID INT)");
        connection.rollback();
        connection.setAutoCommit(true);
        assertThat(all("SELECT NAME FROM SOURCE WHERE ID = 1 WITH CONSISTENCY LINEARIZABLE"))
                .containsExactly("changed");
        assertReplicasEqual();
    }

    @Test
    void keylessTablesReplicateDuplicates() throws SQLException {
        statement.execute("CREATE TABLE KEYLESS(A INT, B VARCHAR)");
        statement.execute("INSERT INTO KEYLESS VALUES(1, 'x'), (1, 'x'), (2, NULL)");
        statement.execute("DELETE FROM KEYLESS WHERE A = 1 LIMIT 1");
        statement.execute("ALTER TABLE KEYLESS ADD COLUMN ID BIGINT GENERATED ALWAYS AS IDENTITY");
        statement.execute("ALTER TABLE KEYLESS ADD PRIMARY KEY(ID)");
        statement.execute("INSERT INTO KEYLESS(A) VALUES(3)");
        assertThat(all("SELECT COUNT(*), COUNT(DISTINCT ID) FROM KEYLESS")).containsExactly("3,3");
        assertReplicasEqual();
    }

    @Test
    void isolationByStatementCommitsAndSets() throws SQLException {
        statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE");
        assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
    }

    @Test
    void truncateReachesEveryReplica() throws SQLException {
        statement.execute("TRUNCATE TABLE SOURCE");
        assertThat(all("SELECT COUNT(*) FROM SOURCE")).containsExactly("0");
        assertReplicasEqual();
    }

    @Test
    void aTablesOwnConsistencyFollowsItsNameAndDiesWithIt() throws SQLException {
        statement.execute("ALTER TABLE SOURCE SET CONSISTENCY (READ EVENTUAL, WRITE LINEARIZABLE)");
        statement.execute("ALTER TABLE SOURCE RENAME TO TARGET");
        assertThat(decidedBy("SELECT * FROM TARGET")).isEqualTo("TABLE PUBLIC.TARGET");
        statement.execute("ALTER TABLE TARGET ADD COLUMN MORE INT");
        assertThat(decidedBy("SELECT * FROM TARGET")).isEqualTo("TABLE PUBLIC.TARGET");
        statement.execute("DROP TABLE TARGET");
        statement.execute("CREATE TABLE TARGET(ID INT PRIMARY KEY)");
        assertThat(decidedBy("SELECT * FROM TARGET")).isEqualTo("DEFAULT");
    }

    private String decidedBy(String sql) throws SQLException {
        all(sql);
        return statement.unwrap(TunableStatement.class).receipt().decidedBy();
    }

    private void assertReplicasEqual() throws SQLException {
        List<String> same =
                all("CHECK REPLICAS").stream().map(row -> row.split(",", -1)[3]).toList();
        assertThat(same).hasSize(3).containsOnly("true");
    }

    private List<String> all(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                StringBuilder row = new StringBuilder(String.valueOf(result.getObject(1)));
                for (int column = 2; column <= columns; column++) {
                    row.append(',').append(result.getObject(column));
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }
}
