package io.tunabledb.durability;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/** Opens a database, writes, and ends without closing anything when its standard input ends. */
final class Forgetful {
    private Forgetful() {}

    /** Argument: the URL. */
    public static void main(String[] arguments) throws Exception {
        Connection connection = DriverManager.getConnection(arguments[0]);
        Statement statement = connection.createStatement();
        statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
        statement.execute("INSERT INTO T VALUES (42)");
        Connection second = DriverManager.getConnection(arguments[0]);
        second.setAutoCommit(false);
        second.createStatement().execute("INSERT INTO T VALUES (43)");
        System.out.println("READY");
        while (System.in.read() >= 0) {
            // until the parent has seen enough
        }
    }
}
