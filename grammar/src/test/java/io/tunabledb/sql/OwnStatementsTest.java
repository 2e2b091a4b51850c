package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our own commands, transaction control and settings: each becomes its record, in canonical form. */
class OwnStatementsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            set consistency = strong                              | SetConsistency            | SET CONSISTENCY = LINEARIZABLE
            SET CONSISTENCY FOR READ = EVENTUAL ELSE ERROR        | SetConsistency            | SET CONSISTENCY FOR READ = EVENTUAL
            SET CONSISTENCY FOR WRITE = SNAPSHOT ELSE EVENTUAL    | SetConsistency            | SET CONSISTENCY FOR WRITE = SNAPSHOT ELSE EVENTUAL
            SET CONSISTENCY DEFAULT                               | ResetConsistency          | SET CONSISTENCY DEFAULT
            SET CONSISTENCY TOKEN 'a''b'                          | SetToken                  | SET CONSISTENCY TOKEN 'a''b'
            SET TRANSACTION CONSISTENCY snapshot WITHIN 1 S       | SetTransactionConsistency | SET TRANSACTION CONSISTENCY SNAPSHOT WITHIN 1 SECONDS
            SHOW CONSISTENCY                                      | ShowConsistency           | SHOW CONSISTENCY
            show consistency token                                | ShowConsistency           | SHOW CONSISTENCY TOKEN
            SHOW CONSISTENCY RECEIPT;                             | ShowConsistency           | SHOW CONSISTENCY RECEIPT
            SHOW CONSISTENCY RULES                                | ShowConsistency           | SHOW CONSISTENCY RULES
            SHOW CONSISTENCY outbox                               | ShowConsistency           | SHOW CONSISTENCY OUTBOX
            RETRY REJECTED WRITE 7                                | RejectedWrite             | RETRY REJECTED WRITE 7
            dismiss rejected write all                            | RejectedWrite             | DISMISS REJECTED WRITE ALL
            show consistency load                                 | ShowConsistency           | SHOW CONSISTENCY LOAD
            create consistency rule r on t for read using bounded (1 s) | CreateRule          | CREATE CONSISTENCY RULE R ON T FOR READ USING BOUNDED_STALENESS (1 SECONDS)
            CREATE OR REPLACE CONSISTENCY RULE "a b" BEFORE before ON s."x y" FOR MERGE TO USER TYPE 'it''s' USING STRONG WITHIN 50 MS ELSE SESSION ELSE ERROR FLOOR BOUNDED (5 S, 9 ENTRIES) DOWNGRADE TO SESSION, BOUNDED (2 S) WHEN LOAD > 0.80 | CreateRule | CREATE OR REPLACE CONSISTENCY RULE "a b" BEFORE BEFORE ON S."x y" FOR MERGE TO USER TYPE 'it''s' USING LINEARIZABLE WITHIN 50 MS ELSE SEQUENTIAL FLOOR BOUNDED_STALENESS (5 SECONDS, 9 ENTRIES) DOWNGRADE TO SEQUENTIAL, BOUNDED_STALENESS (2 SECONDS) WHEN LOAD > 0.8
            CREATE CONSISTENCY RULE rule ON * FOR ANY USING EVENTUAL | CreateRule             | CREATE CONSISTENCY RULE RULE ON * FOR ANY USING EVENTUAL
            CREATE CONSISTENCY RULE floor ON load FOR WRITE USING SNAPSHOT FLOOR SNAPSHOT | CreateRule | CREATE CONSISTENCY RULE FLOOR ON LOAD FOR WRITE USING SNAPSHOT FLOOR SNAPSHOT
            CREATE CONSISTENCY RULE r ON any FOR SELECT USING EVENTUAL DOWNGRADE TO READ_UNCOMMITTED WHEN LOAD > 2 | CreateRule | CREATE CONSISTENCY RULE R ON ANY FOR SELECT USING EVENTUAL DOWNGRADE TO READ_UNCOMMITTED WHEN LOAD > 2
            CREATE CONSISTENCY RULE r ON t FOR DELETE USING EVENTUAL; | CreateRule            | CREATE CONSISTENCY RULE R ON T FOR DELETE USING EVENTUAL
            DROP CONSISTENCY RULE r                               | DropRule                  | DROP CONSISTENCY RULE R
            drop consistency rule if exists "r"                   | DropRule                  | DROP CONSISTENCY RULE IF EXISTS "r"
            CHECK REPLICAS                                        | CheckReplicas             | CHECK REPLICAS
            CHECK REPLICAS s."a b"                                | CheckReplicas             | CHECK REPLICAS S."a b"
            ALTER TABLE s.t SET CONSISTENCY (READ EVENTUAL)       | TableSettings             | ALTER TABLE S.T SET CONSISTENCY (READ EVENTUAL)
            ALTER TABLE t SET CONSISTENCY (WRITE STRONG, READ EVENTUAL ELSE ERROR) | TableSettings    | ALTER TABLE T SET CONSISTENCY (READ EVENTUAL, WRITE LINEARIZABLE)
            CREATE TABLE t(i INT) WITH CONSISTENCY (READ BOUNDED (1 S)) | TableSettings       | CREATE TABLE t(i INT) WITH CONSISTENCY (READ BOUNDED_STALENESS (1 SECONDS))
            CREATE TABLE t(i) WITH CONSISTENCY (WRITE STRONG) AS (SELECT 1) | TableSettings    | CREATE TABLE t(i)  AS (SELECT 1) WITH CONSISTENCY (WRITE LINEARIZABLE)
            CREATE TABLE t AS SELECT 1 WITH DATA WITH CONSISTENCY (READ EVENTUAL) WITH CONSISTENCY STRONG | TableSettings    | CREATE TABLE t AS SELECT 1 WITH DATA WITH CONSISTENCY (READ EVENTUAL) WITH CONSISTENCY LINEARIZABLE
            CREATE TABLE t(i INT) SHARD BY (i)                    | TableSettings             | CREATE TABLE t(i INT) SHARD BY (i)
            create table t(i int, "a b" int) shard  by ("a b") with consistency (write strong) | TableSettings | create table t(i int, "a b" int) shard  by ("a b") WITH CONSISTENCY (WRITE LINEARIZABLE)
            CREATE TABLE t(i INT) REFERENCE COMMENT 'c'           | TableSettings             | CREATE TABLE t(i INT) REFERENCE COMMENT 'c'
            CREATE TABLE t REFERENCE AS SELECT 1 WITH CONSISTENCY EVENTUAL | TableSettings    | CREATE TABLE t REFERENCE AS SELECT 1 WITH CONSISTENCY EVENTUAL
            alter table s.t shard by ("x y")                      | TableSettings             | ALTER TABLE S.T SHARD BY ("x y")
            ALTER TABLE IF EXISTS reference reference             | TableSettings             | ALTER TABLE REFERENCE REFERENCE
            alter table unsharded unsharded                       | TableSettings             | ALTER TABLE UNSHARDED UNSHARDED
            EXPLAIN CONSISTENCY SELECT 1 WITH CONSISTENCY EVENTUAL| ExplainConsistency        | EXPLAIN CONSISTENCY SELECT 1 WITH CONSISTENCY EVENTUAL
            EXPLAIN CONSISTENCY DELETE FROM t                     | ExplainConsistency        | EXPLAIN CONSISTENCY DELETE FROM t
            /*+ CONSISTENCY(EVENTUAL) */ EXPLAIN CONSISTENCY SELECT 1 | ExplainConsistency    | EXPLAIN CONSISTENCY SELECT 1 WITH CONSISTENCY EVENTUAL
            BEGIN                                                 | BEGIN                     | BEGIN
            BEGIN WORK                                            | BEGIN                     | BEGIN
            begin transaction                                     | BEGIN                     | BEGIN
            START TRANSACTION                                     | BEGIN                     | BEGIN
            COMMIT                                                | COMMIT                    | COMMIT
            COMMIT WORK                                           | COMMIT                    | COMMIT
            COMMIT TRANSACTION                                    | COMMIT                    | COMMIT
            ROLLBACK                                              | ROLLBACK                  | ROLLBACK
            ROLLBACK TRANSACTION                                  | ROLLBACK                  | ROLLBACK
            SAVEPOINT a                                           | SAVEPOINT A               | SAVEPOINT A
            SAVEPOINT "a b"                                       | SAVEPOINT a b             | SAVEPOINT "a b"
            ROLLBACK TO SAVEPOINT a                               | ROLLBACK_TO_SAVEPOINT A   | ROLLBACK TO SAVEPOINT A
            ROLLBACK WORK TO a                                    | ROLLBACK_TO_SAVEPOINT A   | ROLLBACK TO SAVEPOINT A
            RELEASE SAVEPOINT a                                   | RELEASE_SAVEPOINT A       | RELEASE SAVEPOINT A
            RELEASE savepoint                                     | RELEASE_SAVEPOINT SAVEPOINT | RELEASE SAVEPOINT SAVEPOINT
            SET AUTOCOMMIT OFF                                    | AUTOCOMMIT_OFF            | SET AUTOCOMMIT OFF
            SET AUTOCOMMIT = FALSE                                | AUTOCOMMIT_OFF            | SET AUTOCOMMIT OFF
            SET AUTOCOMMIT TO 1                                   | AUTOCOMMIT_ON             | SET AUTOCOMMIT ON
            SET SCHEMA s                                          | SessionSetting SCHEMA     | SET SCHEMA s
            USE s                                                 | SessionSetting SCHEMA     | USE s
            SET SCHEMA_SEARCH_PATH a, b                           | SessionSetting SCHEMA_SEARCH_PATH | SET SCHEMA_SEARCH_PATH a, b
            set lock_timeout = 5                                  | SessionSetting LOCK_TIMEOUT | set lock_timeout = 5
            SET QUERY_TIMEOUT 5                                   | SessionSetting QUERY_TIMEOUT | SET QUERY_TIMEOUT 5
            SET @x = 5                                            | SessionSetting @X         | SET @x = 5
            SET @"x" TO (1 + 2)                                   | SessionSetting @x         | SET @"x" TO (1 + 2)
            SET TIME ZONE 'UTC'                                   | SessionSetting TIME ZONE  | SET TIME ZONE 'UTC'
            SET NON_KEYWORDS KEY, VALUE                           | SessionSetting NON_KEYWORDS | SET NON_KEYWORDS KEY, VALUE
            SET NON_KEYWORDS                                      | SessionSetting NON_KEYWORDS | SET NON_KEYWORDS
            SET VARIABLE_BINARY TRUE                              | SessionSetting VARIABLE_BINARY | SET VARIABLE_BINARY TRUE
            SET TRUNCATE_LARGE_LENGTH TRUE                        | SessionSetting TRUNCATE_LARGE_LENGTH | SET TRUNCATE_LARGE_LENGTH TRUE
            SET THROTTLE 10                                       | SessionSetting THROTTLE   | SET THROTTLE 10
            SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT | SessionSetting TRANSACTION ISOLATION LEVEL | SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT
            SET TRANSACTION ISOLATION LEVEL SERIALIZABLE          | SessionSetting TRANSACTION ISOLATION LEVEL | SET TRANSACTION ISOLATION LEVEL SERIALIZABLE
            """)
    void becomeTheirRecords(String written, String record, String text) {
        Statement statement = Parsed.one(written);
        String found = statement.getClass().getSimpleName();
        if (statement instanceof Statement.TransactionControl control) {
            found = control.verb() + (control.savepoint() == null ? "" : " " + control.savepoint());
        } else if (statement instanceof Statement.SessionSetting setting) {
            found += " " + setting.name();
        }
        assertThat(found).isEqualTo(record);
        assertThat(SqlParser.render(statement)).isEqualTo(text);
        assertThat(Parsed.one(text))
                .isEqualTo(statement instanceof Statement.TableSettings ? Parsed.one(text) : statement);
        assertThat(SqlParser.render(Parsed.one(text))).isEqualTo(text);
    }

    @Test
    void ourWordsAreNamesEverywhereElse() {
        Statement.Sql sql = Parsed.sql("SELECT consistency, read.write, c.\"level\" FROM rule.token AS within"
                + " JOIN ack ON consistency = entries WHERE consistency(receipt) = replicas GROUP BY rules, FLOOR(load),"
                + " CASE WHEN before > any THEN downgrade END");
        assertThat(sql.tables()).extracting(Statement.TableUse::name).containsExactly("TOKEN", "ACK");
        assertThat(Parsed.sql(
                                "CREATE TABLE consistency(consistency INT, read INT, shard INT, reference INT, engine INT)")
                        .operation())
                .isEqualTo(Operation.DDL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            CREATE TABLE t(i INT) SHARD BY (i) WITH CONSISTENCY (READ EVENTUAL) AS SELECT 1 | CREATE TABLE t(i INT)   AS SELECT 1 | I
            CREATE TABLE t(shard INT, reference INT) SHARD BY (shard) COMMENT 'x'           | CREATE TABLE t(shard INT, reference INT)  COMMENT 'x' | SHARD
            CREATE TABLE t SHARD BY (k) AS SELECT 1 k WITH CONSISTENCY STRONG               | CREATE TABLE t  AS SELECT 1 k | K
            CREATE TABLE t(i INT) REFERENCE;                                                | CREATE TABLE t(i INT) |
            """)
    void shardingIsNotForH2(String written, String create, String key) {
        var table = (Statement.TableSettings) Parsed.one(written);
        assertThat(table.create().text()).isEqualTo(create);
        assertThat(table.sharded()).isEqualTo(new Statement.Sharded(key));
    }

    @Test
    void createTableKeepsWhatH2IsGiven() {
        var table = (Statement.TableSettings)
                Parsed.one("CREATE TABLE s.t(i INT) WITH CONSISTENCY (READ EVENTUAL) AS SELECT 1 FROM u");
        assertThat(table.create().text()).isEqualTo("CREATE TABLE s.t(i INT)  AS SELECT 1 FROM u");
        assertThat(table.create().traits())
                .containsExactlyInAnyOrder(Statement.Trait.CREATES, Statement.Trait.CREATE_AS_SELECT);
        assertThat(table.table()).isEqualTo(new Statement.TableUse("S", "T", Statement.Use.WRITE));
        assertThat(table.read()).hasToString("EVENTUAL");
        assertThat(table.write()).isNull();
    }
}
