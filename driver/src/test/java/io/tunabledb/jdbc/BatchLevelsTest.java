package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Each statement of a batch is served at the level that it asks for. */
class BatchLevelsTest {

    @Test
    void eachStatementOfABatchKeepsItsLevel() throws SQLException {
        try (Connection connection = Urls.open();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            connection.unwrap(TunableConnection.class).cluster().isolate(follower(connection));

            statement.addBatch("INSERT INTO T VALUES (1) WITH CONSISTENCY SEQUENTIAL");
            statement.addBatch("INSERT INTO T VALUES (2) WITH CONSISTENCY LINEARIZABLE WITHIN 300 MS ACK ALL");
            statement.addBatch("INSERT INTO T VALUES (3) WITH CONSISTENCY LINEARIZABLE AFTER 'torn'");
            statement.addBatch("INSERT INTO T VALUES (4) /*+ CONSISTENCY(LINEARIZABLE) */");
            BatchUpdateException failed = catchThrowableOfType(BatchUpdateException.class, statement::executeBatch);

            assertThat(failed.getUpdateCounts())
                    .containsExactly(1, Statement.EXECUTE_FAILED, Statement.EXECUTE_FAILED, 1);
            assertThat(failed.getNextException().getSQLState()).isEqualTo("TC001");
            assertThat(failed.getNextException().getNextException().getSQLState())
                    .isEqualTo("TC004");
            assertThat(statement
                            .unwrap(TunableStatement.class)
                            .receipt()
                            .granted()
                            .text())
                    .isEqualTo("LINEARIZABLE");
            connection.unwrap(TunableConnection.class).cluster().heal();
        }
    }

    private static int follower(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO T VALUES (0)");
            String leader = statement
                    .unwrap(TunableStatement.class)
                    .receipt()
                    .served()
                    .get(0)
                    .replica();
            return leader.equals("n3") ? 2 : 3;
        }
    }
}
