package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is not supported says so, each and every method of it. */
class UnsupportedTest {

    @Test
    void everyRefusedMethodOfAResultSetThrowsHYC00() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement();
                ResultSet rows = new VisibleRows(connection.getMetaData().getTableTypes())) {
            List<Method> refused = Arrays.stream(UnsupportedResultSet.class.getDeclaredMethods())
                    .filter(method -> Modifier.isPublic(method.getModifiers()))
                    .toList();
            assertThat(refused).hasSizeGreaterThan(90);
            assertThat(refused).allSatisfy(method -> {
                Throwable thrown = catchThrowable(() -> method.invoke(rows, anyArguments(method)));
                assertThat(thrown).isInstanceOf(InvocationTargetException.class);
                assertThat(thrown.getCause())
                        .isInstanceOfSatisfying(
                                SQLFeatureNotSupportedException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("HYC00"));
            });
            assertThat(statement.isClosed()).isFalse();
        }
    }

    private static Object[] anyArguments(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(UnsupportedTest::anyValue)
                .toArray();
    }

    private static Object anyValue(Class<?> type) {
        if (type == boolean.class) {
            return false;
        }
        if (type == byte.class) {
            return (byte) 1;
        }
        if (type == short.class) {
            return (short) 1;
        }
        if (type == int.class) {
            return 1;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == float.class) {
            return 1f;
        }
        return type == double.class ? 1d : null;
    }
}
