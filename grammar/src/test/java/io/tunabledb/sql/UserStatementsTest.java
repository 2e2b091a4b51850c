package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The statements about users and rights, and the rights that other statements need. */
class UserStatementsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            create user ann password 'x'                       | CREATE USER ANN PASSWORD '***'
            CREATE USER IF NOT EXISTS "a n" PASSWORD 'x' ADMIN | CREATE USER IF NOT EXISTS "A N" PASSWORD '***' ADMIN
            CREATE USER u PASSWORD $$x$$ TYPE 'gold' ADMIN     | CREATE USER U PASSWORD '***' ADMIN TYPE 'gold'
            ALTER USER ann SET PASSWORD 'y'                    | ALTER USER ANN SET PASSWORD '***'
            ALTER USER ann SET TYPE ''                         | ALTER USER ANN SET TYPE ''
            ALTER USER ann ADMIN FALSE                         | ALTER USER ANN ADMIN FALSE
            ALTER USER ann RENAME TO eve                       | ALTER USER ANN RENAME TO EVE
            SET PASSWORD 'y'                                   | SET PASSWORD '***'
            DROP USER IF EXISTS ann                            | DROP USER IF EXISTS ANN
            CREATE ROLE IF NOT EXISTS r                        | CREATE ROLE IF NOT EXISTS R
            DROP ROLE r                                        | DROP ROLE R
            GRANT ALL PRIVILEGES ON t TO public                | GRANT ALL ON T TO PUBLIC
            GRANT DELETE, SELECT ON TABLE s.t, "u" TO ann      | GRANT SELECT, DELETE ON S.T, "u" TO ANN
            REVOKE INSERT ON SCHEMA s FROM ann                 | REVOKE INSERT ON SCHEMA S FROM ANN
            GRANT ALTER ANY SCHEMA TO ann                      | GRANT ALTER ANY SCHEMA TO ANN
            GRANT r, q TO ann                                  | GRANT R, Q TO ANN
            REVOKE r FROM ann                                  | REVOKE R FROM ANN
            """)
    void areReadAndShownWithoutSecrets(String text, String shown) {
        assertThat(Parsed.one(text)).isInstanceOf(Statement.OfUsers.class);
        assertThat(Parsed.one(text).text()).isEqualTo(shown);
    }

    @Test
    void thePasswordIsKnownToWhoAsksForItOnly() {
        Statement.CreateUser user = (Statement.CreateUser) Parsed.one("CREATE USER ann PASSWORD 'it''s'");
        assertThat(user.password().value()).isEqualTo("it's");
        assertThat(user.toString()).doesNotContain("it's");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            CREATE USER                                        | 1:12: found the end of the statement, expected a user's name
            CREATE USER ann                                    | 1:16: found the end of the statement, expected PASSWORD
            CREATE USER ann PASWORD 'x'                        | 1:17: found 'PASWORD', expected PASSWORD
            CREATE USER ann 'hidden'                           | 1:17: found something else, expected PASSWORD
            CREATE USER ann PASSWORD hidden                    | 1:26: found something else, expected a password in quotes
            CREATE USER ann PASSWORD ?                         | 1:26: found something else, expected a password in quotes
            CREATE USER ann PASSWORD 'x' hidden                | 1:30: found something else, expected the end of the statement
            CREATE OR REPLACE USER ann PASSWORD 'x'            | 1:8: found 'OR', expected USER
            CREATE USER ann SALT '00' HASH '00'                | 1:17: passwords are kept as SCRAM-SHA-256 verifiers, which storage's own hashes are not; write PASSWORD '…'
            CREATE USER "" PASSWORD 'x'                        | 1:13: a user's name has 1 to 256 characters that can be seen, found 0
            CREATE USER ann PASSWORD 'x' WITH CONSISTENCY EVENTUAL | 1:30: a statement about users and rights takes no consistency clause
            ALTER USER ann                                     | 1:15: found the end of the statement, expected SET PASSWORD, SET TYPE, RENAME TO or ADMIN
            ALTER USER ann ADMIN                               | 1:21: found the end of the statement, expected FALSE
            GRANT SELECT, r ON t TO ann                        | 1:15: roles and rights can't stand in one statement; make it two
            GRANT SELECT TO ann                                | 1:14: found 'TO', expected ON
            GRANT SELECT ON t FROM ann                         | 1:19: found 'FROM', expected TO
            GRANT                                              | 1:6: found the end of the statement, expected SELECT, INSERT, UPDATE, DELETE, ALL, ALTER ANY SCHEMA or the name of a role
            GRANT SELECT ON t TO ann WITH GRANT OPTION         | 1:26: found something else, expected the end of the statement
            """)
    void areRefusedWithWhatWasExpected(String text, String message) {
        assertThatThrownBy(() -> SqlParser.parse(text))
                .isInstanceOf(SqlSyntaxException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELECT * FROM s.t JOIN v ON TRUE                   | S.T SELECT, V SELECT
            WITH q AS (TABLE t) SELECT * FROM q                | T SELECT
            SELECT (SELECT MAX(a) FROM u) FROM DUAL            | U SELECT, DUAL SELECT
            INSERT INTO t VALUES (1)                           | T INSERT
            INSERT INTO t SELECT * FROM u                      | T INSERT, U SELECT
            UPDATE t SET a = (SELECT 1 FROM u)                 | T SELECT, T UPDATE, U SELECT
            DELETE FROM t                                      | T SELECT, T DELETE
            MERGE INTO t KEY (a) VALUES (1)                    | T SELECT, T INSERT, T UPDATE
            MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE | T SELECT, T DELETE, U SELECT
            SELECT * FROM FINAL TABLE (UPDATE t SET a = 1)     | T SELECT, T UPDATE
            EXPLAIN DELETE FROM t                              | T SELECT
            EXPLAIN INSERT INTO t SELECT * FROM u              | U SELECT
            EXPLAIN ANALYZE DELETE FROM t                      | T SELECT, T DELETE
            TRUNCATE TABLE t                                   | T DELETE
            CREATE TABLE s.t(a INT REFERENCES u)               | S.T ownership, U ownership
            CREATE LOCAL TEMPORARY TABLE t AS TABLE u          | U SELECT
            CREATE VIEW s.v AS SELECT * FROM t                 | S.V ownership, T SELECT
            CREATE SYNONYM s.y FOR t                           | S.Y ownership
            DROP TABLE t, s.u                                  | T ownership, S.U ownership
            CREATE SEQUENCE IF NOT EXISTS s.q                  | S.Q ownership
            ALTER DOMAIN s.d RENAME TO e                       | S.D ownership
            DROP INDEX IF EXISTS i                             | I ownership
            CREATE SCHEMA s                                    | ALTER ANY SCHEMA
            ALTER SCHEMA s RENAME TO r                         | ALTER ANY SCHEMA
            DROP SCHEMA IF EXISTS s CASCADE                    | S. ownership
            COMMENT ON SCHEMA s IS 'x'                         | S. ownership
            COMMENT ON COLUMN s.t.c IS 'x'                     | S.T ownership
            COMMENT ON USER u IS 'x'                           | ADMIN
            ANALYZE                                            | ADMIN
            """)
    void aStatementNeedsRights(String text, String needs) {
        StringBuilder found = new StringBuilder();
        for (Statement.Need need : Parsed.sql(text).needs()) {
            found.append(found.length() == 0 ? "" : ", ")
                    .append(need.schema() == null ? "" : need.schema() + ".")
                    .append(need.name())
                    .append(need.schema() == null && need.name().isEmpty() ? "" : " ")
                    .append(need.right().sql());
        }
        assertThat(found).hasToString(needs);
    }

    /** Who is shown a table needs a right on it, wherever it stands. */
    @Test
    void everyTableOfAnExecutedStatementNeedsARight() throws IOException {
        int tables = 0;
        for (String text : corpus()) {
            for (Statement statement : SqlParser.parse(text)) {
                if (statement instanceof Statement.Sql sql
                        && sql.operation() != Operation.DDL
                        && sql.structure().isRun()
                        && !text.toUpperCase(Locale.ROOT).startsWith("SHOW")) {
                    for (Statement.TableUse table : sql.tables()) {
                        tables++;
                        assertThat(sql.needs())
                                .as(text)
                                .anyMatch(need -> need.name().equals(table.name())
                                        && Objects.equals(need.schema(), table.schema()));
                    }
                }
            }
        }
        assertThat(tables).isGreaterThan(100);
    }

    private static List<String> corpus() throws IOException {
        try (InputStream in = UserStatementsTest.class.getResourceAsStream("/h2-statements.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && Character.isLetter(line.charAt(0)))
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', nullValues = "-", textBlock = """
            CREATE SCHEMA s                                 | S | - | CREATE SCHEMA s
            CREATE SCHEMA IF NOT EXISTS "s" AUTHORIZATION u | s | U | CREATE SCHEMA IF NOT EXISTS "s"
            CREATE SCHEMA AUTHORIZATION u                   | U | U | CREATE SCHEMA "U"
            CREATE SCHEMA c.s AUTHORIZATION "u"             | S | U | CREATE SCHEMA c.s
            """)
    void aSchemaHasAnOwner(String text, String schema, String owner, String without) {
        assertThat(CreatedSchema.of(Parsed.sql(text))).isEqualTo(new CreatedSchema(schema, owner, without));
    }
}
