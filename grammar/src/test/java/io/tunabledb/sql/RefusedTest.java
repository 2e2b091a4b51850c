package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What would escape replication or the sandbox never reaches H2, and says what to do instead. */
class RefusedTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            CREATE ALIAS f FOR "java.lang.Math.sqrt"                            | CREATE ALIAS
            CREATE FORCE ALIAS IF NOT EXISTS f AS $$ int f() { return ';'; } $$ | CREATE ALIAS
            CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW CALL "x"          | CREATE TRIGGER
            CREATE FORCE TRIGGER tr AFTER SELECT, UPDATE ON t CALL "x"          | CREATE TRIGGER
            CREATE AGGREGATE a FOR "x"                                          | CREATE AGGREGATE
            CREATE LINKED TABLE l('', 'jdbc:h2:mem:x', '', '', 't')             | CREATE LINKED TABLE
            CREATE FORCE GLOBAL TEMPORARY LINKED TABLE l('', '', '', '', 't')   | CREATE LINKED TABLE
            CREATE TABLE t(i INT) ENGINE "x.Y"                                  | CREATE TABLE … ENGINE
            DROP ALIAS f                                                        | DROP ALIAS
            DROP TRIGGER tr                                                     | DROP TRIGGER
            DROP AGGREGATE a                                                    | DROP AGGREGATE
            RUNSCRIPT FROM 'x.sql'                                              | RUNSCRIPT
            SCRIPT TO 'x.sql'                                                   | SCRIPT
            SCRIPT                                                              | SCRIPT
            BACKUP TO 'x.zip'                                                   | BACKUP
            SHUTDOWN                                                            | SHUTDOWN
            SHUTDOWN IMMEDIATELY                                                | SHUTDOWN
            CHECKPOINT SYNC                                                     | CHECKPOINT
            PREPARE COMMIT x                                                    | PREPARE COMMIT
            COMMIT TRANSACTION x                                                | COMMIT TRANSACTION name
            ROLLBACK TRANSACTION x                                              | ROLLBACK TRANSACTION name
            PREPARE p(INT) AS SELECT 1                                          | PREPARE
            EXECUTE p(1)                                                        | EXECUTE
            EXECUTE IMMEDIATE 'DROP ' CONCAT 'TABLE t'                          | EXECUTE IMMEDIATE
            DEALLOCATE p                                                        | DEALLOCATE
            DROP ALL OBJECTS                                                    | DROP ALL OBJECTS
            DROP ALL OBJECTS DELETE FILES                                       | DROP ALL OBJECTS
            SELECT FILE_READ('/etc/passwd')                                     | FILE_READ
            SELECT * FROM t WHERE a IN (SELECT "FILE_WRITE"('x', 'y'))          | FILE_WRITE
            SELECT * FROM csvread /* */ ('x')                                   | CSVREAD
            CALL CSVWRITE('x', 'SELECT 1')                                      | CSVWRITE
            INSERT INTO t SELECT * FROM CSVREAD('x')                            | CSVREAD
            CREATE VIEW v AS SELECT * FROM CSVREAD('x')                         | CSVREAD
            CREATE TABLE t(a VARCHAR DEFAULT FILE_READ('x'))                    | FILE_READ
            CREATE TABLE t AS SELECT FILE_READ('x')                             | FILE_READ
            ALTER TABLE t ADD a VARCHAR DEFAULT FILE_READ('x')                  | FILE_READ
            SET @x = FILE_READ('x')                                             | FILE_READ
            {? = call FILE_READ('x')}                                           | FILE_READ
            SELECT {fn file_read('x')}                                          | FILE_READ
            SELECT * FROM LINK_SCHEMA('a', 'b', 'c', 'd', 'e', 'f')             | LINK_SCHEMA
            EXPLAIN SELECT FILE_READ('x')                                       | FILE_READ
            SET MODE MySQL                                                      | SET MODE
            SET DB_CLOSE_DELAY -1                                               | SET DB_CLOSE_DELAY
            SET REFERENTIAL_INTEGRITY FALSE                                     | SET REFERENTIAL_INTEGRITY
            SET LOCK_MODE 0                                                     | SET LOCK_MODE
            SET EXCLUSIVE TRUE                                                  | SET EXCLUSIVE
            SET DEFAULT_LOCK_TIMEOUT 5                                          | SET DEFAULT_LOCK_TIMEOUT
            SET DATABASE COLLATION GERMAN                                       | SET DATABASE
            SET SALT '00' HASH '11'                                             | SET SALT
            """)
    void neverReachesH2(String statement, String what) {
        Statement.Refused refused = (Statement.Refused) Parsed.one(statement);
        assertThat(refused.what()).isEqualTo(what);
        assertThat(refused.instead()).isNotBlank();
        assertThat(refused.text()).isEqualTo(statement);
        assertThat(Parsed.one(refused.text())).isEqualTo(refused);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            INSERT INTO csvread (a) VALUES (1)
            SELECT csvread, file_read FROM t
            SELECT 'CSVREAD(1)' /* CSVREAD(1) */ -- FILE_READ(1)
            SELECT * FROM t AS csvread(a)
            CREATE TABLE csvread(file_read INT)
            CREATE TABLE t(a INT REFERENCES csvread(a))
            CREATE INDEX i ON csvread(a)
            WITH csvread(a) AS (SELECT 1) SELECT * FROM csvread
            """)
    void aNameIsNotACall(String statement) {
        assertThat(Parsed.one(statement)).isInstanceOf(Statement.Sql.class);
    }
}
