package io.tunabledb.engine.h2.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schema TUNABLE in one storage: readable like any table, out of reach of everything else. */
final class SystemSchemaTest {
    private final AtomicInteger calls = new AtomicInteger();
    private final SystemSchema system = new SystemSchema(
            List.of(new SystemTable(
                    "FACTS",
                    List.of(
                            SystemTable.text("NAME"),
                            SystemTable.number("AMOUNT"),
                            SystemTable.real("PART"),
                            SystemTable.flag("GOOD")),
                    () -> {
                        int call = calls.incrementAndGet();
                        return List.of(
                                List.of("a", call, 0.5, true),
                                Arrays.asList("b", call + 10L, null, false),
                                Arrays.asList("c", null, 1.5, null));
                    })),
            List.of(new SystemView("SETTINGS", "SELECT NAME, \"VALUE\" AS SETTING FROM TUNABLE_INTERNAL.SETTINGS")));
    private final Storage storage = Storage.create("system", system);
    private long index;

    @AfterEach
    void close() {
        storage.close();
    }

    private SchemaChangeResult define(String sql) {
        return storage.define(LedgerRow.unasked(1, ++index), new SchemaChange("PUBLIC", sql));
    }

    private static List<String> rows(Storage storage, String sql) throws SQLException {
        try (Connection reader = storage.openReader()) {
            return rows(reader.prepareStatement(sql));
        }
    }

    private static List<String> rows(PreparedStatement statement) throws SQLException {
        List<String> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                found.add(String.join(" ", row.stream().map(String::valueOf).toList()));
            }
        }
        return found;
    }

    @Test
    void aReaderSelects() throws SQLException {
        assertThat(rows(storage, "SELECT * FROM TUNABLE.FACTS"))
                .containsExactly("a 1 0.5 TRUE", "b 11 null FALSE", "c null 1.5 null");
        assertThat(rows(storage, "SELECT NAME FROM TUNABLE.FACTS WHERE AMOUNT > 5 OR PART > 1 ORDER BY NAME DESC"))
                .containsExactly("c", "b");
        assertThat(rows(storage, "SELECT COUNT(*), MAX(NAME) FROM TUNABLE.FACTS GROUP BY GOOD ORDER BY 2"))
                .containsExactly("1 a", "1 b", "1 c");
    }

    @Test
    void aPreparedQuerySeesTheRowsOfItsExecution() throws SQLException {
        try (Connection reader = storage.openReader();
                PreparedStatement direct =
                        reader.prepareStatement("SELECT AMOUNT FROM TUNABLE.FACTS WHERE NAME = 'a'");
                PreparedStatement nested = reader.prepareStatement(
                        "SELECT 1 + (SELECT AMOUNT FROM TUNABLE.FACTS WHERE NAME = 'a') FROM DUAL")) {
            assertThat(rows(direct)).containsExactly("1");
            assertThat(rows(direct)).containsExactly("2");
            assertThat(rows(nested)).containsExactly("4");
            assertThat(rows(nested)).containsExactly("5");
        }
    }

    @Test
    void oneStatementSeesOneMoment() throws SQLException {
        assertThat(rows(
                        storage,
                        "SELECT L.NAME, L.AMOUNT - R.AMOUNT FROM TUNABLE.FACTS L JOIN TUNABLE.FACTS R"
                                + " ON L.NAME = R.NAME WHERE L.AMOUNT IS NOT NULL ORDER BY 1"))
                .containsExactly("a 0", "b 0");
        assertThat(calls).hasValue(1);
    }

    @Test
    void itJoinsWithUsersTables() throws SQLException {
        define("CREATE TABLE T(NAME VARCHAR PRIMARY KEY, V INT)");
        try (Writer writer = storage.openWriter()) {
            writer.connection().createStatement().execute("INSERT INTO T VALUES('a', 7), ('c', 8)");
            writer.commit(LedgerRow.unasked(1, ++index));
        }
        assertThat(rows(storage, "SELECT F.NAME, V FROM TUNABLE.FACTS F LEFT JOIN T ON T.NAME = F.NAME ORDER BY 1"))
                .containsExactly("a 7", "b null", "c 8");
        assertThat(rows(storage, "SELECT NAME FROM T WHERE NAME IN (SELECT NAME FROM TUNABLE.FACTS WHERE GOOD)"))
                .containsExactly("a");
    }

    @Test
    void aViewOverTheEnginesTablesIsReadable() throws SQLException {
        try (Writer writer = storage.openAdminWriter()) {
            writer.connection().createStatement().execute("INSERT INTO TUNABLE_INTERNAL.SETTINGS VALUES('x', 'y')");
            writer.commit(LedgerRow.unasked(1, ++index));
        }
        assertThat(rows(storage, "SELECT * FROM TUNABLE.SETTINGS")).containsExactly("x y");
        assertThatThrownBy(() -> rows(storage, "SELECT * FROM TUNABLE_INTERNAL.SETTINGS"))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void theCatalogShowsIt() throws SQLException {
        assertThat(rows(
                        storage,
                        "SELECT TABLE_NAME, TABLE_TYPE, IS_INSERTABLE_INTO FROM INFORMATION_SCHEMA.TABLES"
                                + " WHERE TABLE_SCHEMA = 'TUNABLE' ORDER BY 1"))
                .containsExactly("FACTS BASE TABLE NO", "SETTINGS VIEW NO");
        try (Connection reader = storage.openReader();
                ResultSet columns = reader.getMetaData().getColumns(null, "TUNABLE", "FACTS", "%")) {
            List<String> names = new ArrayList<>();
            while (columns.next()) {
                names.add(columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME"));
            }
            assertThat(names)
                    .containsExactly(
                            "NAME CHARACTER VARYING", "AMOUNT BIGINT", "PART DOUBLE PRECISION", "GOOD BOOLEAN");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO TUNABLE.FACTS VALUES('x', 1, 1, TRUE)",
                "UPDATE TUNABLE.FACTS SET AMOUNT = 1",
                "DELETE FROM TUNABLE.FACTS",
                "MERGE INTO TUNABLE.FACTS KEY(NAME) VALUES('x', 1, 1, TRUE)",
                "TRUNCATE TABLE TUNABLE.FACTS",
                "DELETE FROM TUNABLE.SETTINGS",
                "INSERT INTO TUNABLE.SETTINGS VALUES('a', 'b')",
            })
    void nobodyWrites(String sql) throws SQLException {
        try (Writer writer = storage.openWriter();
                java.sql.Statement statement = writer.connection().createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql)).isInstanceOf(SQLException.class);
            assertThat(writer.changes()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TABLES",
                "TABLES WHERE TABLE_NAME = 'LEDGER'",
                "COLUMNS",
                "INDEXES",
                "INDEX_COLUMNS",
                "TABLE_CONSTRAINTS",
                "KEY_COLUMN_USAGE",
                "CONSTRAINT_COLUMN_USAGE"
            })
    void catalogsShowNothingOfTheInternalSchemaButItsName(String catalog) throws SQLException {
        try (Connection user = storage.openReader();
                Writer admin = storage.openAdminWriter()) {
            assertThat(mentionsOfInternalSchema(user, catalog)).isZero();
            assertThat(mentionsOfInternalSchema(admin.connection(), "TABLES")).isPositive();
            assertThat(mentionsOfInternalSchema(user, "SCHEMATA")).isOne();
        }
    }

    private static int mentionsOfInternalSchema(Connection connection, String catalog) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM INFORMATION_SCHEMA." + catalog)) {
            int columns = rows.getMetaData().getColumnCount();
            int mentions = 0;
            while (rows.next()) {
                for (int column = 1; column <= columns; column++) {
                    mentions += ReservedNames.INTERNAL_SCHEMA.equals(rows.getString(column)) ? 1 : 0;
                }
            }
            return mentions;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP SCHEMA TUNABLE CASCADE",
                "DROP SCHEMA IF EXISTS TUNABLE",
                "ALTER SCHEMA TUNABLE RENAME TO OTHER",
                "ALTER SCHEMA IF EXISTS \"TUNABLE\" RENAME TO OTHER",
                "CREATE SCHEMA IF NOT EXISTS TUNABLE",
                "CREATE TABLE TUNABLE.T(I INT)",
                "CREATE TABLE TUNABLE.T AS SELECT * FROM TUNABLE.FACTS WITH NO DATA",
                "CREATE VIEW TUNABLE.V AS SELECT 1",
                "CREATE OR REPLACE VIEW TUNABLE.SETTINGS AS SELECT 1",
                "CREATE SEQUENCE TUNABLE.S",
                "CREATE DOMAIN TUNABLE.D AS INT",
                "CREATE INDEX TUNABLE.IX ON TUNABLE.FACTS(NAME)",
                "CREATE INDEX IX ON TUNABLE.FACTS(NAME)",
                "DROP TABLE TUNABLE.FACTS",
                "DROP VIEW TUNABLE.SETTINGS",
                "ALTER TABLE TUNABLE.FACTS ADD COLUMN X INT",
                "ALTER TABLE TUNABLE.FACTS RENAME TO X",
                "COMMENT ON TABLE TUNABLE.FACTS IS 'x'",
                "CREATE TABLE C(N VARCHAR REFERENCES TUNABLE.FACTS)",
                "TRUNCATE TABLE TUNABLE.FACTS",
            })
    void nobodyDefinesInIt(String sql) throws SQLException {
        assertThat(define(sql).ok()).as(sql).isFalse();
        assertThat(rows(storage, "SELECT COUNT(*) FROM TUNABLE.FACTS")).containsExactly("3");
        assertThat(rows(storage, "SELECT COUNT(*) FROM TUNABLE.SETTINGS")).containsExactly("0");
    }

    @Test
    void itIsInNoSnapshotAndInNoHashButUsersViewsOverItAre() throws Exception {
        String hashesBefore = hashes();
        assertThat(define("CREATE VIEW V AS SELECT NAME FROM TUNABLE.FACTS WHERE GOOD")
                        .ok())
                .isTrue();
        assertThat(define("CREATE TABLE COPY AS SELECT * FROM TUNABLE.FACTS WITH NO DATA")
                        .ok())
                .isTrue();
        assertThat(rows(storage, "SELECT * FROM V")).containsExactly("a");
        assertThat(hashes()).contains("PUBLIC.COPY").doesNotContain("FACTS");
        assertThat(hashesBefore).doesNotContain("TUNABLE.");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Pin pin = storage.pin()) {
            pin.writeTo(out);
        }
        try (Storage restored =
                Storage.load("restored", system, ShardOf.ONLY, new ByteArrayInputStream(out.toByteArray()))) {
            assertThat(rows(restored, "SELECT * FROM V")).containsExactly("a");
            assertThat(rows(restored, "SELECT COUNT(*) FROM COPY")).containsExactly("0");
            assertThat(rows(restored, "SELECT COUNT(*) FROM TUNABLE.FACTS")).containsExactly("3");
        }
    }

    private String hashes() throws SQLException {
        try (Pin pin = storage.pin()) {
            return pin.hashes(null, null).keySet().toString();
        }
    }
}
