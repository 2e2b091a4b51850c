package io.tunabledb.engine.api;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** A method that a library keeps to itself; otherwise as {@link PrivateField}. */
public final class PrivateMethod {
    private final Method method;

    private PrivateMethod(Method method) {
        this.method = method;
    }

    /** @throws IllegalStateException the class has no such method, or it can't be opened */
    public static PrivateMethod of(Class<?> owner, String name, Class<?>... parameters) {
        try {
            Method method = owner.getDeclaredMethod(name, parameters);
            method.setAccessible(true);
            return new PrivateMethod(method);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException(
                    owner.getName() + " has no method " + name + " that can be called; it was found in the version that"
                            + " TunableDB was written for",
                    e);
        }
    }

    /** @throws InvocationTargetException with what the method throws */
    public @Nullable Object call(Object owner, Object... arguments) throws InvocationTargetException {
        try {
            return method.invoke(owner, arguments);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + " can't be called any more", e);
        }
    }
}
