package io.tunabledb.engine.api;

import io.tunabledb.consistency.SqlState;
import java.lang.reflect.Field;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A private field of a library's class, for what the library gives out in no other way. Only the rooms called internals have
 * any. The class that needs one keeps it in a constant: that it is missing is found when a database is opened, not when it is read.
 */
public final class PrivateField {
    private final Field field;

    private PrivateField(Field field) {
        this.field = field;
    }

    /** @throws IllegalStateException the class has no such field, or it can't be opened */
    public static PrivateField of(Class<?> owner, String name) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            return new PrivateField(field);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException(
                    owner.getName() + " has no field " + name + " that can be read; it was found in the version that"
                            + " TunableDB was written for",
                    e);
        }
    }

    /**
     * As {@link #of(Class, String)}, of a class that can't be named in code.
     *
     * @throws IllegalStateException there is no such class, or it has no such field
     */
    public static PrivateField of(String owner, String name) {
        try {
            return of(Class.forName(owner), name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "there is no class " + owner + "; it was found in the version that TunableDB was written for", e);
        }
    }

    /**
     * Makes the constants of all classes that have any, so that a database whose library lacks one isn't opened.
     *
     * @param library its name and version, for people
     * @throws SQLException 08001 something is missing: says what
     */
    public static void requireAll(String library, Class<?>... having) throws SQLException {
        try {
            for (Class<?> each : having) {
                Class.forName(each.getName(), true, each.getClassLoader());
            }
        } catch (ExceptionInInitializerError | ReflectiveOperationException | NoClassDefFoundError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw Errors.of(
                    SqlState.CANNOT_CONNECT,
                    library + " on the class path is built otherwise than the published one: " + cause.getMessage(),
                    cause);
        }
    }

    /** The class that has it. */
    public Class<?> owner() {
        return field.getDeclaringClass();
    }

    /** What it is declared as. */
    public Class<?> type() {
        return field.getType();
    }

    /**
     * What {@code owner} has there.
     *
     * @throws ClassCastException it is of another type, or null
     */
    public <T> T get(Object owner, Class<T> type) {
        Object value = get(owner);
        if (value == null) {
            throw new ClassCastException(field + " is null, not a " + type.getName());
        }
        return type.cast(value);
    }

    public @Nullable Object get(Object owner) {
        try {
            return field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " can't be read any more", e);
        }
    }

    public void set(Object owner, @Nullable Object value) {
        try {
            field.set(owner, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " can't be set any more", e);
        }
    }
}
