package io.tunabledb.examples.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The database that is measured, filled: plain H2, or three replicas with every statement at one level. */
@State(Scope.Benchmark)
public class Target {
    /** The level that is none: H2 alone, embedded, in memory. */
    static final String RAW_H2 = "RAW_H2";

    static final int ROWS = 10_000;

    /** Filling may take its time. */
    private static final String TUNABLE = "jdbc:tunable:mem:bench?consistencyTimeout=60000";

    private static final int BATCH = 1_000;

    /** A level as the clause writes it, or {@link #RAW_H2}. */
    @Param(RAW_H2)
    public String level = RAW_H2;

    private Connection keptOpen;

    /** Opens and fills it. */
    @Setup(Level.Trial)
    public void open() throws SQLException {
        keptOpen = connect();
        try (Statement statement = keptOpen.createStatement()) {
            statement.execute("CREATE TABLE item(id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, stock INT NOT NULL)");
        }
        try (PreparedStatement insert = keptOpen.prepareStatement("INSERT INTO item VALUES (?, ?, 100)")) {
            for (int id = 0; id < ROWS; id++) {
                insert.setInt(1, id);
                insert.setString(2, "item number " + id);
                insert.addBatch();
                if ((id + 1) % BATCH == 0) {
                    insert.executeBatch();
                }
            }
        }
    }

    /** A new connection to it. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(isRaw() ? "jdbc:h2:mem:bench" : TUNABLE);
    }

    /** The statement at this level. */
    String at(String sql) {
        return isRaw() ? sql : sql + " WITH CONSISTENCY " + level;
    }

    private boolean isRaw() {
        return level.equals(RAW_H2);
    }

    /** Drops it. */
    @TearDown(Level.Trial)
    public void close() throws SQLException {
        keptOpen.close();
    }
}
