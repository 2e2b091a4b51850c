package io.tunabledb.jdbc.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.client.Translator;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VisibleRowsTest {
    /** H2's own errors, which this test never sees. */
    private static final Translator PASSING = new Translator() {
        @Override
        public SQLException translate(Throwable failure) {
            return new SQLException(failure);
        }

        @Override
        public SQLException translateOfRows(SQLException failure) {
            return failure;
        }

        @Override
        public Object value(Object value) {
            return value;
        }

        @Override
        public String className(String className, String typeName) {
            return className;
        }
    };

    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:h2:mem:");
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA TUNABLE_INTERNAL");
            statement.execute("CREATE SCHEMA ZOO");
            statement.execute("CREATE TABLE PUBLIC.A(ID INT PRIMARY KEY)");
            statement.execute("CREATE TABLE TUNABLE_INTERNAL.APPLIED(ID INT PRIMARY KEY)");
            statement.execute("CREATE TABLE TUNABLE_INTERNAL.OUTCOME(ID INT PRIMARY KEY)");
            statement.execute("CREATE TABLE ZOO.B(ID INT PRIMARY KEY)");
            statement.execute("CREATE TABLE ZOO.C(ID INT PRIMARY KEY)");
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private ResultSet tables() throws SQLException {
        DatabaseMetaData metadata = connection.getMetaData();
        return new VisibleRows(metadata.getTables(null, null, "%", new String[] {"BASE TABLE"}), PASSING);
    }

    private static List<String> names(ResultSet rows, String column) throws SQLException {
        List<String> names = new ArrayList<>();
        while (rows.next()) {
            if (!"INFORMATION_SCHEMA".equals(rows.getString("TABLE_SCHEM"))) {
                names.add(rows.getString(column));
            }
        }
        return names;
    }

    @Test
    void theInternalSchemaIsNotThere() throws SQLException {
        assertThat(names(tables(), "TABLE_NAME")).containsExactly("A", "B", "C");
        DatabaseMetaData metadata = connection.getMetaData();
        assertThat(names(new VisibleRows(metadata.getSchemas(), PASSING), "TABLE_SCHEM"))
                .containsExactly("PUBLIC", "ZOO");
        assertThat(names(new VisibleRows(metadata.getColumns(null, null, "%", "ID"), PASSING), "TABLE_NAME"))
                .containsExactly("A", "B", "C");
        assertThat(names(
                        new VisibleRows(metadata.getPrimaryKeys(null, "TUNABLE_INTERNAL", "APPLIED"), PASSING),
                        "TABLE_NAME"))
                .isEmpty();
    }

    @Test
    void rowsWithoutASchemaStay() throws SQLException {
        try (ResultSet rows = new VisibleRows(connection.getMetaData().getTableTypes(), PASSING)) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getStatement()).isNull();
        }
    }

    @Test
    void positionsCountVisibleRowsOnly() throws SQLException {
        try (ResultSet rows = tables()) {
            assertThat(rows.isBeforeFirst()).isTrue();
            assertThat(rows.last()).isTrue();
            assertThat(rows.isLast()).isTrue();
            int count = rows.getRow();
            assertThat(rows.getString("TABLE_NAME")).isEqualTo("C");
            assertThat(rows.previous()).isTrue();
            assertThat(rows.getString("TABLE_NAME")).isEqualTo("B");
            assertThat(rows.previous()).isTrue();
            assertThat(rows.getString("TABLE_NAME")).isEqualTo("A");
            assertThat(rows.absolute(-1)).isTrue();
            assertThat(rows.getRow()).isEqualTo(count);
            assertThat(rows.next()).isFalse();
            assertThat(rows.isAfterLast()).isTrue();
            assertThat(rows.getRow()).isZero();
            assertThat(rows.first()).isTrue();
            assertThat(rows.isFirst()).isTrue();
            assertThat(rows.relative(-1)).isFalse();
            assertThat(rows.isBeforeFirst()).isTrue();
        }
        ResultSet closed = tables();
        closed.close();
        assertThatThrownBy(closed::next).isInstanceOf(SQLException.class).hasMessageContaining("closed");
    }
}
