package io.tunabledb.jdbc.metadata;

import io.tunabledb.engine.client.Session;
import io.tunabledb.jdbc.contract.Wrapped;
import io.tunabledb.jdbc.session.SharedSession;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
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
public final class ConnectionMetaData implements InvocationHandler {

    private final Connection connection;
    private final SharedSession shared;
    private final String url;

    private ConnectionMetaData(Connection connection, SharedSession shared, String url) {
        this.connection = connection;
        this.shared = shared;
        this.url = url;
    }

    public static DatabaseMetaData of(Connection connection, SharedSession shared, String url) {
        return (DatabaseMetaData) Proxy.newProxyInstance(
                ConnectionMetaData.class.getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                new ConnectionMetaData(connection, shared, url));
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
            case "getDriverName" -> DriverVersion.NAME;
            case "getDriverVersion" -> DriverVersion.VERSION;
            case "getDriverMajorVersion" -> DriverVersion.MAJOR;
            case "getDriverMinorVersion" -> DriverVersion.MINOR;
            case "getUserName" -> shared.session().user();
            case "isReadOnly" -> connection.isReadOnly();
            default -> ask(method, given);
        };
    }

    private @Nullable Object ask(Method method, Object[] arguments) throws SQLException {
        Object answer = shared.ask(session -> Optional.ofNullable(answer(session, method, arguments)))
                .orElse(null);
        try {
            return answer instanceof ResultSet rows ? new VisibleRows(rows, shared.translator()) : answer;
        } catch (SQLException e) {
            throw shared.translator().translate(e);
        }
    }

    private static @Nullable Object answer(Session session, Method method, Object[] arguments) throws SQLException {
        try {
            return method.invoke(session.metadata(), arguments);
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
