package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole message of every kind of error; \n in a statement is a new line. */
class SyntaxErrorTest {
    private static final String LEVELS = "LINEARIZABLE, SEQUENTIAL, SNAPSHOT, READ_YOUR_WRITE, MONOTONIC_READ,"
            + " BOUNDED_STALENESS, EVENTUAL, READ_UNCOMMITTED, BOUNDED, SESSION, STRONG";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELEC 1                                                                | 1:1: found 'SELEC', expected a statement; did you mean SELECT?
            SELECT 1; UPDTE t SET a = 1                                            | 1:11: found 'UPDTE', expected a statement; did you mean UPDATE?
            INSERT t VALUES (1)                                                    | 1:8: found 't', expected IGNORE or INTO
            SELECT * FROM                                                          | 1:14: found the end of the text, expected a table or a query in parentheses
            SELECT * FROM WHERE a = 1                                              | 1:15: found 'WHERE', expected a table or a query in parentheses
            SELECT (1                                                              | 1:10: found the end of the text, expected ')' to close '(' at 1:8
            SELECT 1)                                                              | 1:9: found ')', which closes nothing
            SELECT (1]                                                             | 1:10: found ']', expected ')' to close '(' at 1:8
            SELECT a[1                                                             | 1:11: found the end of the text, expected ']' to close '[' at 1:9
            SELECT {fn now()                                                       | 1:17: found the end of the text, expected '}' to close '{' at 1:8
            SELECT (1; SELECT 2                                                    | 1:10: found ';', expected ')' to close '(' at 1:8
            SELECT 'abc                                                            | 1:8: the text that starts here has no closing '
            SELECT "abc                                                            | 1:8: the text that starts here has no closing "
            SELECT `abc                                                            | 1:8: the text that starts here has no closing `
            SELECT $$abc                                                           | 1:8: the text that starts here has no closing $$
            SELECT 1 /* abc /* */                                                  | 1:10: the comment that starts here has no closing */
            SELECT 1\\nFROM t\\n  WHERE (a = 1                                       | 3:15: found the end of the text, expected ')' to close '(' at 3:9
            CREATE TABLE t(i INT) SHARD BY                                         | 1:29: found 'BY', expected SHARD BY (column), with one column
            CREATE TABLE t(i INT) SHARD (i)                                        | 1:29: found '(', expected SHARD BY (column), with one column
            CREATE TABLE t(i INT) SHARD BY (i, j)                                  | 1:32: found '(', expected SHARD BY (column), with one column
            CREATE TABLE t(i INT) SHARD BY (i) REFERENCE                           | 1:36: SHARD BY (…) or REFERENCE stands twice
            CREATE LOCAL TEMPORARY TABLE t(i INT) REFERENCE                        | 1:39: a temporary table can't be sharded; leave it out
            ALTER TABLE t SHARD BY i                                               | 1:24: found 'i', expected SHARD BY (column), with one column
            ALTER TABLE t SHARD BY (i) CASCADE                                     | 1:28: found 'CASCADE', expected the end of the text
            ALTER TABLE t REFERENCE WITH CONSISTENCY EVENTUAL                      | 1:25: this ALTER TABLE itself takes no consistency clause
            SELECT 1 WITH CONSISTENCY                                              | 1:26: found the end of the text, expected a consistency level
            SELECT 1 WITH CONSISTENCY LINEARIZEABLE                                | 1:27: there is no consistency level LINEARIZEABLE; did you mean LINEARIZABLE? known are {levels}
            SELECT 1 WITH CONSISTENCY EVENTULA                                     | 1:27: there is no consistency level EVENTULA; did you mean EVENTUAL? known are {levels}
            SELECT 1 WITH CONSISTENCY FOO                                          | 1:27: there is no consistency level FOO; known are {levels}
            SELECT 1 WITH CONSISTENCY 5                                            | 1:27: found '5', expected a consistency level
            SELECT 1 WITH CONSISTENCY EVENTUAL EVENTUAL                            | 1:36: found 'EVENTUAL', expected '(', ';', ACK, AFTER, ELSE, WITHIN or the end of the text
            SELECT 1 WITH CONSISTENCY EVENTUAL WITHN 5 MS                          | 1:36: found 'WITHN', expected '(', ';', ACK, AFTER, ELSE, WITHIN or the end of the text; did you mean WITHIN?
            SELECT 1 WITH CONSISTENCY EVENTUAL WITHIN 5 PARSECS                    | 1:45: there is no unit of time PARSECS; known are MS, SECONDS, MINUTES, HOURS
            SELECT 1 WITH CONSISTENCY EVENTUAL WITHIN 5 SECNDS                     | 1:45: there is no unit of time SECNDS; did you mean SECONDS? known are MS, SECONDS, MINUTES, HOURS
            SELECT 1 WITH CONSISTENCY EVENTUAL WITHIN 1.5 SECONDS                  | 1:43: found '1.5', expected a whole number
            SELECT 1 WITH CONSISTENCY EVENTUAL WITHIN 0 MS                         | 1:43: a duration must be longer than nothing
            SELECT 1 WITH CONSISTENCY EVENTUAL WITHIN 99999999999999999999 MS      | 1:43: found '99999999999999999999', expected a whole number
            SELECT 1 WITH CONSISTENCY EVENTUAL WITHIN 9999999999999999 HOURS       | 1:43: the duration is too long
            SELECT 1 WITH CONSISTENCY EVENTUAL WITHIN 1 MS WITHIN 1 MS             | 1:48: WITHIN stands twice
            SELECT 1 WITH CONSISTENCY EVENTUAL AFTER tok                           | 1:42: found 'tok', expected a text in quotes
            SELECT 1 WITH CONSISTENCY EVENTUAL ACK                                 | 1:39: found the end of the text, expected ALL
            SELECT 1 WITH CONSISTENCY EVENTUAL (5 SECONDS)                         | 1:36: EVENTUAL takes no bound; only BOUNDED_STALENESS does
            SELECT 1 WITH CONSISTENCY BOUNDED_STALENESS                            | 1:27: BOUNDED_STALENESS needs its bound: BOUNDED_STALENESS (5 SECONDS) or BOUNDED_STALENESS (5 SECONDS, 100 ENTRIES)
            SELECT 1 WITH CONSISTENCY BOUNDED (5 SECONDS, 10)                      | 1:49: found ')', expected ENTRIES
            SELECT 1 WITH CONSISTENCY BOUNDED (0 SECONDS)                          | 1:36: a duration must be longer than nothing
            SELECT 1 WITH CONSISTENCY ERROR                                        | 1:27: ERROR stands alone and last, after ELSE
            SELECT 1 WITH CONSISTENCY EVENTUAL ELSE ERROR ELSE STRONG              | 1:41: ERROR stands alone and last, after ELSE
            SELECT 1 WITH CONSISTENCY EVENTUAL WITH CONSISTENCY EVENTUAL           | 1:36: found WITH CONSISTENCY, which stands once, at the end of the whole statement
            SELECT * FROM (SELECT 1 WITH CONSISTENCY EVENTUAL) x                   | 1:25: found WITH CONSISTENCY, which stands once, at the end of the whole statement
            INSERT INTO t SELECT 1 WITH CONSISTENCY (EVENTUAL)                     | 1:41: found '(', expected a consistency level
            SELECT /*+ CONSISTENCY(EVENTUEL) */ 1                                  | 1:24: there is no consistency level EVENTUEL; did you mean EVENTUAL? known are {levels}
            SELECT\\n/*+ X CONSISTENCY(EVENTUAL ELSE FOO) */ 1                      | 2:33: there is no consistency level FOO; known are {levels}
            SELECT /*+ CONSISTENCY(EVENTUAL */ 1                                   | 1:12: this hint has no closing ')'
            SELECT /*+ CONSISTENCY() */ 1                                          | 1:24: found ')', expected a consistency level
            SELECT /*+ CONSISTENCY(EVENTUAL) */ 1 WITH CONSISTENCY STRONG          | 1:12: this hint asks for EVENTUAL, but the clause asks for LINEARIZABLE; ask once, or the same
            SELECT /*+ CONSISTENCY(EVENTUAL) CONSISTENCY(STRONG) */ 1              | 1:34: this hint asks for LINEARIZABLE, but another asks for EVENTUAL; ask once, or the same
            SET CONSISTENCY EVENTUAL                                               | 1:17: found 'EVENTUAL', expected '=', DEFAULT, FOR or TOKEN
            SET CONSISTENCY FOR SELECT = EVENTUAL                                  | 1:21: found 'SELECT', expected READ or WRITE
            SET CONSISTENCY TOKEN abc                                              | 1:23: found 'abc', expected a text in quotes
            SET CONSISTENCY                                                        | 1:16: found the end of the text, expected '=', DEFAULT, FOR or TOKEN
            SET TRANSACTION CONSISTENCY EVENTUAL ELSE STRONG                       | 1:38: found 'ELSE', expected '(', ';', ACK, AFTER, WITHIN or the end of the text
            SET LOCK_TIMEOT 5                                                      | 1:5: there is no setting 'LOCK_TIMEOT'; did you mean LOCK_TIMEOUT? a session has @variable, AUTOCOMMIT, CATALOG, CLIENT_ENCODING, CLIENT_MIN_MESSAGES, CONSISTENCY, DATESTYLE, JOIN_COLLAPSE_LIMIT, LAZY_QUERY_EXECUTION, LOCK_TIMEOUT, NAMES, NON_KEYWORDS, QUERY_TIMEOUT, SCHEMA, SCHEMA_SEARCH_PATH, SEARCH_PATH, SESSION, STATEMENT_TIMEOUT, THROTTLE, TIME, TRANSACTION, TRUNCATE_LARGE_LENGTH, VARIABLE_BINARY
            SET AUTOCOMMIT MAYBE                                                   | 1:16: found 'MAYBE', expected SET AUTOCOMMIT ON or OFF
            SET TRANSACTION READ ONLY                                              | 1:17: found 'READ', expected ISOLATION
            SHOW CONSISTENCY TOKN                                                  | 1:18: found 'TOKN', expected ';', LOAD, OUTBOX, RECEIPT, RULES, TOKEN or the end of the text; did you mean TOKEN?
            CHECK REPLICA                                                          | 1:7: found 'REPLICA', expected REPLICAS
            CREATE TABEL t(a INT)                                                  | 1:8: found 'TABEL'; did you mean TABLE?
            DROP TABL t                                                            | 1:6: found 'TABL'; did you mean TABLE?
            ALTER TABLE t SET CONSISTENCY (REED EVENTUAL)                          | 1:32: found 'REED', expected READ or WRITE; did you mean READ?
            ALTER TABLE t SET CONSISTENCY (READ EVENTUAL, READ STRONG)             | 1:47: READ stands twice
            ALTER TABLE t SET CONSISTENCY EVENTUAL                                 | 1:31: found 'EVENTUAL', expected '('
            CREATE TABLE t(a INT) WITH CONSISTENCY (READ EVENTUAL) AS SELECT 1 WITH CONSISTENCY (READ EVENTUAL) | 1:68: WITH CONSISTENCY (READ …, WRITE …) stands twice
            CREATE CONSISTENCY RULE | 1:24: found the end of the text, expected a name
            CREATE CONSISTENCY RUEL r ON t FOR READ USING EVENTUAL | 1:20: found 'RUEL', expected RULE
            CREATE CONSISTENCY RULE r ON FOR READ USING EVENTUAL | 1:30: found 'FOR', expected '*' or a name
            CREATE CONSISTENCY RULE r BEFOR s ON t FOR READ USING EVENTUAL | 1:27: found 'BEFOR', expected BEFORE or ON; did you mean BEFORE?
            CREATE CONSISTENCY RULE r BEFORE r ON t FOR READ USING EVENTUAL | 1:34: a rule can't stand before itself
            CREATE CONSISTENCY RULE r ON t FOR REED USING EVENTUAL | 1:36: found 'REED', expected ANY, DELETE, INSERT, MERGE, READ, SELECT, UPDATE or WRITE; did you mean READ?
            CREATE CONSISTENCY RULE r ON t FOR DDL USING EVENTUAL | 1:36: found 'DDL', expected ANY, DELETE, INSERT, MERGE, READ, SELECT, UPDATE or WRITE
            CREATE CONSISTENCY RULE r ON t FOR READ TO USER 'x' USING EVENTUAL | 1:49: found ''x'', expected TYPE
            CREATE CONSISTENCY RULE r ON t FOR READ TO USER TYPE x USING EVENTUAL | 1:54: found 'x', expected a text in quotes
            CREATE CONSISTENCY RULE r ON t FOR READ TO USER TYPE '' USING EVENTUAL | 1:54: a user type can't be empty; leave TO USER TYPE out to mean every user
            CREATE CONSISTENCY RULE r ON t FOR READ USING | 1:46: found the end of the text, expected a consistency level
            CREATE CONSISTENCY RULE r ON t FOR READ USING EVENTULA | 1:47: there is no consistency level EVENTULA; did you mean EVENTUAL? known are {levels}
            CREATE CONSISTENCY RULE r ON t FOR READ USING BOUNDED | 1:47: BOUNDED_STALENESS needs its bound: BOUNDED_STALENESS (5 SECONDS) or BOUNDED_STALENESS (5 SECONDS, 100 ENTRIES)
            CREATE CONSISTENCY RULE r ON t FOR READ USING EVENTUAL FLOR EVENTUAL | 1:56: found 'FLOR'; did you mean FLOOR?
            CREATE CONSISTENCY RULE r ON t FOR READ USING EVENTUAL FLOOR | 1:61: found the end of the text, expected a consistency level
            CREATE CONSISTENCY RULE r ON t FOR READ USING EVENTUAL FLOOR SEQUENTIAL WITHIN 5 MS | 1:73: found 'WITHIN', expected '(', ';', DOWNGRADE or the end of the text
            CREATE CONSISTENCY RULE r ON t FOR READ USING EVENTUAL FLOOR BOUNDED | 1:62: BOUNDED_STALENESS needs its bound: BOUNDED_STALENESS (5 SECONDS) or BOUNDED_STALENESS (5 SECONDS, 100 ENTRIES)
            CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE EVENTUAL | 1:64: found 'EVENTUAL', expected TO
            CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE TO EVENTUAL | 1:75: found the end of the text, expected '(', ',' or WHEN
            CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE TO EVENTUAL WHEN LOAD < 1 | 1:86: found '<', expected '>'
            CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE TO EVENTUAL WHEN LOAD > x | 1:88: found 'x', expected a number
            CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE TO EVENTUAL WHEN LOAD > 0 | 1:88: found '0', expected a load above 0 and at most 100; 1 is fully loaded
            CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE TO EVENTUAL WHEN LOAD > 0x1 | 1:88: found '0x1', expected a load above 0 and at most 100; 1 is fully loaded
            CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE TO EVENTUAL WHEN LOAD > 1e9 | 1:88: found '1e9', expected a load above 0 and at most 100; 1 is fully loaded
            CREATE CONSISTENCY RULE r ON t FOR READ USING STRONG DOWNGRADE TO EVENTUAL WHEN LOAD > 0.8 FLOOR EVENTUAL | 1:92: found 'FLOOR', expected ';' or the end of the text
            CREATE CONSISTENCY RULE r ON t FOR READ USING EVENTUAL WITH CONSISTENCY EVENTUAL | 1:56: CONSISTENCY RULE itself takes no consistency clause
            CREATE UNIQUE CONSISTENCY RULE r ON t FOR READ USING EVENTUAL | 1:8: found 'UNIQUE', expected CONSISTENCY or OR REPLACE CONSISTENCY
            DROP CONSISTENCY RULE | 1:22: found the end of the text, expected IF or a name
            DROP CONSISTENCY RULE r, s | 1:24: found ',', expected ';' or the end of the text
            EXPLAIN CONSISTENCY                                                    | 1:20: found the end of the text, expected a statement
            EXPLAIN CONSISTENCY COMMIT                                             | 1:21: found 'COMMIT', expected a statement
            COMMIT NOW                                                             | 1:8: found 'NOW', expected ';', WORK or the end of the text
            ROLLBACK TO                                                            | 1:12: found the end of the text, expected a name
            DELETE FROM t WERE a = 1, 2 FROM u                                     | 1:22: found '='
            """)
    void sayWhereWhatAndWhatWasMeant(String statement, String message) {
        assertThatThrownBy(() -> SqlParser.parse(statement.replace("\\n", "\n")))
                .isInstanceOf(SqlSyntaxException.class)
                .hasMessage(message.replace("{levels}", LEVELS));
    }

    @Test
    void theTextOfALadderIsCheckedToo() {
        assertThatThrownBy(() -> SqlParser.parseLadder("EVENTUAL ELSE"))
                .hasMessage("1:14: found the end of the text, expected a consistency level");
        assertThatThrownBy(() -> SqlParser.parseLadder(""))
                .hasMessage("1:1: found the end of the text, expected a consistency level");
        assertThatThrownBy(() -> SqlParser.parseLadder("EVENTUAL; DROP TABLE t"))
                .hasMessageStartingWith("1:9: found ';', expected ");
    }

    @Test
    void carryLineAndColumn() {
        SqlSyntaxException error = catchThrowableOfType(
                SqlSyntaxException.class, () -> SqlParser.parse("SELECT 1;\r\nSELECT 2;\n  SELEC 3"));
        assertThat(error.line()).isEqualTo(3);
        assertThat(error.column()).isEqualTo(3);
    }
}
