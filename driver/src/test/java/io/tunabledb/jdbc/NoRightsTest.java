package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user without any right may do all the same, and what not, with H2's error codes. */
class NoRightsTest {
    private static Connection admin;
    private static Connection bob;

    @BeforeAll
    static void open() throws SQLException {
        String url = Urls.unique();
        admin = DriverManager.getConnection(url);
        run(admin, "CREATE TABLE T(ID INT PRIMARY KEY)");
        run(admin, "CREATE SEQUENCE Q");
        run(admin, "CREATE USER ann PASSWORD 'x' ADMIN");
        run(admin, "CREATE USER bob PASSWORD 'x'");
        bob = DriverManager.getConnection(url, "bob", "x");
    }

    @AfterAll
    static void close() throws SQLException {
        bob.close();
        admin.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void refused(Connection connection, String sql, int code) {
        assertThatThrownBy(() -> run(connection, sql)).isInstanceOfSatisfying(SQLException.class, e -> {
            assertThat(e.getSQLState()).isEqualTo("42501");
            assertThat(e.getErrorCode()).isEqualTo(code);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            CREATE CONSISTENCY RULE R ON T FOR READ USING EVENTUAL | 90040
            DROP CONSISTENCY RULE R                                | 90040
            CHECK REPLICAS                                         | 90040
            CHECK REPLICAS T                                       | 90040
            RETRY REJECTED WRITE ALL                               | 90040
            DISMISS REJECTED WRITE 1                               | 90040
            SHOW CONSISTENCY OUTBOX                                | 90040
            CREATE USER x PASSWORD 'x'                             | 90040
            ALTER USER ann SET PASSWORD 'x'                        | 90040
            ALTER USER bob ADMIN TRUE                              | 90040
            ALTER USER bob SET TYPE 'gold'                         | 90040
            DROP USER bob                                          | 90040
            CREATE ROLE x                                          | 90040
            DROP ROLE x                                            | 90040
            GRANT x TO bob                                         | 90040
            GRANT ALTER ANY SCHEMA TO bob                          | 90040
            GRANT SELECT ON T TO bob                               | 90096
            GRANT SELECT ON SCHEMA PUBLIC TO bob                   | 90096
            REVOKE SELECT ON T FROM ann                            | 90096
            ANALYZE                                                | 90040
            CREATE SCHEMA X                                        | 90040
            ALTER SCHEMA PUBLIC RENAME TO X                        | 90040
            DROP SCHEMA PUBLIC                                     | 90096
            CREATE TABLE X(ID INT)                                 | 90096
            CREATE TABLE X AS SELECT 1                             | 90096
            CREATE VIEW X AS SELECT 1                              | 90096
            CREATE INDEX X ON T(ID)                                | 90096
            CREATE SEQUENCE X                                      | 90096
            CREATE DOMAIN X AS INT                                 | 90096
            CREATE CONSTANT X VALUE 1                              | 90096
            CREATE SYNONYM X FOR T                                 | 90096
            ALTER TABLE T ADD COLUMN X INT                         | 90096
            ALTER TABLE T SET CONSISTENCY (READ EVENTUAL)          | 90096
            ALTER TABLE T REFERENCE                                | 90096
            ALTER SEQUENCE Q RESTART WITH 5                        | 90096
            DROP TABLE T                                           | 90096
            DROP SEQUENCE Q                                        | 90096
            TRUNCATE TABLE T                                       | 90096
            COMMENT ON TABLE T IS 'x'                              | 90096
            COMMENT ON SCHEMA PUBLIC IS 'x'                        | 90096
            SELECT * FROM TUNABLE.REJECTED_WRITES                  | 90096
            SELECT * FROM TUNABLE.OUTBOX                           | 90096
            EXPLAIN SELECT * FROM T                                | 90096
            EXPLAIN CONSISTENCY SELECT * FROM T                    | 90096
            INSERT INTO T VALUES (1) WITH CONSISTENCY EVENTUAL     | 90096
            CREATE LOCAL TEMPORARY TABLE X AS SELECT * FROM T      | 90096
            """)
    void isRefusedToOthers(String sql, int code) throws SQLException {
        refused(bob, sql, code);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT NEXT VALUE FOR Q",
                "SELECT * FROM INFORMATION_SCHEMA.TABLES",
                "SELECT * FROM TUNABLE.NODES",
                "SELECT * FROM TUNABLE.LEVELS",
                "SELECT 1",
                "SELECT * FROM DUAL",
                "SELECT * FROM SYSTEM_RANGE(1, 3)",
                "SET PASSWORD 'x'",
                "ALTER USER bob SET PASSWORD 'x'",
                "SHOW CONSISTENCY",
                "SET @A = 1",
                "EXPLAIN SELECT 1"
            })
    void isAllowedToEverybody(String sql) throws SQLException {
        run(bob, sql);
    }

    @Test
    void hisOwnTemporaryTablesAreHis() throws SQLException {
        run(bob, "CREATE LOCAL TEMPORARY TABLE OWN(ID INT)");
        run(bob, "INSERT INTO OWN VALUES (1)");
        run(bob, "UPDATE OWN SET ID = 2");
        run(bob, "SELECT * FROM OWN");
        refused(bob, "SELECT * FROM OWN JOIN T ON TRUE", 90096);
        run(bob, "DROP TABLE OWN");
        run(bob, "CREATE LOCAL TEMPORARY TABLE OWN AS SELECT 1 AS ID");
        run(bob, "DROP TABLE OWN");
    }

    @Test
    void nodesAreForAdministrators() {
        assertThatThrownBy(() -> bob.unwrap(TunableConnection.class).cluster())
                .hasMessageContaining("is for administrators");
    }
}
