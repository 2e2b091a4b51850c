package io.tunabledb.durability;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** Inserts until it is refused, because no file can grow any more; prints each row that was acknowledged, and dies. */
final class DiskFiller {
    private static final String NOTE = "x".repeat(20_000);

    private DiskFiller() {}

    /** Argument: the URL. */
    public static void main(String[] arguments) throws Exception {
        Connection connection = DriverManager.getConnection(arguments[0]);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE EVENTS(ID INT PRIMARY KEY, NOTE VARCHAR)");
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO EVENTS VALUES (?, ?)")) {
            insert.setString(2, NOTE);
            for (int id = 0; ; id++) {
                insert.setInt(1, id);
                insert.executeUpdate();
                say("ACK " + id);
            }
        } catch (SQLException e) {
            say("REFUSED " + e.getSQLState() + " " + e.getMessage());
        }
        EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
        cluster.replicas().forEach(replica -> say("REPLICA " + replica.role() + " " + replica.failure()));
        say("END");
        Runtime.getRuntime().halt(0);
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
