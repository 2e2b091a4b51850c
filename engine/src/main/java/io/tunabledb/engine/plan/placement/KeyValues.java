package io.tunabledb.engine.plan.placement;

import org.jspecify.annotations.Nullable;

/** The parameters of one execution, as far as they are known before it. */
@FunctionalInterface
public interface KeyValues {

    /** Nothing is known, as when a statement is only explained. */
    KeyValues UNKNOWN = index -> null;

    /**
     * The value of a parameter.
     *
     * @param jdbcIndex from 1
     * @return what was given to a setter; null when it is SQL's NULL or not known
     */
    @Nullable
    Object value(int jdbcIndex);
}
