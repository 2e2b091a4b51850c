package io.tunabledb.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * An object in a state in which its methods are called.
 *
 * @param state in words
 * @param type the interface whose methods are called
 * @param opener makes the object anew
 * @param undo how what a call did is undone
 * @param probes what is looked at after a call that may have changed something
 */
record Stage(String state, Class<?> type, Opener opener, Undo undo, List<Probe> probes) {

    private static final Set<String> THOROUGH = Set.of("fresh", "values", "nulls", "updatable", "any type");

    /** What has to be repaired after a call. */
    enum Undo {
        /** Nothing: the object is thrown away. */
        NOTHING,
        /** The transaction is rolled back. */
        ROLLBACK,
        /** The rows are put back. */
        RESTORE
    }

    /** Makes the object. */
    interface Opener {
        Object open(Side side) throws SQLException;
    }

    /** Looks at the object, and at the database it is of. */
    interface Look {
        Object at(Object subject, Side side) throws SQLException, IOException;
    }

    /** A look and its name. */
    record Probe(String label, Look look) {}

    /** Whether this is where arguments of all kinds are to be combined. */
    boolean isThorough() {
        return THOROUGH.contains(state);
    }

    String name() {
        return type.getSimpleName() + " (" + state + ")";
    }
}
