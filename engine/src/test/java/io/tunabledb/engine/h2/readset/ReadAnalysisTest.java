package io.tunabledb.engine.h2.readset;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What statements have read, and whether the keys they read by are those that writes have. */
class ReadAnalysisTest {
    private Storage storage;
    private Writer writer;

    @BeforeEach
    void open() throws SQLException {
        storage = Storage.create("reads");
        storage.define(
                new LedgerRow(1, 1, 1, 1, new byte[0]),
                new SchemaChange(
                        "PUBLIC", "CREATE TABLE T(ID INT PRIMARY KEY, CODE VARCHAR(20) UNIQUE, V NUMERIC(10, 2))"));
        storage.define(
                new LedgerRow(1, 2, 1, 2, new byte[0]),
                new SchemaChange("PUBLIC", "CREATE TABLE P(A BIGINT, B UUID, V INT, PRIMARY KEY(A, B))"));
        storage.define(
                new LedgerRow(1, 3, 1, 3, new byte[0]),
                new SchemaChange(
                        "PUBLIC", "CREATE TABLE C(ID INT PRIMARY KEY, T BIGINT REFERENCES T ON DELETE CASCADE)"));
        storage.define(
                new LedgerRow(1, 4, 1, 4, new byte[0]), new SchemaChange("PUBLIC", "CREATE VIEW W AS SELECT * FROM T"));
        writer = storage.openWriter();
        run("INSERT INTO T VALUES (1, 'one', 1), (2, 'two', 2)");
        writer.changes();
        writer.commit(new LedgerRow(1, 5, 1, 5, new byte[0]));
    }

    @AfterEach
    void close() {
        writer.close();
        storage.close();
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = writer.connection().createStatement()) {
            statement.execute(sql);
        }
    }

    private StatementReads reads(String sql, List<String> names) throws SQLException {
        try (PreparedStatement statement = writer.connection().prepareStatement(sql)) {
            boolean found;
            try {
                found = statement.execute() ? statement.getResultSet().isBeforeFirst() : statement.getUpdateCount() > 0;
            } catch (SQLException e) {
                return writer.reads(statement, names, null);
            }
            return writer.reads(statement, names, found);
        }
    }

    /** As "tables|tables read by key with the number of keys". */
    private static String text(StatementReads reads) {
        return new TreeSet<>(reads.tables())
                        .stream().map(name -> name.substring(7)).collect(Collectors.joining(" "))
                + "|"
                + reads.keys().entrySet().stream()
                        .map(table ->
                                table.getKey().substring(7) + table.getValue().size())
                        .sorted()
                        .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SELECT * FROM T WHERE ID = 1; T; |T1",
                "SELECT * FROM T x WHERE x.ID = 9 AND V > 0; T; |T1",
                "SELECT * FROM T WHERE CODE = 'one'; T; |T1",
                "SELECT COUNT(*) FROM T WHERE ID IN (1, 2, 7); T; |T3",
                "SELECT * FROM T WHERE ID = NULL; T; T|",
                "SELECT * FROM T WHERE ID > 1; T; T|",
                "SELECT * FROM T WHERE V = 1; T; T|",
                "SELECT * FROM T WHERE ID = 1 OR ID = 2; T; |T2",
                "SELECT * FROM T WHERE ID = 1 OR V = 2; T; T|",
                "SELECT * FROM T WHERE ID = 1.5; T; T|",
                "SELECT COUNT(*) FROM T; T; T|",
                "SELECT * FROM P WHERE A = 1 AND B = '00000000-0000-0000-0000-000000000001'; P; |P1",
                "SELECT * FROM P WHERE A = 1; P; P|",
                "SELECT * FROM T JOIN P ON P.V = T.ID WHERE T.ID = 1; T P; P|T1",
                "SELECT * FROM T WHERE ID = 1 AND EXISTS (SELECT 1 FROM P); T P; P|T1",
                "SELECT * FROM T WHERE ID = 1 AND EXISTS (SELECT 1 FROM T U WHERE U.V > 0); T T; T|",
                "SELECT * FROM W WHERE ID = 1; W T; T W|",
                "SELECT * FROM T WHERE ID = 1 UNION ALL SELECT * FROM T WHERE ID = 2; T T; T|",
                "SELECT ID FROM T ORDER BY (SELECT MAX(V) FROM P); T P; P T|",
                "WITH q AS (SELECT * FROM P) SELECT * FROM q; P; P|",
                "UPDATE T SET V = 5 WHERE ID = 1; T; |",
                "UPDATE T SET V = 5 WHERE ID = 9; T; |T1",
                "UPDATE T SET V = 5 WHERE V > 100; T; T|",
                "UPDATE T SET V = (SELECT COUNT(*) FROM P) WHERE ID = 1; T P; P|",
                "UPDATE T SET V = (SELECT COUNT(*) FROM T) WHERE ID = 1; T T; T|",
                "DELETE FROM T WHERE CODE = 'two'; T; |",
                "DELETE FROM T WHERE ID = 9; T; |T1",
                "INSERT INTO T VALUES (3, 'three', 3); T; |",
                "INSERT INTO T SELECT 3, 'x', V FROM P; T P; P|",
                "INSERT INTO T SELECT ID + 10, CODE || 'x', V FROM T; T T; T|",
                "INSERT INTO T VALUES (1, 'dup', 3); T; C T|",
                "INSERT INTO C VALUES (1, 77); C; C T|",
                "MERGE INTO T KEY(ID) VALUES (1, 'one', 7); T; T|",
                "SELECT * FROM T WHERE ID = 1 FOR UPDATE; T; |",
                "SELECT * FROM T WHERE ID = 9 FOR UPDATE; T; |T1",
            })
    void readsBy(String sql, String names, String expected) throws SQLException {
        List<String> tables =
                Arrays.stream(names.split(" ")).map("PUBLIC."::concat).toList();
        assertThat(text(reads(sql, tables))).as(sql).isEqualTo(expected);
        writer.rollback();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SELECT * FROM T WHERE ID = 1; UPDATE T SET V = 9 WHERE ID = 1; true",
                "SELECT * FROM T WHERE CODE = 'one'; UPDATE T SET V = 9 WHERE ID = 1; true",
                "SELECT * FROM T WHERE CODE = 'two'; UPDATE T SET V = 9 WHERE ID = 1; false",
                "SELECT * FROM T WHERE CODE = 'new'; UPDATE T SET CODE = 'new' WHERE ID = 1; true",
                "SELECT * FROM T WHERE CODE = 'one'; UPDATE T SET CODE = 'new' WHERE ID = 1; true",
                "SELECT * FROM T WHERE ID = 3; INSERT INTO T VALUES (3, NULL, NULL); true",
                "SELECT * FROM T WHERE ID = 4; INSERT INTO T VALUES (3, NULL, NULL); false",
                "SELECT * FROM T WHERE ID = 2; DELETE FROM T WHERE ID = 2; true",
                "SELECT * FROM P WHERE A = 1 AND B = '00000000-0000-0000-0000-000000000001';"
                        + " INSERT INTO P VALUES (1, '00000000-0000-0000-0000-000000000001', 0); true",
            })
    void aWriteHasTheKeyARowWasReadBy(String read, String write, boolean meets) throws SQLException {
        String table = read.contains(" P ") ? "PUBLIC.P" : "PUBLIC.T";
        Set<Long> keys = reads(read, List.of(table)).keys().get(table);
        assertThat(keys).isNotEmpty();
        run(write);
        writer.changes();
        assertThat(keysOf(table).stream().anyMatch(keys::contains)).isEqualTo(meets);
    }

    @Test
    void aForeignKeysCheckMeetsTheParentsEndAndNotItsChanges() throws SQLException {
        run("INSERT INTO C VALUES (1, 2)");
        writer.changes();
        Set<Long> parent = writer.references().keys().get("PUBLIC.T");
        List<Long> child = keysOf("PUBLIC.C");
        writer.rollback();
        run("UPDATE T SET V = 9 WHERE ID = 2");
        writer.changes();
        assertThat(keysOf("PUBLIC.T")).doesNotContainAnyElementsOf(parent);
        assertThat(writer.references().keys()).isEmpty();
        writer.rollback();
        run("DELETE FROM T WHERE ID = 2");
        writer.changes();
        assertThat(keysOf("PUBLIC.T")).containsAnyElementsOf(parent);
        assertThat(child).containsAnyElementsOf(writer.references().keys().get("PUBLIC.C"));
    }

    @Test
    void aChangeOfManyRowsIsOneOfAll() throws SQLException {
        run("INSERT INTO T SELECT X + 10, X, X FROM SYSTEM_RANGE(1, 1000)");
        writer.changes();
        assertThat(writer.writeSet().tables()).singleElement().matches(WriteSet.TableWrite::whole);
    }

    private List<Long> keysOf(String table) {
        List<Long> keys = new ArrayList<>();
        for (WriteSet.TableWrite write : writer.writeSet().tables()) {
            if (write.table().equals(table)) {
                Arrays.stream(write.keys()).forEach(keys::add);
            }
        }
        return keys;
    }
}
