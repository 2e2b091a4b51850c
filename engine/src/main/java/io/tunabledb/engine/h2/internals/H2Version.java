package io.tunabledb.engine.h2.internals;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.PrivateField;
import java.sql.SQLException;
import org.h2.engine.Constants;

/**
 * The version of H2 that this package was written for, and the one it is run with. Replicas are alike down to the row key because
 * they use H2's insides, which change with every release without a word: with another version a database opens, and its
 * replicas stop at a statement that looks harmless.
 */
public final class H2Version {
    /** An upgrade is a decision: see this package's DESIGN.md for what of H2's behaviour it relies on. */
    static final String NEEDED = "2.5.252";

    private H2Version() {}

    /**
     * Asks H2 which one it is, and whether all is there that this package needs.
     *
     * @throws SQLException 08001 when it is not the one this was written for: says both, and what to write
     */
    public static void require() throws SQLException {
        require(found());
        PrivateField.requireAll(
                "H2 " + NEEDED,
                H2Tree.class,
                DeadlockMark.class,
                RangeBounds.class,
                SequenceState.class,
                SchemaExpressions.class,
                StatementTime.class,
                Watchers.class);
    }

    static void require(String found) throws SQLException {
        if (!found.equals(NEEDED)) {
            throw Errors.of(
                    SqlState.CANNOT_CONNECT,
                    "TunableDB runs on H2 " + NEEDED + ", but the class path has H2 " + found
                            + ": depend on com.h2database:h2:" + NEEDED + " (with Spring Boot's dependency management: "
                            + "<h2.version>" + NEEDED + "</h2.version>)");
        }
    }

    static String found() {
        try {
            return Constants.VERSION;
        } catch (LinkageError e) {
            return "of an unknown version (" + e + ")";
        }
    }
}
