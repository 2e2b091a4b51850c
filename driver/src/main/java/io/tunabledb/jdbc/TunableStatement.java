package io.tunabledb.jdbc;

import io.tunabledb.consistency.Receipt;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A statement that can prove how consistent its last execution was: {@code
 * statement.unwrap(TunableStatement.class)}.
 */
public interface TunableStatement extends Statement {

    /**
     * What the last execution got; of a batch, its last element. Null before the first, after one that
     * failed, and for commands that touch no data, such as SHOW. Still there after {@link #close}.
     */
    @Nullable
    Receipt receipt();
}
