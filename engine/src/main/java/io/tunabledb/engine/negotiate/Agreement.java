package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Ladder;
import org.jspecify.annotations.Nullable;

/**
 * What will be tried for a statement.
 *
 * @param asked what was asked for, as written
 * @param decidedBy who decided: CLAUSE, HINT, SET TRANSACTION, SET CONSISTENCY, TABLE name, URL or DEFAULT
 * @param granted the rungs to try, in order
 * @param reason why granted differs from asked, or null
 */
public record Agreement(
        Ladder asked,
        String decidedBy,
        Ladder granted,
        @Nullable String reason) {}
