package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Ladder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What will be tried for a statement.
 *
 * @param asked what was asked for, as written
 * @param decidedBy who decided: CLAUSE, HINT, SET TRANSACTION, SET CONSISTENCY, RULE name, TABLE name, URL or DEFAULT
 * @param granted the rungs to try, in order
 * @param reason why granted differs from asked, or null
 * @param notices what rules did to it; the user is warned of each
 */
public record Agreement(
        Ladder asked,
        String decidedBy,
        Ladder granted,
        @Nullable String reason,
        List<Notice> notices) {

    public Agreement {
        notices = List.copyOf(notices);
    }

    /** Without notices. */
    public Agreement(Ladder asked, String decidedBy, Ladder granted, @Nullable String reason) {
        this(asked, decidedBy, granted, reason, List.of());
    }
}
