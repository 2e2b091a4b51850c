package io.tunabledb.engine.h2.ddl.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each replica computes by itself is the same on all of them, wherever the values come from. */
final class DefinitionValuesTest {
    private final Replicas replicas = new Replicas();

    @BeforeEach
    void define() throws Exception {
        replicas.defined(
                "CREATE VIEW DICE AS SELECT RAND() R",
                "CREATE VIEW DICE2 AS SELECT * FROM (SELECT R FROM DICE) X WHERE R IN (SELECT R FROM DICE)",
                "CREATE VIEW CATALOG AS SELECT COUNT(*) N FROM INFORMATION_SCHEMA.SESSIONS",
                "CREATE SYNONYM DIE FOR DICE2",
                "CREATE DOMAIN ODD AS INT CHECK (RAND() < 0.97)",
                "CREATE DOMAIN ODDER AS ODD",
                "CREATE DOMAIN BORN AS TIMESTAMP DEFAULT CURRENT_TIMESTAMP",
                "CREATE SEQUENCE SEQ",
                "CREATE TABLE U(ID INT PRIMARY KEY, D DOUBLE, G UUID GENERATED ALWAYS AS (RANDOM_UUID()))",
                "CREATE TABLE N(ID INT PRIMARY KEY, V INT DEFAULT RAND() * 9 DEFAULT ON NULL, W INT)",
                "CREATE TABLE E(ID INT PRIMARY KEY, O ODD)",
                "CREATE TABLE L(ID INT PRIMARY KEY, I VARCHAR_IGNORECASE, Z TIMESTAMP WITH TIME ZONE, N NUMERIC(9, 2),"
                        + " C CHAR(3), V VARCHAR, A VARCHAR_IGNORECASE ARRAY)",
                "CREATE TABLE T(ID INT PRIMARY KEY, V INT, H TIME)");
        replicas.write(
                "INSERT INTO U(ID, D) VALUES(1, 0.5), (2, 0.25)",
                "INSERT INTO N(ID, W) VALUES(1, 1)",
                "INSERT INTO T VALUES(1, 1, '10:00'), (2, 2, '11:00')");
    }

    @AfterEach
    void close() {
        replicas.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE T ADD C DOUBLE DEFAULT (SELECT R FROM DICE) | RAND (through view PUBLIC.DICE)",
                "ALTER TABLE T ADD C DOUBLE DEFAULT (SELECT R FROM DICE2) | view PUBLIC.DICE2, view PUBLIC.DICE)",
                "ALTER TABLE T ADD C DOUBLE DEFAULT (SELECT R FROM DIE) | view PUBLIC.DICE2, view PUBLIC.DICE)",
                "ALTER TABLE T ADD C DOUBLE AS ((SELECT R FROM DICE)) | in column C",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT N FROM CATALOG) | SESSIONS (through view PUBLIC.CATALOG)",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT COUNT(*) FROM INFORMATION_SCHEMA.LOCKS) | INFORMATION_SCHEMA.LOCKS",
                "ALTER TABLE T ADD C ODD | RAND (through domain PUBLIC.ODD)",
                "ALTER TABLE T ADD C ODDER | domain PUBLIC.ODDER, domain PUBLIC.ODD)",
                "ALTER TABLE T ADD C BORN | CURRENT_TIMESTAMP",
                "ALTER TABLE T ALTER COLUMN V SET DATA TYPE ODDER | domain PUBLIC.ODDER, domain PUBLIC.ODD)",
                "ALTER TABLE T ALTER COLUMN V SET DATA TYPE INT USING (SELECT R FROM DICE) | RAND",
                "ALTER TABLE T ALTER COLUMN H SET DATA TYPE TIMESTAMP | TIME",
                "ALTER TABLE T ADD C TIMESTAMP DEFAULT CAST(TIME '10:00' AS TIMESTAMP) | today",
                "ALTER TABLE T ADD CHECK (V < (SELECT R + 9 FROM DICE)) | NOCHECK",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT ID FROM U LIMIT 1) | LIMIT",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT ID FROM U OFFSET 1 ROW) | OFFSET",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT MAX(ID) FROM U WHERE ROWNUM() < 2) | ROWNUM",
                "ALTER TABLE T ADD C VARCHAR DEFAULT (SELECT LISTAGG(ID) FROM U) | LISTAGG",
                "ALTER TABLE T ADD C INT ARRAY DEFAULT ARRAY(SELECT ID FROM U) | ArrayConstructorByQuery",
                "ALTER TABLE T ADD C DOUBLE DEFAULT (SELECT SUM(D) FROM U) | SUM",
                "ALTER TABLE T ADD C DOUBLE DEFAULT (SELECT STDDEV_POP(ID) FROM U) | STDDEV_POP",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT COUNT(*) FROM (SELECT SUM(ID) OVER (ORDER BY ID) FROM U)) | window",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT MAX(N) FROM (SELECT RANK() OVER (ORDER BY ID) N FROM U)) | window",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT SUM(X) FROM SYSTEM_RANGE(1, (SELECT 9 * R FROM DICE))) | RAND",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT COUNT(*) FROM UNNEST(ARRAY[1, (SELECT R FROM DICE)])) | RAND",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT COUNT(*) FROM (VALUES (1), (RAND())) V(X) WHERE X > 0.5) | RAND",
                "ALTER TABLE T ADD C INT DEFAULT (WITH Q AS (SELECT R FROM DICE) SELECT COUNT(*) FROM Q WHERE R > 1) | RAND",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT COUNT(*) FROM U WHERE ID IN (SELECT R FROM DICE)) | RAND",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT COUNT(*) FROM U GROUP BY ID HAVING RAND() > 2) | RAND",
                "ALTER TABLE T ADD C INT DEFAULT CASE WHEN EXISTS (SELECT 1 FROM DICE WHERE R > 0.5) THEN 1 END | RAND",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT COUNT(*) FROM FINAL TABLE (UPDATE T SET V = 3)) | is not the same",
                "ALTER TABLE T ADD C BIGINT DEFAULT MEMORY_USED() | MEMORY_USED",
                "ALTER TABLE T ADD C INT DEFAULT LOCK_MODE() | LOCK_MODE",
                "ALTER TABLE T ADD C VARCHAR DEFAULT DATABASE_PATH() | DATABASE_PATH",
                "ALTER TABLE T ADD C VARCHAR DEFAULT CURRENT_CATALOG | CURRENT_CATALOG",
                "ALTER TABLE T ADD C INT DEFAULT @X | variable @X",
                "ALTER TABLE T ADD C BIGINT DEFAULT DB_OBJECT_SIZE('TABLE', 'PUBLIC', 'T') | DB_OBJECT_SIZE",
                "ALTER TABLE T ADD C INT DEFAULT NEXTVAL('SEQ') | NEXTVAL",
                "ALTER TABLE T ADD C INT DEFAULT CAST(5 AS ODDER) | CAST",
                "ALTER TABLE T ADD C INT DEFAULT 5::PUBLIC.ODD | cast",
                "ALTER TABLE T ALTER COLUMN ID SELECTIVITY (SELECT 99 * R FROM DICE) | RAND",
                "ALTER TABLE U ADD C INT | DROP EXPRESSION",
                "ALTER TABLE U DROP COLUMN D | DROP EXPRESSION",
                "ALTER TABLE U ALTER COLUMN ID SET DATA TYPE BIGINT | DROP EXPRESSION",
                "ALTER TABLE N DROP COLUMN W | computes V anew",
                "CREATE CONSTANT LUCK VALUE (SELECT R FROM DICE) | RAND (through view PUBLIC.DICE)",
                "CREATE SEQUENCE S START WITH (SELECT N FROM CATALOG) | SESSIONS",
                "CREATE SEQUENCE S INCREMENT BY (SELECT CAST(9 * R + 1 AS INT) FROM DICE) | RAND",
                "ALTER SEQUENCE SEQ RESTART WITH (SELECT CAST(R * 1000 AS INT) FROM DICE) | RAND",
                "CREATE TABLE I(ID INT GENERATED ALWAYS AS IDENTITY(START WITH (SELECT CAST(R * 9 AS INT) FROM DICE))) | RAND",
                "COMMENT ON TABLE T IS (SELECT R FROM DICE) | RAND",
                "ALTER TABLE T ADD C INT AS (EXTRACT(WEEK FROM DATE '2024-01-01' + V)) | locale",
                "ALTER TABLE T ADD C INT AS (EXTRACT(DAY_OF_WEEK FROM DATE '2024-01-01' + V)) | locale",
                "ALTER TABLE T ADD C INT AS (WEEK(DATE '2024-01-01' + V)) | locale",
                "ALTER TABLE T ADD C DATE AS (DATE_TRUNC(WEEK, DATE '2024-01-01' + V)) | locale",
                "ALTER TABLE T ADD C INT AS (DATEDIFF(WEEK, DATE '2020-01-01', DATE '2024-01-01' + V)) | locale",
                "ALTER TABLE T ADD C VARCHAR AS (FORMATDATETIME(H, 'h:mm a')) | locale",
                "ALTER TABLE T ADD C VARCHAR AS (FORMATDATETIME(DATE '2024-01-01' + V, 'MMM')) | locale",
                "ALTER TABLE T ADD C VARCHAR AS (TO_CHAR(DATE '2024-01-01' + V, 'DD MON')) | locale",
                "ALTER TABLE T ADD C VARCHAR AS (TO_CHAR(DATE '2024-01-01' + V)) | locale",
                "ALTER TABLE T ADD C VARCHAR AS (TO_CHAR(V, '9G999D99')) | locale",
                "ALTER TABLE T ADD C DATE AS (PARSEDATETIME('1 May 2024', 'd MMM yyyy')) | locale",
                "ALTER TABLE T ADD CHECK (WEEK(DATE '2024-01-01' + V) > 0) | locale",
                "ALTER TABLE T ADD C INT DEFAULT EXTRACT(WEEK FROM DATE '2024-01-01') | locale",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT EXTRACT(WEEK FROM DATE '2024-01-01')) | locale",
                "CREATE CONSTANT W VALUE EXTRACT(WEEK FROM DATE '2024-01-01') | locale",
                "CREATE CONSTANT W VALUE TO_CHAR(DATE '2024-01-01', 'MONTH') | locale",
                "CREATE SEQUENCE S START WITH EXTRACT(WEEK FROM DATE '2024-02-01') | locale",
                "COMMENT ON TABLE T IS TO_CHAR(DATE '2024-01-01', 'MONTH') | locale",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MAX(I) FROM L) | equal values that don't look alike",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT LENGTH(MIN(Z)) FROM L) | equal values",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MIN(A) FROM L) | equal values",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MAX(CASE ID WHEN 1 THEN 1.0 ELSE 1.00 END) FROM L) | equal values",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MAX(M) FROM (SELECT N * ID AS M FROM L)) | equal values",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MAX(RAWTOHEX(D)) FROM (SELECT DISTINCT I AS D FROM L)) | DISTINCT",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MAX(RAWTOHEX(D)) FROM (SELECT I AS D FROM L GROUP BY I)) | GROUP BY",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MAX(RAWTOHEX(D)) FROM (SELECT I AS D FROM L UNION SELECT I FROM L)) | set operation",
                "CREATE CONSTANT X VALUE (SELECT MAX(Z) FROM L) | equal values",
            })
    void refusesWhatEachReplicaWouldComputeAnew(String sql, String says) throws Exception {
        SchemaChangeResult result = replicas.define(sql);
        assertThat(result.ok()).isFalse();
        assertThat(result.sqlState()).as(result.message()).isEqualTo("TC005");
        assertThat(result.message()).containsIgnoringCase(says);
        replicas.assertSame();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE T ADD C INT DEFAULT (SELECT MAX(ID) + COUNT(*) + SUM(ID) FROM U)",
                "ALTER TABLE T ADD C INT AS (V * 2 + LENGTH(UPPER('x' || V)))",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MAX(N) || MIN(C) || MAX(V) || COUNT(DISTINCT I) FROM L)",
                "ALTER TABLE T ADD X VARCHAR DEFAULT (SELECT MAX(D) FROM (SELECT DISTINCT V AS D FROM L UNION SELECT C FROM L))",
                "CREATE VIEW X AS SELECT DISTINCT I, MAX(Z) M FROM L GROUP BY I",
                "ALTER TABLE T ADD C VARCHAR DEFAULT H2VERSION()",
                "ALTER TABLE T ADD C INT AS (EXTRACT(ISO_WEEK FROM DATE '2024-01-01' + V) + YEAR(DATE '2024-01-01' + V))",
                "ALTER TABLE T ADD C DATE AS (DATE_TRUNC(MONTH, DATEADD(WEEK, V, DATE '2024-01-01')))",
                "ALTER TABLE T ADD C VARCHAR AS (FORMATDATETIME(DATE '2024-01-01' + V, 'yyyy-MM-dd''T''HH:mm:ss.SSS'))",
                "ALTER TABLE T ADD C VARCHAR AS (FORMATDATETIME(DATE '2024-01-01' + V, 'd MMM yyyy', 'en'))",
                "ALTER TABLE T ADD C VARCHAR AS (TO_CHAR(DATE '2024-01-01' + V, 'YYYY-MM-DD HH24:MI:SS.FF3'))",
                "ALTER TABLE T ADD C VARCHAR AS (TO_CHAR(V, '0999.99') || TO_CHAR(V))",
                "ALTER TABLE T ADD C VARCHAR AS (MONTHNAME(DATE '2024-01-01' + V) || DAYNAME(DATE '2024-01-01' + V))",
                "CREATE TABLE X(A DATE, W INT GENERATED ALWAYS AS (EXTRACT(WEEK FROM A)), M VARCHAR DEFAULT"
                        + " TO_CHAR(CURRENT_DATE, 'MONTH'), CHECK (W > 0))",
                "CREATE VIEW X AS SELECT TO_CHAR(DATE '2024-01-01', 'MONTH') M, WEEK(DATE '2024-01-01') W",
                "ALTER TABLE T ADD C DATE DEFAULT DATE '2020-01-01' + INTERVAL '1' DAY",
                "ALTER TABLE T ADD C INT DEFAULT (SELECT COUNT(*) FROM SYSTEM_RANGE(1, (SELECT COUNT(*) FROM U)))",
                "ALTER TABLE T ADD C INT DEFAULT CASE WHEN 1 IN (SELECT ID FROM U) THEN 1 ELSE 2 END",
                "ALTER TABLE T ADD C INT GENERATED ALWAYS AS IDENTITY",
                "ALTER TABLE T ADD CHECK (V > 0 AND H BETWEEN TIME '01:00' AND TIME '12:00')",
                "ALTER TABLE T ADD CHECK (RAND() < 2) NOCHECK",
                "ALTER TABLE T ALTER COLUMN V SET DATA TYPE BIGINT USING V * 10",
                "ALTER TABLE T ALTER COLUMN V SET DEFAULT RAND()",
                "ALTER TABLE T ALTER COLUMN V SET ON UPDATE RAND()",
                "ALTER TABLE T ALTER COLUMN H SET DATA TYPE TIMESTAMP USING DATE '2020-01-01' + H",
                "ALTER TABLE U DROP COLUMN G",
                "ALTER TABLE U ALTER COLUMN G DROP EXPRESSION",
                "ALTER TABLE U ADD CONSTRAINT C UNIQUE(D)",
                "ALTER TABLE E ADD C UUID DEFAULT RANDOM_UUID()",
                "ALTER TABLE E DROP COLUMN O",
                "ALTER DOMAIN ODD ADD CHECK (VALUE <> RAND())",
                "CREATE TABLE X(ID INT, C TIMESTAMP DEFAULT CURRENT_TIMESTAMP, D ODD, CHECK (C <= CURRENT_TIMESTAMP))",
                "CREATE VIEW X AS SELECT R, CURRENT_USER C, @X V FROM DICE2 LIMIT 1",
                "CREATE DOMAIN X AS UUID DEFAULT RANDOM_UUID() CHECK (VALUE <> RANDOM_UUID())",
                "CREATE CONSTANT X VALUE (SELECT MAX(ID) FROM U)",
                "CREATE SEQUENCE X START WITH (SELECT MAX(ID) + 1 FROM U)",
                "ALTER SEQUENCE SEQ RESTART WITH (SELECT MAX(ID) + 1 FROM U)",
                "COMMENT ON TABLE T IS 'RAND() ' || 'CURRENT_DATE'",
            })
    void allowsWhatIsTheSameEverywhereOrComputedLater(String sql) throws Exception {
        replicas.defined(sql);
        replicas.assertSame();
    }

    @Test
    void aColumnComputedByChanceKeepsItsValuesAndLetsTheTableChange() throws Exception {
        replicas.defined("ALTER TABLE U ALTER COLUMN G DROP EXPRESSION", "ALTER TABLE U ADD C INT");
        replicas.write("UPDATE U SET C = ID");
        replicas.assertSame();
    }

    /** H2 leaves the copy of a table that it could not finish, under a name of one replica's session. */
    @Test
    void aFailedCopyOfATableIsGone() throws Exception {
        replicas.defined(
                "CREATE TABLE C(ID INT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V VARCHAR UNIQUE, W INT UNIQUE,"
                        + " P INT REFERENCES C(ID))",
                "CREATE TABLE CHILD(ID INT PRIMARY KEY, W INT REFERENCES C(W))",
                "CREATE VIEW CV AS SELECT V FROM C");
        replicas.write("INSERT INTO C(V) VALUES('1'), ('01')");
        replicas.defined("CREATE TABLE AHEAD(ID INT)"); // so that sessions have other numbers on the follower
        replicas.reloadFollower();
        SchemaChangeResult result = replicas.define("ALTER TABLE C ALTER COLUMN V SET DATA TYPE INT");
        assertThat(result.sqlState()).isEqualTo("23505");
        assertThat(replicas.leader.schemaObjects(null, null).keySet()).noneMatch(name -> name.contains("_COPY_"));
        replicas.assertSame();
        replicas.write("INSERT INTO C(V) VALUES('2')");
        replicas.assertSame();
        replicas.reloadFollower();
        replicas.defined("ALTER TABLE C ADD X INT", "DROP TABLE C CASCADE");
        replicas.assertSame();
    }

    @Test
    void aTableWithASynonymSaysWhatToDo() throws Exception {
        replicas.defined("CREATE SYNONYM SYN FOR T");
        SchemaChangeResult result = replicas.define("ALTER TABLE T ADD C INT");
        assertThat(result.sqlState()).isEqualTo("TC005");
        assertThat(result.message()).contains("PUBLIC.SYN", "drop the synonym");
        replicas.assertSame();
        replicas.defined("DROP SYNONYM SYN", "ALTER TABLE T ADD C INT", "CREATE SYNONYM SYN FOR T");
        replicas.assertSame();
    }

    /** The first is kept, as in H2, whose own catalog has lost it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE T ADD(UNIQUE(V), FOREIGN KEY(V) REFERENCES E)",
                "ALTER TABLE T ADD(X INT DEFAULT 1, Y INT UNIQUE, CHECK(X > 0), CONSTRAINT BAD CHECK(X > 1))",
                "ALTER TABLE T ADD(X INT DEFAULT 1 UNIQUE, Y INT)",
            })
    void severalThingsOfWhichOneFails(String sql) throws Exception {
        SchemaChangeResult result = replicas.define(sql);
        assertThat(result.ok()).isFalse();
        replicas.assertSame();
        replicas.defined("ALTER TABLE T ADD Z INT", "CREATE INDEX TZ ON T(Z)", "ALTER TABLE T DROP COLUMN Z");
        replicas.write("INSERT INTO T(ID, V) VALUES(3, 3)");
        replicas.assertSame();
        replicas.reloadFollower();
        replicas.defined("ALTER TABLE T RENAME TO TT", "DROP TABLE TT CASCADE");
        replicas.assertSame();
    }

    /** H2 asks the session that compiled a default or a check again when it computes it. */
    @Test
    void whatAClosedSessionDefinedIsComputedEverywhere() throws Exception {
        replicas.defined(
                "CREATE DOMAIN SMALL AS INT DEFAULT (SELECT MAX(X) FROM (SELECT 1 X UNION SELECT 2) A)"
                        + " CHECK (VALUE IN (SELECT 1 UNION SELECT 2))",
                "CREATE TABLE C(ID INT PRIMARY KEY, V INT DEFAULT (SELECT MAX(X) FROM (SELECT 4 X UNION SELECT 5) A),"
                        + " CHECK (V IN (SELECT 4 UNION SELECT 5)))",
                "ALTER TABLE T ALTER COLUMN V SET DATA TYPE SMALL",
                "ALTER TABLE T ADD W SMALL");
        replicas.write("INSERT INTO T(ID, V) VALUES(3, 1)", "INSERT INTO C(ID) VALUES(1)");
        replicas.assertSame();
        replicas.reloadFollower();
        replicas.failOver();
        replicas.write("INSERT INTO T(ID, V) VALUES(4, 2)", "INSERT INTO C(ID) VALUES(2)");
        replicas.assertSame();
        replicas.defined("ALTER TABLE T ADD X SMALL");
        replicas.assertSame();
    }

    /** H2 shows the bounds of a range as they are written until a query has needed them. */
    @Test
    void aRangeThatWasUsedOnTheLeaderIsTheSameRange() throws Exception {
        replicas.defined("CREATE TABLE C(ID INT, N INT DEFAULT (SELECT SUM(X) FROM SYSTEM_RANGE(1, ABS(-3))))");
        replicas.write("INSERT INTO C(ID) VALUES(1)");
        replicas.assertSame();
    }
}
