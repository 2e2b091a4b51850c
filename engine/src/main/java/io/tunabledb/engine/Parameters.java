package io.tunabledb.engine;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The values of one execution. May be bound more than once: a retry on another replica binds again. */
@FunctionalInterface
public interface Parameters {

    /** No parameters. */
    Parameters NONE = target -> {};

    /** Sets every parameter on {@code target}. */
    void bind(PreparedStatement target) throws SQLException;

    /**
     * Those of one statement among several in a text: {@code count} of them, after the first {@code skipped}.
     */
    default Parameters part(int skipped, int count) {
        return this;
    }
}
