package io.tunabledb.examples.bench;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** What is measured: the same code for every target. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class Statements {
    private static final int ROWS_OF_TRANSACTION = 10;

    /** A prepared SELECT by primary key, its row read. */
    @Benchmark
    public int pointRead(Target target, Client client) throws SQLException {
        client.pointRead.setInt(1, client.anyRow());
        try (ResultSet rows = client.pointRead.executeQuery()) {
            rows.next();
            return rows.getString(1).length() + rows.getInt(2);
        }
    }

    /** A hundred rows by a range of the primary key, all read. */
    @Benchmark
    public long rangeRead(Target target, Client client) throws SQLException {
        int from = client.anyRow();
        client.rangeRead.setInt(1, from);
        client.rangeRead.setInt(2, from + Client.RANGE - 1);
        long sum = 0;
        try (ResultSet rows = client.rangeRead.executeQuery()) {
            while (rows.next()) {
                sum += rows.getString(2).length() + rows.getInt(3);
            }
        }
        return sum;
    }

    /** One row, committed by itself. */
    @Benchmark
    public int write(Target target, Client client) throws SQLException {
        client.write.setInt(1, client.ownRow());
        return client.write.executeUpdate();
    }

    /** Ten rows and a commit. */
    @Benchmark
    public int tenRowTransaction(Target target, Client client) throws SQLException {
        int count = 0;
        for (int i = 0; i < ROWS_OF_TRANSACTION; i++) {
            client.writeOfMany.setInt(1, client.ownRow());
            count += client.writeOfMany.executeUpdate();
        }
        client.commit();
        return count;
    }
}
