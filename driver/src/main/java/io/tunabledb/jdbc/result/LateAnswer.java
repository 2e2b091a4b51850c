package io.tunabledb.jdbc.result;

import io.tunabledb.engine.client.Translator;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a row gives that answers only later: LOBs, arrays, what is known of its columns. They are H2's own, and refuse when
 * their storage was closed since; what they throw is translated as what a statement throws, and what they give as what a row
 * gives.
 */
public final class LateAnswer implements InvocationHandler {
    private final Object own;
    private final Translator translator;

    private LateAnswer(Object own, Translator translator) {
        this.own = own;
        this.translator = translator;
    }

    /** The same, whose errors say what to do; null for null. */
    public static <T> T by(Class<T> type, T own, Translator translator) {
        return own == null
                ? own
                : type.cast(Proxy.newProxyInstance(
                        LateAnswer.class.getClassLoader(), new Class<?>[] {type}, new LateAnswer(own, translator)));
    }

    /** A value as the application gets it, with what it answers later. */
    static Object own(Object value, Translator translator) throws SQLException {
        if (value instanceof Array array) {
            return by(Array.class, array, translator);
        }
        if (value instanceof ResultSet rows) {
            return new InnerRows(rows, translator);
        }
        if (value instanceof Object[] elements && value.getClass() == Object[].class) {
            // made for this call, so that it may be changed
            for (int i = 0; i < elements.length; i++) {
                elements[i] = elements[i] == null ? null : own(elements[i], translator);
            }
            return value;
        }
        return translator.value(value);
    }

    private @Nullable Object translated(Method method, Object @Nullable [] arguments, @Nullable Object answer)
            throws SQLException {
        if (own instanceof ResultSetMetaData columns
                && arguments != null
                && method.getName().equals("getColumnClassName")) {
            return translator.className(String.valueOf(answer), columns.getColumnTypeName((int) arguments[0]));
        }
        return answer == null ? null : own(answer, translator);
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("equals") && arguments != null) {
            return proxy == arguments[0];
        }
        try {
            return translated(method, arguments, method.invoke(own, arguments));
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause instanceof SQLException failure
                    ? translator.translateOfRows(failure)
                    : cause == null ? e : cause;
        }
    }
}
