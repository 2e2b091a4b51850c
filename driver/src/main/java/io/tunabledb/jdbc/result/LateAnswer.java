package io.tunabledb.jdbc.result;

import io.tunabledb.engine.client.ExceptionTranslator;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a row gives that answers only later: LOBs, arrays, what is known of its columns. They are H2's own, and refuse when
 * their storage was closed since; what they throw is translated as what a statement throws.
 */
final class LateAnswer implements InvocationHandler {
    private final Object own;
    private final ExceptionTranslator exceptions;

    private LateAnswer(Object own, ExceptionTranslator exceptions) {
        this.own = own;
        this.exceptions = exceptions;
    }

    /** The same, whose errors say what to do; null for null. */
    static <T> T by(Class<T> type, T own, ExceptionTranslator exceptions) {
        return own == null
                ? own
                : type.cast(Proxy.newProxyInstance(
                        LateAnswer.class.getClassLoader(), new Class<?>[] {type}, new LateAnswer(own, exceptions)));
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
            throw cause instanceof SQLException failure
                    ? exceptions.translateOfRows(failure)
                    : cause == null ? e : cause;
        }
    }
}
