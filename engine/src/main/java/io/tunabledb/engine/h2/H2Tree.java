package io.tunabledb.engine.h2;

import java.lang.reflect.Field;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Merge;
import org.h2.command.dml.MergeUsing;
import org.jspecify.annotations.Nullable;

/** The parts of H2's statements that it keeps to itself. */
final class H2Tree {
    static final H2Tree INSERT_QUERY = new H2Tree(Insert.class, "query");
    static final H2Tree INSERT_COLUMNS = new H2Tree(Insert.class, "columns");
    static final H2Tree INSERT_OVERRIDING = new H2Tree(Insert.class, "overridingSystem");
    static final H2Tree INSERT_ON_DUPLICATE = new H2Tree(Insert.class, "duplicateKeyAssignmentMap");
    static final H2Tree INSERT_IGNORE = new H2Tree(Insert.class, "ignore");
    static final H2Tree VALUES = new H2Tree(Insert.class.getSuperclass(), "valuesExpressionList");
    static final H2Tree MERGE_QUERY = new H2Tree(Merge.class, "query");
    static final H2Tree MERGE_COLUMNS = new H2Tree(Merge.class, "columns");
    static final H2Tree NOT_MATCHED_COLUMNS = new H2Tree(MergeUsing.WhenNotMatched.class, "columns");

    private final Field field;

    private H2Tree(Class<?> owner, String name) {
        try {
            field = owner.getDeclaredField(name);
            field.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The part of {@code owner}; null if it has none. */
    <T> @Nullable T of(Object owner, Class<T> type) {
        try {
            return type.cast(field.get(owner));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("H2's statement can't be read: " + field, e);
        }
    }
}
