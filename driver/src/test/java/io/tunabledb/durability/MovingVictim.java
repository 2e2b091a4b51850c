package io.tunabledb.durability;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/** Moves a table from one sharding to the next until it is killed. */
final class MovingVictim {
    static final String[] WAYS = {"SHARD BY (ID)", "REFERENCE", "SHARD BY (ID)", "UNSHARDED"};

    private MovingVictim() {}

    /** Argument: URL. */
    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0]);
                Statement statement = connection.createStatement()) {
            System.out.println("READY");
            for (int turn = 0; ; turn++) {
                statement.execute("ALTER TABLE T " + WAYS[turn % WAYS.length]);
                System.out.println("MOVED " + turn);
            }
        }
    }
}
