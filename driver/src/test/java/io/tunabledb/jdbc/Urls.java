package io.tunabledb.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/** Databases that no other test uses. */
public final class Urls {

    private static final AtomicInteger NEXT = new AtomicInteger();

    private Urls() {}

    public static String unique() {
        return "jdbc:tunable:mem:driver" + NEXT.incrementAndGet() + "?replicas=3";
    }

    static Connection open() throws SQLException {
        return DriverManager.getConnection(unique());
    }

    /** A raw H2 database of its own, to compare with. */
    static Connection openH2() throws SQLException {
        return DriverManager.getConnection("jdbc:h2:mem:raw" + NEXT.incrementAndGet() + ";DB_CLOSE_DELAY=-1");
    }
}
