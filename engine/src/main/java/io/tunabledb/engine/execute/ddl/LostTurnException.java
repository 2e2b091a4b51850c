package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The first shard's leader changed in the middle of a schema change: another one may have begun, and has to be waited for. */
final class LostTurnException extends SQLException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable PendingSchemaChange noted;

    LostTurnException() {
        this(null, null);
    }

    /**
     * @param noted what stood in the catalog as pending by then, and so is finished by the next session that has the turn
     */
    LostTurnException(@Nullable PendingSchemaChange noted, @Nullable Exception cause) {
        super(
                "the leader of shard 0 changed while the schema change was under way, and another one may have come"
                        + " first; run it again",
                SqlState.RETRY_TRANSACTION.code(),
                cause);
        this.noted = noted;
    }

    /** What will be finished by the next session that has the turn; null when nothing was begun. */
    @Nullable
    PendingSchemaChange noted() {
        return noted;
    }
}
