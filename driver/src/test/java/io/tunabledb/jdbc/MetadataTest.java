package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tools see H2 behind a driver of another name, and the user's tables only. */
class MetadataTest {

    /** A catalog function. */
    private interface Function {
        ResultSet of(DatabaseMetaData metadata) throws SQLException;
    }

    /** Names that H2 makes up. */
    private static final Pattern NUMBERED = Pattern.compile("(CONSTRAINT_INDEX|CONSTRAINT|PRIMARY_KEY)_[0-9A-F]+");

    private static String url;
    private static Connection ours;
    private static Connection h2s;

    @BeforeAll
    static void open() throws SQLException {
        url = Urls.unique();
        ours = DriverManager.getConnection(url);
        h2s = Urls.openH2();
        for (Connection connection : List.of(ours, h2s)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE PARENT(ID INT PRIMARY KEY, NAME VARCHAR(20) NOT NULL UNIQUE)");
                statement.execute("CREATE TABLE CHILD(A INT, B INT, PARENT_ID INT REFERENCES PARENT ON DELETE CASCADE,"
                        + " AMOUNT NUMERIC(20, 2) DEFAULT 0, PRIMARY KEY(A, B))");
                statement.execute("CREATE INDEX BY_AMOUNT ON CHILD(AMOUNT DESC)");
                statement.execute("CREATE SEQUENCE NUMBERS");
                statement.execute(
                        "CREATE VIEW BOTH_OF AS SELECT NAME, AMOUNT FROM PARENT JOIN CHILD ON ID = PARENT_ID");
            }
        }
    }

    @AfterAll
    static void close() throws SQLException {
        ours.close();
        h2s.close();
    }

    @Test
    void theProductIsH2AndTheDriverIsNot() throws SQLException {
        DatabaseMetaData metadata = ours.getMetaData();
        DatabaseMetaData raw = h2s.getMetaData();
        assertThat(metadata.getDatabaseProductName()).isEqualTo("H2");
        assertThat(metadata.getDatabaseProductVersion()).isEqualTo(raw.getDatabaseProductVersion());
        assertThat(metadata.getDatabaseMajorVersion()).isEqualTo(raw.getDatabaseMajorVersion());
        assertThat(metadata.getDriverName()).isEqualTo("TunableDB");
        assertThat(metadata.getDriverVersion()).isEqualTo("0.1");
        assertThat(metadata.getDriverMajorVersion()).isZero();
        assertThat(metadata.getDriverMinorVersion()).isEqualTo(1);
        assertThat(metadata.getURL()).isEqualTo(url);
        assertThat(metadata.getConnection()).isSameAs(ours);
        assertThat(metadata.isReadOnly()).isFalse();
        assertThat(metadata.unwrap(DatabaseMetaData.class)).isSameAs(metadata);
        assertThat(List.of(metadata, ours.getMetaData()).indexOf(metadata)).isZero();
        assertThat(metadata).isNotEqualTo(ours.getMetaData());
        assertThat(metadata.toString()).contains(url);
    }

    @Test
    void userTablesLookAsInH2() throws SQLException {
        List<Function> functions = List.of(
                m -> m.getTables(null, "PUBLIC", "%", null),
                m -> m.getTables(null, "PUBLIC", "PARENT", new String[] {"BASE TABLE"}),
                m -> m.getColumns(null, "PUBLIC", "%", "%"),
                m -> m.getPrimaryKeys(null, "PUBLIC", "CHILD"),
                m -> m.getIndexInfo(null, "PUBLIC", "CHILD", false, true),
                m -> m.getImportedKeys(null, "PUBLIC", "CHILD"),
                m -> m.getExportedKeys(null, "PUBLIC", "PARENT"),
                m -> m.getCrossReference(null, "PUBLIC", "PARENT", null, "PUBLIC", "CHILD"),
                m -> m.getBestRowIdentifier(null, "PUBLIC", "CHILD", DatabaseMetaData.bestRowSession, true),
                DatabaseMetaData::getTypeInfo,
                DatabaseMetaData::getTableTypes);
        for (Function function : functions) {
            List<String> actual = rows(function.of(ours.getMetaData()));
            assertThat(actual).isEqualTo(rows(function.of(h2s.getMetaData()))).isNotEmpty();
        }
    }

    /** Without the columns that name the catalog and what H2 numbers as it likes. */
    private static List<String> rows(ResultSet rows) throws SQLException {
        List<String> found = new ArrayList<>();
        ResultSetMetaData columns = rows.getMetaData();
        while (rows.next()) {
            StringJoiner row = new StringJoiner("|");
            for (int column = 1; column <= columns.getColumnCount(); column++) {
                String label = columns.getColumnLabel(column);
                if (!label.endsWith("_CAT") && !label.equals("INDEX_QUALIFIER")) {
                    row.add(rows.getString(column));
                }
            }
            found.add(NUMBERED.matcher(row.toString()).replaceAll("$1"));
        }
        rows.close();
        return found;
    }

    @Test
    void theEnginesOwnTablesAreHidden() throws SQLException {
        DatabaseMetaData metadata = ours.getMetaData();
        for (Function function : List.<Function>of(
                DatabaseMetaData::getSchemas,
                m -> m.getTables(null, null, "%", null),
                m -> m.getColumns(null, "TUNABLE_INTERNAL", "%", "%"),
                m -> m.getSchemas(null, "TUNABLE%"))) {
            assertThat(rows(function.of(metadata))).noneMatch(row -> row.contains("TUNABLE_INTERNAL"));
        }
    }

    /** Tools take the name from one place and ask with it in another. */
    @Test
    void theCatalogOfTheConnectionFindsItsTables() throws SQLException {
        try (ResultSet rows = ours.getMetaData().getTables(ours.getCatalog(), "PUBLIC", "PARENT", null)) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString("TABLE_CAT")).isEqualTo(ours.getCatalog());
        }
    }

    @Test
    void newTablesAreSeenAtOnce() throws SQLException {
        try (Statement statement = ours.createStatement()) {
            statement.execute("CREATE TABLE LATE(ID INT PRIMARY KEY)");
            try (ResultSet rows = ours.getMetaData().getTables(null, "PUBLIC", "LATE", null)) {
                assertThat(rows.next()).isTrue();
            }
            statement.execute("DROP TABLE LATE");
        }
    }

    /** Keyless tables get an invisible key; nobody should have to know. */
    @Test
    void aTableWithoutAKeyShowsOnlyItsOwnColumns() throws SQLException {
        try (Statement statement = ours.createStatement()) {
            statement.execute("CREATE TABLE KEYLESS(A INT, B VARCHAR(9))");
            try (ResultSet rows = ours.getMetaData().getColumns(null, "PUBLIC", "KEYLESS", "%")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString("COLUMN_NAME")).isEqualTo("A");
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString("COLUMN_NAME")).isEqualTo("B");
                assertThat(rows.next()).isFalse();
            }
            statement.execute("DROP TABLE KEYLESS");
        }
    }

    @Test
    void itEndsWithItsConnection() throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        DatabaseMetaData metadata = connection.getMetaData();
        connection.close();
        assertThatThrownBy(metadata::getDatabaseProductName)
                .isInstanceOf(SQLException.class)
                .extracting("SQLState")
                .isEqualTo("08003");
    }
}
