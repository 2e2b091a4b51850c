package io.tunabledb.engine.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a JDBC statement was created with.
 *
 * @param scrollable whether result sets may move backwards
 * @param keys which generated keys to return
 */
public record StatementOptions(boolean scrollable, Keys keys) {

    /** Forward-only, no generated keys. */
    public static final StatementOptions DEFAULT = new StatementOptions(false, Keys.NONE);

    public StatementOptions withoutKeys() {
        return new StatementOptions(scrollable, Keys.NONE);
    }

    /**
     * Which generated keys to return: none, all, or the named columns.
     *
     * @param names column names, or null
     * @param indexes column indexes from 1, or null
     */
    public record Keys(
            boolean wanted,
            @Nullable List<String> names,
            @Nullable List<Integer> indexes) {
        /** No keys. */
        public static final Keys NONE = new Keys(false, null, null);

        /** Every generated column. */
        public static final Keys ALL = new Keys(true, null, null);
    }
}
