package io.tunabledb.engine.api;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of one execution. May be bound more than once: a retry on another replica binds again. */
@FunctionalInterface
public interface Parameters {

    /** No parameters. */
    Parameters NONE = target -> {};

    /** Sets every parameter on {@code target}. */
    void bind(PreparedStatement target) throws SQLException;

    /**
     * Before the first of several statements is executed.
     *
     * @throws SQLException 90012: one has no value
     */
    default void requireAll() throws SQLException {}

    /**
     * Those of one statement among several in a text: {@code count} of them, after the first {@code skipped}.
     */
    default Parameters part(int skipped, int count) {
        return this;
    }

    /**
     * A value, as far as it tells in which shard a row is.
     *
     * @param index from 1
     * @return what was given to the setter; null for SQL's NULL and for what is not known before it is bound
     */
    default @Nullable Object value(int index) {
        return null;
    }

    /** Some of them, in another order: for each parameter of another text, the index of its value here, from 1. */
    default Parameters select(List<Integer> indexes) {
        if (indexes.isEmpty()) {
            return NONE;
        }
        throw new UnsupportedOperationException("these parameters can't be taken apart");
    }
}
