package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.SqlState;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the outcomes of a batch in JDBC's shape. */
public final class BatchFailures {
    private final List<Long> counts = new ArrayList<>();
    private @Nullable SQLException first;

    /** Whether the next element would only fail alike: memory is short. */
    public static boolean isForAll(SQLException e) {
        return SqlState.OVER_LIMIT.code().equals(e.getSQLState());
    }

    /** The next element changed so many rows. */
    public void succeeded(long count) {
        counts.add(count);
    }

    /** The next element failed. */
    public void failed(SQLException e) {
        counts.add((long) Statement.EXECUTE_FAILED);
        if (first == null) {
            first = e;
        } else {
            first.setNextException(e);
        }
    }

    /** Throws what failed, with all counts. */
    public void throwIfAny() throws BatchUpdateException {
        SQLException cause = first;
        if (cause != null) {
            long[] sofar = counts.stream().mapToLong(Long::longValue).toArray();
            BatchUpdateException failed = new BatchUpdateException(
                    cause.getMessage(), cause.getSQLState(), cause.getErrorCode(), sofar, cause);
            failed.setNextException(cause);
            throw failed;
        }
    }
}
