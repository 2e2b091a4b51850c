package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.SqlState;
import java.sql.SQLTransactionRollbackException;

/**
 * A statement came to a shard where its tables are not as it was planned for: a schema change has moved their rows, or is
 * at it. It has done nothing. The session plans it again and runs it again, for as long as statements wait; to a caller that can't
 * do that it is what it says, a 40001.
 */
public final class StalePlanException extends SQLTransactionRollbackException {
    private static final long serialVersionUID = 1L;
    /** Its code for the same state. */
    private static final int H2_DEADLOCK = 40001;

    public StalePlanException(String message) {
        super(message, SqlState.RETRY_TRANSACTION.code(), H2_DEADLOCK);
    }
}
