package io.tunabledb.jdbc;

import io.tunabledb.engine.Failures;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a row gives that answers only later: LOBs, arrays, what is known of its columns. They are H2's own, and refuse when
 * their storage was closed since; what they throw is told as what a statement throws.
 */
final class Told implements InvocationHandler {
    private final Object own;

    private Told(Object own) {
        this.own = own;
    }

    /** The same, whose errors say what to do; null for null. */
    static <T> T by(Class<T> type, T own) {
        return own == null
                ? own
                : type.cast(Proxy.newProxyInstance(Told.class.getClassLoader(), new Class<?>[] {type}, new Told(own)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("equals") && arguments != null) {
            return proxy == arguments[0];
        }
        try {
            return method.invoke(own, arguments);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause instanceof SQLException failure ? Failures.toldOfRows(failure) : cause == null ? e : cause;
        }
    }
}
