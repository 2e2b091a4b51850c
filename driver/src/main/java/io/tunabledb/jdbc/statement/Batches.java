package io.tunabledb.jdbc.statement;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a batch gives back. */
final class Batches {

    private Batches() {}

    /** Executes one element and says how many rows it changed. */
    interface Element {
        long execute() throws SQLException;
    }

    /** The counts of elements that are executed one after the other, also after one has failed. */
    static final class Counts {
        private final List<Long> counts = new ArrayList<>();
        private @Nullable SQLException failure;

        void add(Element element) {
            try {
                counts.add(element.execute());
            } catch (SQLException e) {
                counts.add((long) Statement.EXECUTE_FAILED);
                failure = chain(failure, e);
            }
        }

        /** All counts, or the failures chained in one exception that has them. */
        long[] all() throws BatchUpdateException {
            long[] all = counts.stream().mapToLong(Long::longValue).toArray();
            SQLException first = failure;
            if (first != null) {
                throw failed(first, all);
            }
            return all;
        }
    }

    /** Counts above the range of int become SUCCESS_NO_INFO. */
    static int[] narrow(long[] counts) {
        return Arrays.stream(counts).mapToInt(ResultStatement::narrow).toArray();
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
