package io.tunabledb.engine.h2.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What arrives page by page is what H2 gave: rows, types, names, and where the cursor stands. */
class PagedRowsTest {
    private static final String[] QUERIES = {
        "SELECT * FROM KINDS",
        "SELECT * FROM KINDS WHERE FALSE",
        "SELECT X, 'x' || X AS NAME FROM SYSTEM_RANGE(1, 500)",
        "SELECT E, CAST(E AS VARCHAR), ARRAY[E], ROW(E, 1), CASE WHEN ID > 1 THEN E END FROM KINDS",
        "SELECT A, ARRAY[ARRAY[1, 2], ARRAY[]], ARRAY[ARRAY[1, 2], NULL], ROW(1, 'a', NULL), ARRAY[], NULL, R FROM KINDS",
        "SELECT INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3 04:05:06.7' DAY TO SECOND, TIME WITH TIME ZONE '10:00:00+02'",
        "SELECT G, J, U, B, CAST(1.10 AS DECIMAL(10, 4)), CAST(1.1 AS DECFLOAT(12)), 1E0 FROM KINDS",
        "SELECT REPEAT('long ', 20000) AS TEXT, CAST(REPEAT('0a', 50000) AS BLOB), TABLE_NAME FROM INFORMATION_SCHEMA.TABLES",
    };

    private Connection h2;
    private Connection neutral;

    @BeforeEach
    void open() throws SQLException {
        h2 = DriverManager.getConnection("jdbc:h2:mem:");
        neutral = ResultCodec.open();
        run(
                "CREATE TABLE KINDS(ID INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, E ENUM('a', 'b', 'ü'), G GEOMETRY(POINT, 4326),"
                        + " J JSON, U UUID, B VARBINARY(20), C CHAR(5), I VARCHAR_IGNORECASE(9), N NUMERIC(12, 3) NOT NULL,"
                        + " D DATE, T TIME(3), S TIMESTAMP(9), Z TIMESTAMP WITH TIME ZONE, L CLOB, O BLOB, A INT ARRAY[4],"
                        + " F REAL, Y TINYINT, W SMALLINT, Q BIGINT, V BOOLEAN, K JAVA_OBJECT, R ROW(P INT, M ENUM('x', 'y')))");
        run("INSERT INTO KINDS(E, G, J, U, B, C, I, N, D, T, S, Z, L, O, A, F, Y, W, Q, V, R) VALUES"
                + " ('b', 'SRID=4326;POINT (1 2)', JSON '{\"a\": [1, null]}', '00000000-0000-0000-0000-0000000000ff', X'00ff', 'ab',"
                + " 'iG', 1.500, DATE '0001-01-01', '10:11:12.345', '2020-02-29 01:02:03.123456789',"
                + " '1969-12-31 23:59:59.5+05:30', REPEAT('ä', 3000), CAST(X'0102' AS BLOB), ARRAY[1, NULL, 3], 1.5, -1, 300,"
                + " 9223372036854775807, TRUE, ROW(7, 'y'))");
        run("INSERT INTO KINDS(N) VALUES (0), (-1)");
    }

    @AfterEach
    void close() throws SQLException {
        h2.close();
        neutral.close();
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = h2.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> columns(ResultSetMetaData meta) throws SQLException {
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(String.join(
                    "|",
                    meta.getCatalogName(i),
                    meta.getColumnLabel(i),
                    meta.getColumnName(i),
                    meta.getSchemaName(i),
                    meta.getTableName(i),
                    meta.getColumnTypeName(i),
                    meta.getColumnClassName(i),
                    String.valueOf(meta.getColumnType(i)),
                    String.valueOf(meta.getPrecision(i)),
                    String.valueOf(meta.getScale(i)),
                    String.valueOf(meta.getColumnDisplaySize(i)),
                    String.valueOf(meta.isNullable(i)),
                    String.valueOf(meta.isAutoIncrement(i)),
                    String.valueOf(meta.isSigned(i))));
        }
        return columns;
    }

    /** Every row with where the cursor says that it is. */
    private static List<String> rows(ResultSet rows) throws SQLException {
        List<String> all = new ArrayList<>();
        int columns = rows.getMetaData().getColumnCount();
        all.add("before " + rows.isBeforeFirst() + " " + rows.getRow());
        while (rows.next()) {
            StringBuilder row = new StringBuilder()
                    .append(rows.getRow())
                    .append(rows.isFirst())
                    .append(rows.isLast());
            for (int i = 1; i <= columns; i++) {
                Object value = rows.getObject(i);
                row.append('|').append(rows.getString(i)).append(value == null ? null : value.getClass());
                if (value instanceof Array array) {
                    row.append(array.getBaseTypeName()).append(array.toString().replaceFirst("^ar\\d+", ""));
                }
            }
            all.add(row.toString());
        }
        all.add("after " + rows.isAfterLast());
        return all;
    }

    private ResultSet paged(ResultSet from, int bytes, boolean isScrollable) throws SQLException {
        PageWriter writer = new PageWriter(from);
        byte[] first = writer.next(bytes);
        return PagedRows.open(
                new PagedRows.Next(first, writer.isAtEnd()),
                new PagedRows.Source() {
                    @Override
                    public PagedRows.Next next() throws SQLException {
                        assertThat(writer.isAtEnd()).isFalse();
                        byte[] page = writer.next(bytes);
                        return new PagedRows.Next(page, writer.isAtEnd());
                    }

                    @Override
                    public void close() {
                        throw new AssertionError("closed before its end");
                    }
                },
                isScrollable,
                neutral);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 200, 1 << 20})
    void eachPageSizeGivesTheSame(int bytes) throws SQLException {
        for (String query : QUERIES) {
            try (Statement one = h2.createStatement();
                    Statement two = h2.createStatement();
                    ResultSet expected = one.executeQuery(query);
                    ResultSet actual = paged(two.executeQuery(query), bytes, false)) {
                assertThat(columns(actual.getMetaData())).as(query).isEqualTo(columns(expected.getMetaData()));
                assertThat(rows(actual)).as(query).isEqualTo(rows(expected));
            }
        }
    }

    @Test
    void whatScrollsIsThereAtOnce() throws SQLException {
        try (Statement statement = h2.createStatement();
                ResultSet rows = paged(statement.executeQuery("SELECT X FROM SYSTEM_RANGE(1, 100)"), 20, true)) {
            assertThat(rows.getType()).isEqualTo(ResultSet.TYPE_SCROLL_INSENSITIVE);
            assertThat(rows.last()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(100);
            assertThat(rows.absolute(3)).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(3);
            assertThat(rows.previous()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(2);
            rows.beforeFirst();
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(1);
        }
    }

    @Test
    void whatDoesNotScrollOnlyGoesForward() throws SQLException {
        try (Statement statement = h2.createStatement();
                ResultSet rows = paged(statement.executeQuery("SELECT X FROM SYSTEM_RANGE(1, 100)"), 20, false)) {
            assertThat(rows.absolute(60)).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(60);
            for (ThrowableAssert.ThrowingCallable back : List.<ThrowableAssert.ThrowingCallable>of(
                    rows::previous, rows::first, rows::beforeFirst, () -> rows.absolute(3))) {
                // H2's "not scrollable"
                assertThatThrownBy(back)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getErrorCode()).isEqualTo(90128));
            }
            assertThat(rows.getType()).isEqualTo(ResultSet.TYPE_FORWARD_ONLY);
            assertThat(rows.absolute(-1)).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(100);
            assertThat(rows.next()).isFalse();
        }
    }

    @Test
    void anErrorArrivesAsItWas() {
        assertThatThrownBy(() -> run("SELECT * FROM MISSING")).isInstanceOfSatisfying(SQLException.class, e -> {
            SQLException arrived = CarriedError.of(e).exception();
            assertThat(arrived.getClass()).isEqualTo(e.getClass());
            assertThat(arrived.getMessage()).isEqualTo(e.getMessage());
            assertThat(arrived.getSQLState()).isEqualTo(e.getSQLState());
            assertThat(arrived.getErrorCode()).isEqualTo(e.getErrorCode());
        });
    }
}
