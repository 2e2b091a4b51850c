package io.tunabledb.jdbc;

import io.tunabledb.engine.Failures;
import io.tunabledb.engine.Session;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The DatabaseMetaData of a connection: H2's, asked of a live replica anew for every call, except for the few
 * answers that are about this driver. The product stays "H2", by which tools choose their dialect. A dynamic
 * proxy, because 170 of the 180 methods would only pass the question on.
 */
final class Catalog implements InvocationHandler {

    private final SessionConnection connection;
    private final String url;

    private Catalog(SessionConnection connection, String url) {
        this.connection = connection;
        this.url = url;
    }

    static DatabaseMetaData of(SessionConnection connection, String url) {
        return (DatabaseMetaData) Proxy.newProxyInstance(
                Catalog.class.getClassLoader(), new Class<?>[] {DatabaseMetaData.class}, new Catalog(connection, url));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        Object[] given = arguments == null ? new Object[0] : arguments;
        return switch (method.getName()) {
            case "equals" -> proxy == given[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> "metadata of " + url;
            case "unwrap" -> Wrapped.unwrap(proxy, (@Nullable Class<?>) given[0]);
            case "isWrapperFor" -> Wrapped.is(proxy, (Class<?>) given[0]);
            case "getConnection" -> connection;
            case "getURL" -> url;
            case "getDriverName" -> TunableDriver.NAME;
            case "getDriverVersion" -> TunableDriver.VERSION;
            case "getDriverMajorVersion" -> TunableDriver.MAJOR;
            case "getDriverMinorVersion" -> TunableDriver.MINOR;
            case "getUserName" -> connection.userName();
            case "isReadOnly" -> connection.isReadOnly();
            default -> ask(method, given);
        };
    }

    private @Nullable Object ask(Method method, Object[] arguments) throws SQLException {
        Object answer = connection
                .shared()
                .ask(session -> Optional.ofNullable(answer(session, method, arguments)))
                .orElse(null);
        try {
            return answer instanceof ResultSet rows ? new VisibleRows(rows) : answer;
        } catch (SQLException e) {
            throw Failures.told(e);
        }
    }

    private static @Nullable Object answer(Session session, Method method, Object[] arguments) throws SQLException {
        try {
            return method.invoke(session.metadata().getMetaData(), arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw cause;
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
