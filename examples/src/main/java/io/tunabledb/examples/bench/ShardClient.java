package io.tunabledb.examples.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.SplittableRandom;

/** One thread's statement on one of the two tables, on a connection it shares with its statement on the other. */
final class ShardClient implements AutoCloseable {
    /** Rows that are there all the time; those that come and go have higher keys. */
    static final int ROWS = 1_000;

    private final Connection connection;
    private final ShardJob job;
    private final PreparedStatement statement;
    private final PreparedStatement insert;
    private final PreparedStatement delete;
    private final SplittableRandom random = new SplittableRandom(1);
    private final int thread;
    private final int threads;

    ShardClient(Connection connection, ShardJob job, String table, int thread, int threads) throws SQLException {
        this.connection = connection;
        this.job = job;
        this.thread = thread;
        this.threads = threads;
        statement = connection.prepareStatement(String.format(job.sql(), table));
        insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (?, 0)");
        delete = connection.prepareStatement("DELETE FROM " + table + " WHERE id = ?");
    }

    /** Before {@code count} executions are measured. */
    void prepare(int count) throws SQLException {
        if (job.kind() == ShardJob.Kind.DELETE) {
            batch(insert, count);
        }
        connection.setAutoCommit(job.kind() != ShardJob.Kind.TRANSACTION);
    }

    /** What is measured. */
    void run(int count) throws SQLException {
        for (int i = 0; i < count; i++) {
            switch (job.kind()) {
                case QUERY -> query();
                case UPDATE -> update(ownRow());
                case INSERT, DELETE -> update(newRow(i));
                case TRANSACTION -> {
                    int row = ownRow();
                    update(row);
                    update(row);
                    connection.commit();
                }
            }
        }
    }

    /** After they were. */
    void tidy(int count) throws SQLException {
        connection.setAutoCommit(true);
        if (job.kind() == ShardJob.Kind.INSERT) {
            batch(delete, count);
        }
    }

    private void query() throws SQLException {
        statement.setInt(1, random.nextInt(ROWS));
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
        }
    }

    private void update(int row) throws SQLException {
        statement.setInt(1, row);
        if (statement.executeUpdate() != 1) {
            throw new IllegalStateException(job.name() + " did not find row " + row);
        }
    }

    private void batch(PreparedStatement each, int count) throws SQLException {
        for (int i = 0; i < count; i++) {
            each.setInt(1, newRow(i));
            each.addBatch();
        }
        each.executeBatch();
    }

    /** A row that no other thread writes, so that what is measured is the path and not a lock. */
    private int ownRow() {
        return random.nextInt(ROWS / threads) * threads + thread;
    }

    private int newRow(int number) {
        return ROWS + number * threads + thread;
    }

    @Override
    public void close() throws SQLException {
        statement.close();
        insert.close();
        delete.close();
    }
}
