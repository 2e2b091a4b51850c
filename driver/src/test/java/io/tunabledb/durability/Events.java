package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.Callable;

/** Rows that a test inserts one after the other while it does something to the disks below them. */
final class Events {
    private static final int MOST = 2_000;

    private final String note;
    private final Set<String> noAnswers;
    private int inserted;

    /** @param noAnswers SQLSTATEs that leave open whether a row is there; any other fails the test */
    Events(int bytesPerRow, Set<String> noAnswers) {
        this.note = "x".repeat(bytesPerRow);
        this.noAnswers = noAnswers;
    }

    /** A new database in that folder, with a table for them. */
    static Connection open(Path database, String properties) throws SQLException {
        Connection connection =
                DriverManager.getConnection("jdbc:tunable:file:" + database + "?replicas=3&" + properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE EVENTS(ID INT PRIMARY KEY, NOTE VARCHAR)");
        }
        return connection;
    }

    /** How many were acknowledged. */
    int inserted() {
        return inserted;
    }

    /** Inserts until a state is reached. */
    void insertUntil(Connection connection, Callable<Boolean> reached) throws Exception {
        try (PreparedStatement insert = connection.prepareStatement("MERGE INTO EVENTS VALUES (?, ?)")) {
            insert.setString(2, note);
            while (!reached.call()) {
                assertThat(inserted).as("rows without an effect").isLessThan(MOST);
                insert.setInt(1, inserted);
                try {
                    insert.executeUpdate();
                    inserted++;
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).as(e.getMessage()).isIn(noAnswers);
                }
            }
        }
    }

    /** All that was acknowledged is there, and the same on every replica. */
    void requireWhole(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row =
                    statement.executeQuery("SELECT COUNT(*), MAX(ID) FROM EVENTS WITH CONSISTENCY LINEARIZABLE")) {
                row.next();
                // one that was not answered may be there
                assertThat(row.getInt(1)).isBetween(inserted, inserted + 1);
                assertThat(row.getInt(2)).isEqualTo(row.getInt(1) - 1);
            }
            Acknowledged.replicas(statement, "at the end");
        }
    }
}
