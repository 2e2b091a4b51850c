package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Rung;
import io.tunabledb.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Everything a session says about consistency when a statement arrives; null where it says nothing.
 *
 * @param statement the statement's own clause or hint
 * @param transaction SET TRANSACTION CONSISTENCY
 * @param session SET CONSISTENCY for this kind of statement
 * @param url the URL's {@code consistency=}
 * @param userType the type of user that asks, for rules; empty when it has none
 */
public record Ask(
        Statement.@Nullable Asked statement,
        @Nullable Rung transaction,
        @Nullable Ladder session,
        @Nullable Ladder url,
        String userType) {

    /** From a user without a type. */
    public Ask(
            Statement.@Nullable Asked statement,
            @Nullable Rung transaction,
            @Nullable Ladder session,
            @Nullable Ladder url) {
        this(statement, transaction, session, url, "");
    }
}
