package io.tunabledb.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Period;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the type, what the driver gives is of a class that an application can name, on the jar as well. */
class JdkTypesTest {
    private static Connection connection;

    /** An expression of a type, and its value where that is an interval. */
    record Case(String sql, Object value) {
        @Override
        public String toString() {
            return sql;
        }
    }

    static Stream<Case> intervals() {
        return Stream.of(
                new Case("INTERVAL '5' YEAR", Period.ofYears(5)),
                new Case("INTERVAL '-14' MONTH", Period.ofMonths(-14)),
                new Case("INTERVAL '-1-2' YEAR TO MONTH", Period.of(-1, -2, 0)),
                new Case("INTERVAL '3' DAY", Duration.ofDays(3)),
                new Case("INTERVAL '-4' HOUR", Duration.ofHours(-4)),
                new Case("INTERVAL '90' MINUTE", Duration.ofMinutes(90)),
                new Case("INTERVAL '-1.000000001' SECOND(1, 9)", Duration.ofSeconds(-1, -1)),
                new Case("INTERVAL '1 2' DAY TO HOUR", Duration.ofHours(26)),
                new Case("INTERVAL '-1 02:03' DAY TO MINUTE", Duration.ofMinutes(-1563)),
                new Case("INTERVAL '-1 02:03:04.5' DAY TO SECOND", Duration.ofMillis(-93_784_500)),
                new Case("INTERVAL '2:03' HOUR TO MINUTE", Duration.ofMinutes(123)),
                new Case("INTERVAL '2:03:04.25' HOUR TO SECOND", Duration.ofMillis(7_384_250)),
                new Case("INTERVAL '-3:04.5' MINUTE TO SECOND", Duration.ofMillis(-184_500)),
                new Case("INTERVAL '999999999999999999' SECOND(18)", Duration.ofSeconds(999_999_999_999_999_999L)));
    }

    static Stream<Case> values() {
        return Stream.concat(
                intervals(),
                Stream.of(
                                "TIMESTAMP WITH TIME ZONE '2026-11-30 10:00:00+02:30'",
                                "TIME WITH TIME ZONE '10:00:00+02:30'",
                                "TIMESTAMP '2026-11-30 10:00:00.123456789'",
                                "DATE '2026-11-30'",
                                "JSON '{\"a\": 1}'",
                                "UUID '00000000-0000-0001-0000-000000000002'",
                                "CAST(X'0102' AS BINARY(2))",
                                "CAST('b' AS ENUM('a', 'b'))",
                                "CAST(1.5 AS DECFLOAT)",
                                "CAST('text' AS CLOB)",
                                "CAST(X'01' AS BLOB)",
                                "GEOMETRY 'POINT (1 2)'",
                                "ROW(1, INTERVAL '1' DAY, ARRAY[INTERVAL '2' YEAR])",
                                "ARRAY[1, 2]",
                                "ARRAY[INTERVAL '1' DAY, NULL]",
                                "ARRAY[ARRAY[INTERVAL '1-2' YEAR TO MONTH], ARRAY[]]",
                                "ARRAY[ROW(INTERVAL '1' DAY)]",
                                "CAST(NULL AS INTERVAL DAY)")
                        .map(sql -> new Case(sql, null)));
    }

    @BeforeAll
    static void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:tunable:mem:jdktypes?replicas=1");
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
    }

    private static void requireNameable(Object value) throws SQLException {
        if (value == null) {
            return;
        }
        if (value instanceof Array array) {
            requireNameable(array.getArray());
            try (ResultSet rows = array.getResultSet()) {
                requireNameableRows(rows);
            }
        } else if (value instanceof ResultSet rows) {
            requireNameableRows(rows);
        } else if (value instanceof Object[] elements) {
            for (Object element : elements) {
                requireNameable(element);
            }
        } else if (!(value instanceof Blob || value instanceof Clob)) {
            assertThat(value.getClass().getName()).matches("java\\..*|\\[B");
        }
    }

    private static void requireNameableRows(ResultSet rows) throws SQLException {
        requireClassNames(rows.getMetaData());
        while (rows.next()) {
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                requireNameable(rows.getObject(i));
            }
        }
    }

    private static void requireClassNames(ResultSetMetaData columns) throws SQLException {
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            assertThat(columns.getColumnClassName(i)).matches("java\\..*|\\[.*");
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void everyGetterGivesWhatAnApplicationCanName(Case given) throws Exception {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT " + given.sql() + " AS V")) {
            assertThat(rows.next()).isTrue();
            requireNameable(rows.getObject(1));
            requireNameable(rows.getObject("V"));
            requireClassNames(rows.getMetaData());
            Object value = rows.getObject(1);
            if (value != null) {
                assertThat(value).isInstanceOf(Class.forName(rows.getMetaData().getColumnClassName(1)));
            }
            if (given.value() != null) {
                assertThat(value).isEqualTo(given.value());
                assertThat(rows.getObject(1, given.value().getClass())).isEqualTo(given.value());
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + given.sql() + " AS V")) {
            requireClassNames(statement.getMetaData());
        }
        try (CallableStatement call = connection.prepareCall("{? = call " + given.sql() + "}")) {
            call.registerOutParameter(1, java.sql.Types.OTHER);
            call.execute();
            requireNameable(call.getObject(1));
        }
    }

    @ParameterizedTest
    @MethodSource("intervals")
    void anIntervalThatWasReadCanBeWritten(Case given) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String type = "INTERVAL" + given.sql().substring(given.sql().lastIndexOf('\'') + 1);
            statement.execute("CREATE TABLE W (ID INT PRIMARY KEY, V " + type + ", A " + type + " ARRAY)");
            statement.execute("INSERT INTO W SELECT 1, V, ARRAY[V] FROM (SELECT " + given.sql() + " AS V)");
        }
        try (Statement statement =
                        connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
                PreparedStatement insert = connection.prepareStatement("INSERT INTO W VALUES (?, ?, ?)")) {
            assertThat(insert.getParameterMetaData().getParameterClassName(2))
                    .isEqualTo(given.value().getClass().getName());
            try (ResultSet rows = statement.executeQuery("SELECT ID, V, A FROM W")) {
                assertThat(rows.next()).isTrue();
                insert.setInt(1, 2);
                insert.setObject(2, rows.getObject(2));
                insert.setArray(3, rows.getArray(3));
                insert.executeUpdate();
                rows.updateObject(2, given.value());
                rows.updateRow();
                assertThat(rows.getObject(2)).isEqualTo(given.value());
            }
            insert.setInt(1, 3);
            insert.setObject(2, given.value());
            insert.setArray(3, connection.createArrayOf("INTERVAL", new Object[] {given.value()}));
            insert.executeUpdate();
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT V, A FROM W ORDER BY ID")) {
            for (int i = 0; i < 3; i++) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getObject(1)).isEqualTo(given.value());
                assertThat(Arrays.asList((Object[]) rows.getArray(2).getArray()))
                        .isEqualTo(List.of(given.value()));
            }
        } finally {
            try (Statement statement = connection.createStatement()) {
                statement.execute("DROP TABLE W");
            }
        }
    }

    @Test
    void whatNoClassCanHoldIsRefusedAndStillHasAText() throws SQLException {
        for (String beyond : List.of("INTERVAL '999999999999999999' DAY(18)", "INTERVAL '2147483648' YEAR(10)")) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT " + beyond)) {
                assertThat(rows.next()).isTrue();
                assertThatThrownBy(() -> rows.getObject(1))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("22003"))
                        .hasMessageContaining("read it with getString");
                assertThat(rows.getString(1))
                        .isEqualTo(beyond.replaceAll("\\(.*", "").replaceAll(" +$", ""));
            }
        }
    }
}
