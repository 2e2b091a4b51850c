package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that need younger objects, other kinds, or each other come back from a snapshot as they were. */
final class SnapshotOrderTest {
    private static final List<String> SCHEMA = List.of(
            "SELECT TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC' ORDER BY 1",
            "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_DEFAULT, IS_NULLABLE, DOMAIN_NAME"
                    + " FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'PUBLIC' ORDER BY 1, ORDINAL_POSITION",
            "SELECT TABLE_NAME, VIEW_DEFINITION, STATUS FROM INFORMATION_SCHEMA.VIEWS"
                    + " WHERE TABLE_SCHEMA = 'PUBLIC' ORDER BY 1",
            "SELECT CONSTRAINT_NAME, CHECK_CLAUSE FROM INFORMATION_SCHEMA.CHECK_CONSTRAINTS"
                    + " WHERE CONSTRAINT_SCHEMA = 'PUBLIC' ORDER BY 1",
            "SELECT DOMAIN_NAME, DATA_TYPE, DOMAIN_DEFAULT FROM INFORMATION_SCHEMA.DOMAINS ORDER BY 1",
            "SELECT CONSTANT_NAME, VALUE_DEFINITION FROM INFORMATION_SCHEMA.CONSTANTS ORDER BY 1");

    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE C(I INT PRIMARY KEY, Y INT); CREATE TABLE Z(X INT);"
                        + "ALTER TABLE C ALTER COLUMN Y SET DEFAULT (SELECT MAX(X) FROM Z)",
                "CREATE TABLE C(I INT, Y INT); CREATE TABLE Z(X INT, Y INT DEFAULT (SELECT MAX(I) FROM C));"
                        + "ALTER TABLE C ALTER COLUMN Y SET DEFAULT (SELECT MAX(X) FROM Z)",
                "CREATE TABLE Z(X INT); CREATE VIEW VZ AS SELECT X FROM Z;"
                        + "CREATE TABLE D(Y INT CHECK ((SELECT COUNT(*) FROM VZ) < 100))",
                "CREATE TABLE Z(X INT); CREATE VIEW VZ AS SELECT X FROM Z;"
                        + "CREATE TABLE D(Y INT, X INT DEFAULT (SELECT MAX(X) FROM VZ))",
                "CREATE TABLE Z(X INT); CREATE DOMAIN DOM AS INT CHECK (VALUE IN (SELECT X FROM Z)); CREATE TABLE D(Y DOM)",
                "CREATE TABLE Z(X INT); CREATE TABLE G(I INT PRIMARY KEY, V INT GENERATED ALWAYS AS ((SELECT MAX(X) FROM Z)"
                        + " + I), W INT UNIQUE REFERENCES G, U INT GENERATED ALWAYS AS ((SELECT MIN(X) FROM Z)));"
                        + "CREATE TABLE H(J INT PRIMARY KEY REFERENCES G,"
                        + " K INT GENERATED ALWAYS AS (J + (SELECT MAX(X) FROM Z)))",
                "CREATE SEQUENCE S; CREATE DOMAIN DS INT DEFAULT NEXT VALUE FOR S; CREATE TABLE D(Y DS)",
                "CREATE TABLE C(I INT); CREATE VIEW V0 AS SELECT 1 AS N; CREATE VIEW V1 AS SELECT I FROM C;"
                        + "DROP VIEW V0; CREATE VIEW V2 AS SELECT I FROM V1; CREATE VIEW V3(A) AS SELECT I FROM V2"
            })
    void comesBackAsItWas(String definitions) throws Exception {
        for (String definition : definitions.split(";", -1)) {
            replicas.defined(definition);
        }
        try (Storage restored = Storage.load("restored", new ByteArrayInputStream(Replicas.snapshot(replicas.leader)));
                Writer then = restored.openWriter();
                Writer now = replicas.leader.openWriter()) {
            assertThat(Replicas.hashes(restored)).isEqualTo(Replicas.hashes(replicas.leader));
            for (String query : SCHEMA) {
                assertThat(rows(then.connection(), query)).isEqualTo(rows(now.connection(), query));
            }
        }
    }

    private static List<String> rows(Connection connection, String query) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.append(result.getString(i)).append(" | ");
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }
}
