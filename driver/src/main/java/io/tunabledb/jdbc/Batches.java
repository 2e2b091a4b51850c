package io.tunabledb.jdbc;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a batch gives back. */
final class Batches {

    private Batches() {}

    /** Counts above the range of int become SUCCESS_NO_INFO. */
    static int[] narrow(long[] counts) {
        return Arrays.stream(counts).mapToInt(CallStatement::narrow).toArray();
    }

    static SQLException chain(@Nullable SQLException first, SQLException next) {
        if (first == null) {
            return next;
        }
        first.setNextException(next);
        return first;
    }

    /** Says what the first failure says, and chains to it. */
    static BatchUpdateException failed(SQLException failure, long[] counts) {
        BatchUpdateException all = new BatchUpdateException(
                failure.getMessage(), failure.getSQLState(), failure.getErrorCode(), counts, failure);
        all.setNextException(failure);
        return all;
    }
}
