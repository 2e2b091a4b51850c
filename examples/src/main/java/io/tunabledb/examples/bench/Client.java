package io.tunabledb.examples.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/** One thread's connections, prepared statements and choice of rows. */
@State(Scope.Thread)
public class Client {
    static final int RANGE = 100;

    private final SplittableRandom random = new SplittableRandom(1);
    private int thread;
    private int threads;
    private Connection single;
    private Connection many;
    PreparedStatement pointRead;
    PreparedStatement rangeRead;
    PreparedStatement write;
    PreparedStatement writeOfMany;

    /** Connects and prepares. */
    @Setup(Level.Trial)
    public void open(Target target, ThreadParams params) throws SQLException {
        thread = params.getThreadIndex();
        threads = params.getThreadCount();
        single = target.connect();
        many = target.connect();
        many.setAutoCommit(false);
        pointRead = single.prepareStatement(target.at("SELECT name, stock FROM item WHERE id = ?"));
        rangeRead = single.prepareStatement(target.at("SELECT id, name, stock FROM item WHERE id BETWEEN ? AND ?"));
        String update = target.at("UPDATE item SET stock = stock + 1 WHERE id = ?");
        write = single.prepareStatement(update);
        writeOfMany = many.prepareStatement(update);
    }

    /** Any row. */
    int anyRow() {
        return random.nextInt(Target.ROWS - RANGE);
    }

    /** A row that no other thread writes, so that what is measured is the path and not a lock. */
    int ownRow() {
        return random.nextInt(Target.ROWS / threads) * threads + thread;
    }

    /** Commits what {@link #writeOfMany} did. */
    void commit() throws SQLException {
        many.commit();
    }

    /** Disconnects. */
    @TearDown(Level.Trial)
    public void close() throws SQLException {
        single.close();
        many.close();
    }
}
