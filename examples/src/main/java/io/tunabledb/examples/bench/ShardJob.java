package io.tunabledb.examples.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A statement about one row that is measured on a sharded table and on one that is not.
 *
 * @param sql with {@code %s} for the table
 */
record ShardJob(String name, Kind kind, String sql) {
    /** What surrounds the statement. */
    enum Kind {
        QUERY,
        UPDATE,
        /** The rows are deleted again, unmeasured. */
        INSERT,
        /** The rows are inserted before, unmeasured. */
        DELETE,
        /** Two updates of the row and a commit. */
        TRANSACTION
    }

    private static final String SELECT = "SELECT stock FROM %s WHERE id = ?";
    private static final String UPDATE = "UPDATE %s SET stock = stock + 1 WHERE id = ?";

    /** Reads at each of these levels, and every kind of write. */
    static List<ShardJob> all(List<String> levels) {
        List<ShardJob> jobs = new ArrayList<>();
        for (String level : levels) {
            jobs.add(new ShardJob(level, Kind.QUERY, SELECT + " WITH CONSISTENCY " + level));
        }
        jobs.add(new ShardJob("UPDATE", Kind.UPDATE, UPDATE));
        jobs.add(new ShardJob("INSERT", Kind.INSERT, "INSERT INTO %s VALUES (?, 0)"));
        jobs.add(new ShardJob("DELETE", Kind.DELETE, "DELETE FROM %s WHERE id = ?"));
        jobs.add(new ShardJob("transaction", Kind.TRANSACTION, UPDATE));
        return jobs;
    }
}
