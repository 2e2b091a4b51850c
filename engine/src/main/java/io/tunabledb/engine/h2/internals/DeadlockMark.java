package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.api.PrivateField;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.api.ErrorCode;
import org.h2.mvstore.tx.Transaction;

/**
 * Works around a race in H2's deadlock detection. A thread that finds a cycle marks the youngest transaction in it as
 * rolling back, without a lock: that transaction may have got its row lock meanwhile, finished its statement and be
 * idle, or proposed. Such a mark means nothing (a victim that does wait throws, and its transaction is rolled back at
 * once), but it makes the next statement fail with "status ROLLING_BACK, not OPEN", and would make a commit fail.
 */
public final class DeadlockMark {
    private static final int ROLLING_BACK = 4;
    private static final int STATUS_SHIFT = 41;
    private static final long STATUS_MASK = 0xfL << STATUS_SHIFT;
    private static final long OPEN_BITS = (long) Transaction.STATUS_OPEN << STATUS_SHIFT;
    /** H2 offers no other way to take the mark off. */
    private static final PrivateField STATE = PrivateField.of(Transaction.class, "statusAndLogId");

    private DeadlockMark() {}

    public static boolean isOn(Transaction transaction) {
        return transaction.getStatus() == ROLLING_BACK;
    }

    /**
     * Whether a statement failed because of a mark that came while it was being taken back, and is off again: what is left of
     * which statement is not known.
     */
    public static boolean isCauseOf(SQLException e) {
        return e.getErrorCode() == ErrorCode.GENERAL_ERROR_1
                && String.valueOf(e.getMessage()).contains("ROLLING_BACK");
    }

    /** Takes the mark off an idle transaction. */
    public static void clear(Transaction transaction) {
        if (!isOn(transaction)) {
            return;
        }
        STATE.get(transaction, AtomicLong.class).updateAndGet(DeadlockMark::opened);
    }

    /** The same state with status open, if it is marked. */
    static long opened(long state) {
        boolean marked = (state & STATUS_MASK) >>> STATUS_SHIFT == ROLLING_BACK;
        return marked ? (state & ~STATUS_MASK) | OPEN_BITS : state;
    }
}
