package io.tunabledb.hibernate;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import java.util.List;
import org.hibernate.jpa.HibernateHints;
import org.hibernate.query.spi.QueryOptions;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a level by query: {@code query.setHint(ConsistencyHint.NAME, ConsistencyHint.of(LINEARIZABLE))}, on JPQL, HQL,
 * criteria and native queries, and in the annotations of named ones. It goes before what the entity and the session say.
 * Hibernate drops hints it does not know, so this travels as one of its own: a query's comment, the only one that named
 * queries keep too. With {@code hibernate.query.database}, which they do not, a query may have a comment besides.
 */
public final class ConsistencyHint {

    /** The hint's name; in annotations {@code @QueryHint(name = ConsistencyHint.NAME, value = "CONSISTENCY(EVENTUAL)")}. */
    public static final String NAME = HibernateHints.HINT_COMMENT;

    private static final String START = "CONSISTENCY(";

    private ConsistencyHint() {}

    /** The value that asks for {@code level}. */
    public static String of(Level level) {
        return of(Ladder.of(level));
    }

    /** The value that asks for {@code ladder}. */
    public static String of(Ladder ladder) {
        return START + ladder.text() + ")";
    }

    /** What a query asks for, or null; the hint set last goes before the comment. */
    static @Nullable String of(QueryOptions options) {
        List<String> hints = options.getDatabaseHints();
        String last = hints == null
                ? null
                : hints.stream()
                        .filter(ConsistencyHint::isOne)
                        .reduce((first, second) -> second)
                        .orElse(null);
        String comment = options.getComment();
        return last == null && comment != null && isOne(comment) ? comment : last;
    }

    static boolean isOne(String hint) {
        return hint.regionMatches(true, 0, START, 0, START.length());
    }
}
