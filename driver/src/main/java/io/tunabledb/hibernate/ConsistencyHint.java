package io.tunabledb.hibernate;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;

/**
 * Asks for a level by query: {@code query.setHint(ConsistencyHint.NAME, ConsistencyHint.of(LINEARIZABLE))}, on JPQL, HQL,
 * criteria and native queries. It goes before what the entity and the session say. Hibernate drops hints it does not
 * know, so this travels as one of its own, whose values it hands to the dialect.
 */
public final class ConsistencyHint {

    /** The hint's name; in annotations {@code @QueryHint(name = ConsistencyHint.NAME, value = "CONSISTENCY(EVENTUAL)")}. */
    public static final String NAME = "hibernate.query.database";

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

    static boolean isOne(String hint) {
        return hint.regionMatches(true, 0, START, 0, START.length());
    }
}
