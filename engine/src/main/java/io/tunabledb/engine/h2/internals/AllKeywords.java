package io.tunabledb.engine.h2.internals;

import java.sql.SQLException;
import java.util.BitSet;
import org.h2.engine.SessionLocal;

/**
 * SQL that the engine or H2 itself wrote, in a session in which a client may have freed words: after {@code SET NON_KEYWORDS
 * SET} an {@code UPDATE t SET …} can't be parsed. It is compiled with every keyword of H2's; the client's texts are not.
 */
public final class AllKeywords {

    /** What is to be done with them. */
    @FunctionalInterface
    public interface Action<T> {
        T run() throws SQLException;
    }

    private AllKeywords() {}

    /** Does it, and gives the session back the words it had freed. By the session's owner. */
    public static <T> T in(SessionLocal session, Action<T> action) throws SQLException {
        BitSet freed = session.getNonKeywords();
        if (freed == null) {
            return action.run();
        }
        session.setNonKeywords(null);
        try {
            return action.run();
        } finally {
            session.setNonKeywords(freed);
        }
    }
}
