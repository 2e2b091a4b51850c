package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.log.Shortage;
import java.sql.SQLException;

/** Refuses what the nodes' disks can't take, at once and with nothing left behind: TC007. Reads need no disk and go on. */
public final class DiskRoom {

    private DiskRoom() {}

    /** For a statement that is to write. */
    public static void requireForWrite(Cluster cluster) throws SQLException {
        Shortage found = cluster.diskRefuses();
        if (found != null) {
            throw full("the write is refused", found);
        }
    }

    /** For what has been executed and is to be logged: it may use the reserve. */
    public static void requireForCommit(Cluster cluster, String what) throws SQLException {
        Shortage found = cluster.diskStops();
        if (found != null) {
            throw full("the " + what + " was rolled back", found);
        }
    }

    public static SQLException outboxFull(Shortage found) {
        return full("no outbox in reach takes the write", found);
    }

    private static SQLException full(String what, Shortage found) {
        return Errors.of(
                SqlState.DISK_FULL,
                what + ": " + found.text()
                        + "; reads go on; make room there, and writes go on by themselves (diskReserve is what stays"
                        + " free)");
    }
}
