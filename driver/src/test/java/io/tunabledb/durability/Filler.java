package io.tunabledb.durability;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Fills a table until it is refused, then reads, deletes and writes again; says what it found. */
final class Filler {
    private static final int BATCH = 200;
    private static final String NOTE = "x".repeat(400);

    private Filler() {}

    /** Argument: the URL. */
    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0]);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, NOTE VARCHAR)");
            SQLException refused = fill(connection);
            System.out.println("REFUSED " + refused.getSQLState() + " " + refused.getMessage());
            try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T WITH CONSISTENCY LINEARIZABLE")) {
                rows.next();
                System.out.println("ROWS " + rows.getInt(1));
            }
            int deleted;
            do {
                deleted = statement.executeUpdate("DELETE FROM T WHERE MOD(ID, 4) <> 0 FETCH FIRST 2000 ROWS ONLY");
            } while (deleted > 0);
            System.out.println("DELETED");
            awaitWritable(statement);
            System.out.println("WRITABLE");
        }
    }

    private static SQLException fill(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO T VALUES (?, ?)")) {
            int id = 0;
            while (true) {
                for (int i = 0; i < BATCH; i++) {
                    insert.setInt(1, id);
                    insert.setString(2, NOTE + id++);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        } catch (SQLException e) {
            return e;
        }
    }

    private static void awaitWritable(Statement statement) throws SQLException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        int id = -1;
        while (true) {
            // the watermark looks at what a collection left
            System.gc();
            try {
                statement.executeUpdate("INSERT INTO T VALUES (" + id-- + ", 'after')");
                return;
            } catch (SQLException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }
}
