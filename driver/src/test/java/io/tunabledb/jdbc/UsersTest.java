package io.tunabledb.jdbc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may open a session, and what becomes of sessions whose user changes. What each may do is in the tests of rights. */
class UsersTest {
    private static final String ADMIN = "ann";
    private static final String PASSWORD = "correct horse";

    private final String url = Urls.unique();

    private static Connection withAdmin(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        run(connection, "CREATE USER " + ADMIN + " PASSWORD '" + PASSWORD + "' ADMIN");
        return connection;
    }

    private static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return String.join(" ", all);
        }
    }

    private static void refused(Connection connection, String sql, int code) {
        assertThatThrownBy(() -> run(connection, sql)).as(sql).isInstanceOfSatisfying(SQLException.class, e -> {
            assertThat(e.getSQLState()).isEqualTo("42501");
            assertThat(e.getErrorCode()).isEqualTo(code);
        });
    }

    // ---- login ----

    @Test
    void withoutUsersEverybodyIsLetInUnderAnyName() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "anybody", "anything")) {
            assertThat(one(connection, "SELECT CURRENT_USER")).isEqualTo("ANYBODY");
            run(connection, "CREATE TABLE T(ID INT)", "CREATE ROLE R", "GRANT SELECT ON T TO R");
        }
    }

    @Test
    void theFirstUserMustBeAnAdministratorWhomItsMakerGoesOnAs() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url)) {
            assertThatThrownBy(() -> run(connection, "CREATE USER bob PASSWORD 'x'"))
                    .hasMessageContaining("CREATE USER BOB PASSWORD '…' ADMIN");
            run(
                    connection,
                    "CREATE USER " + ADMIN + " PASSWORD 'x' ADMIN",
                    "CREATE USER bob PASSWORD 'x'",
                    "CREATE TABLE T(ID INT)");
            assertThat(one(connection, "SELECT CURRENT_USER")).isEqualTo("ANN");
            assertThat(connection.getMetaData().getUserName()).isEqualTo("ANN");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wrong", "", "Correct horse", "correct horse "})
    void aWrongPasswordAndAWrongNameAreAnsweredAlike(String password) throws SQLException {
        try (Connection first = withAdmin(url)) {
            String ofPassword = failure(ADMIN, password);
            assertThat(failure("nobody", password).replace("NOBODY", "ANN")).isEqualTo(ofPassword);
            assertThat(ofPassword).doesNotContain(PASSWORD);
            assertThat(password.isEmpty() || !ofPassword.contains("'" + password))
                    .isTrue();
            assertThatThrownBy(() -> DriverManager.getConnection(url))
                    .isInstanceOf(SQLInvalidAuthorizationSpecException.class)
                    .hasMessageContaining("user=");
            assertThat(first.isValid(5)).isTrue();
        }
    }

    private String failure(String user, String password) {
        List<String> messages = new ArrayList<>();
        assertThatThrownBy(() -> DriverManager.getConnection(url, user, password))
                .isInstanceOfSatisfying(SQLInvalidAuthorizationSpecException.class, e -> {
                    assertThat(e.getSQLState()).isEqualTo("28000");
                    assertThat(e.getErrorCode()).isEqualTo(28000);
                    messages.add(e.getMessage());
                });
        return messages.get(0);
    }

    @Test
    void everyWayToConnectLogsIn() throws SQLException {
        try (Connection first = withAdmin(url)) {
            run(first, "CREATE USER \"eve\" PASSWORD U&'\\2168 a'");
            try (Connection inUrl = DriverManager.getConnection(url + "&user=ANN&password=correct horse")) {
                assertThat(one(inUrl, "SELECT CURRENT_USER")).isEqualTo("ANN");
                assertThat(inUrl.getMetaData().getURL()).doesNotContain("correct");
            }
            // the same password on another keyboard
            try (Connection prepared = DriverManager.getConnection(url, "Eve", "IX\u00a0a")) {
                assertThat(one(prepared, "SELECT CURRENT_USER")).isEqualTo("EVE");
            }
            TunableDataSource source = new TunableDataSource(url);
            assertThatThrownBy(source::getConnection).isInstanceOf(SQLInvalidAuthorizationSpecException.class);
            source.getConnection(ADMIN, PASSWORD).close();
            source.setUser(ADMIN);
            source.setPassword(PASSWORD);
            source.getPooledConnection().close();
            HikariConfig config = new HikariConfig();
            config.setDataSource(source);
            config.setMaximumPoolSize(2);
            try (HikariDataSource pool = new HikariDataSource(config);
                    Connection borrowed = pool.getConnection()) {
                assertThat(one(borrowed, "SELECT CURRENT_USER")).isEqualTo("ANN");
            }
        }
    }

    @Test
    void whoGuessesHasToWait() throws SQLException {
        try (Connection first = withAdmin(url)) {
            for (int i = 0; i < 5; i++) {
                assertThat(failure(ADMIN, "guess " + i)).startsWith("wrong user or password");
            }
            assertThat(failure(ADMIN, "guess")).startsWith("5 logins as ANN in a row have failed");
            // others need not
            run(first, "CREATE USER bob PASSWORD 'x'");
            DriverManager.getConnection(url, "bob", "x").close();
        }
    }

    @Test
    void theTypeOfAUserIsInHisRecord() throws SQLException {
        try (Connection first = withAdmin(url)) {
            run(
                    first,
                    "CREATE TABLE T(ID INT PRIMARY KEY)",
                    "CREATE USER bob PASSWORD 'x' TYPE 'gold'",
                    "GRANT SELECT ON T TO bob",
                    "CREATE CONSISTENCY RULE G ON T FOR READ TO USER TYPE 'gold' USING LINEARIZABLE");
            assertThatThrownBy(() -> DriverManager.getConnection(url + "&userType=gold", "bob", "x"))
                    .hasMessageContaining("ALTER USER BOB SET TYPE");
            try (Connection bob = DriverManager.getConnection(url, "bob", "x");
                    PreparedStatement select = bob.prepareStatement("SELECT * FROM T")) {
                select.execute();
                assertThat(one(bob, "SHOW CONSISTENCY RECEIPT")).isEqualTo("LINEARIZABLE");
                run(first, "ALTER USER bob SET TYPE ''");
                select.execute();
                assertThat(one(bob, "SHOW CONSISTENCY RECEIPT")).isEqualTo("SEQUENTIAL");
            }
        }
    }

    // ---- open sessions ----

    @Test
    void whatIsGivenOrTakenHoldsFromTheNextStatementOfOpenSessions() throws SQLException {
        try (Connection first = withAdmin(url)) {
            run(first, "CREATE TABLE T(ID INT PRIMARY KEY)", "CREATE USER bob PASSWORD 'x'");
            try (Connection bob = DriverManager.getConnection(url, "bob", "x");
                    PreparedStatement select = bob.prepareStatement("SELECT * FROM T")) {
                assertThatThrownBy(select::execute).hasMessageContaining("GRANT SELECT ON PUBLIC.T TO BOB");
                run(first, "GRANT SELECT ON T TO bob");
                select.execute();
                run(first, "ALTER USER bob RENAME TO rob", "ALTER TABLE T RENAME TO T2");
                run(bob, "SELECT * FROM T2");
                run(first, "REVOKE SELECT ON T2 FROM rob");
                refused(bob, "SELECT * FROM T2", 90096);
                run(first, "ALTER USER rob ADMIN TRUE");
                run(bob, "CHECK REPLICAS");
                // another one of his name is somebody else
                run(first, "DROP USER rob", "CREATE USER rob PASSWORD 'y' ADMIN");
                refused(bob, "SELECT * FROM T2", 90096);
                assertThatThrownBy(() -> run(bob, "CHECK REPLICAS")).hasMessageContaining("who was dropped");
            }
        }
    }

    @Test
    void aSessionFromBeforeTheUsersMayNothing() throws SQLException {
        try (Connection old = DriverManager.getConnection(url)) {
            run(old, "CREATE TABLE T(ID INT PRIMARY KEY)");
            try (Connection first = withAdmin(url)) {
                refused(old, "SELECT * FROM T", 90096);
                refused(old, "CREATE USER x PASSWORD 'x' ADMIN", 90040);
                assertThat(first.isValid(5)).isTrue();
            }
        }
    }

    @Test
    void aTableOfADroppedOnesNameIsAnother() throws SQLException {
        try (Connection first = withAdmin(url)) {
            run(first, "CREATE USER bob PASSWORD 'x'", "CREATE SCHEMA S");
            try (Connection bob = DriverManager.getConnection(url, "bob", "x")) {
                run(
                        first,
                        "CREATE TABLE S.T(ID INT)",
                        "CREATE VIEW S.V AS SELECT * FROM S.T",
                        "GRANT SELECT ON S.T, S.V TO bob");
                run(bob, "SELECT * FROM S.T", "SELECT * FROM S.V");
                run(first, "CREATE OR REPLACE VIEW S.V AS SELECT 1 FROM S.T");
                run(bob, "SELECT * FROM S.V");
                run(first, "DROP VIEW S.V", "DROP TABLE S.T");
                run(first, "CREATE TABLE S.T(ID INT)", "CREATE VIEW S.V AS SELECT * FROM S.T");
                refused(bob, "SELECT * FROM S.T", 90096);
                refused(bob, "SELECT * FROM S.V", 90096);
                run(first, "GRANT SELECT ON SCHEMA S TO bob", "ALTER SCHEMA S RENAME TO S3");
                run(bob, "SELECT * FROM S3.T");
                run(first, "DROP SCHEMA S3 CASCADE", "CREATE SCHEMA S3", "CREATE TABLE S3.T(ID INT)");
                refused(bob, "SELECT * FROM S3.T", 90096);
            }
        }
    }

    @Test
    void aNameMayHaveADot() throws SQLException {
        try (Connection first = withAdmin(url)) {
            run(
                    first,
                    "CREATE USER bob PASSWORD 'x'",
                    "CREATE SCHEMA \"A\"",
                    "CREATE TABLE \"A\".\"B.C\"(ID INT)",
                    "CREATE TABLE \"A\".B(ID INT)",
                    "GRANT SELECT ON \"A\".\"B.C\" TO bob");
            assertThat(one(first, "SELECT TABLE_SCHEMA || ' ' || TABLE_NAME FROM INFORMATION_SCHEMA.RIGHTS"))
                    .isEqualTo("A B.C");
            try (Connection bob = DriverManager.getConnection(url, "bob", "x")) {
                run(bob, "SELECT * FROM \"A\".\"B.C\"");
                refused(bob, "SELECT * FROM \"A\".B", 90096);
            }
        }
    }

    /** Storage has a user of that name itself. */
    @Test
    void whoIsCalledAsStoragesOwnUserShowsNobodyMore() throws SQLException {
        String sharded = url + "&shards=4";
        try (Connection first = DriverManager.getConnection(sharded)) {
            run(
                    first,
                    "CREATE USER ADMIN PASSWORD 'x' ADMIN",
                    "CREATE USER WRITER PASSWORD 'x'",
                    "CREATE USER bob PASSWORD 'x'",
                    "CREATE TABLE T(ID INT PRIMARY KEY) SHARD BY (ID)",
                    "INSERT INTO T VALUES (1), (2), (3)",
                    "CREATE VIEW V AS SELECT USER_NAME FROM INFORMATION_SCHEMA.USERS",
                    "GRANT SELECT, INSERT ON SCHEMA PUBLIC TO bob");
            try (Connection bob = DriverManager.getConnection(sharded, "bob", "x")) {
                for (String sql : List.of(
                        "SELECT USER_NAME FROM INFORMATION_SCHEMA.USERS",
                        "SELECT DISTINCT USER_NAME FROM T, INFORMATION_SCHEMA.USERS",
                        "SELECT DISTINCT USER_NAME FROM T, V")) {
                    assertThat(one(bob, sql)).as(sql).isEqualTo("BOB");
                }
                bob.setAutoCommit(false);
                run(bob, "INSERT INTO T VALUES (4)");
                assertThat(one(bob, "SELECT USER_NAME FROM INFORMATION_SCHEMA.USERS"))
                        .isEqualTo("BOB");
                bob.rollback();
            }
        }
    }

    // ---- what stays ----

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void usersAreThereAfterARestartAndOnEveryReplica(int shards, @TempDir Path folder) throws Exception {
        String file = "jdbc:tunable:file:" + folder.resolve("db") + "?replicas=3&shards=" + shards;
        try (Connection first = withAdmin(file)) {
            run(
                    first,
                    "CREATE TABLE T(ID INT PRIMARY KEY)" + (shards > 1 ? " SHARD BY (ID)" : ""),
                    "INSERT INTO T VALUES (1), (2), (3)",
                    "CREATE USER bob PASSWORD 'x' TYPE 'gold'",
                    "CREATE ROLE R",
                    "GRANT R TO bob",
                    "GRANT SELECT ON T TO R",
                    "CREATE SCHEMA S AUTHORIZATION bob");
        }
        assertThatThrownBy(() -> DriverManager.getConnection(file))
                .isInstanceOf(SQLInvalidAuthorizationSpecException.class);
        try (Connection bob = DriverManager.getConnection(file, "bob", "x")) {
            assertThat(one(bob, "SELECT COUNT(*) FROM T")).isEqualTo("3");
            refused(bob, "DELETE FROM T", 90096);
            run(bob, "CREATE TABLE S.OWN(ID INT)", "INSERT INTO S.OWN VALUES (1)");
            assertThat(one(bob, "SELECT ROLE_NAME FROM INFORMATION_SCHEMA.ROLES"))
                    .isEqualTo("PUBLIC R");
            assertThat(one(bob, "SELECT USER_NAME FROM INFORMATION_SCHEMA.USERS"))
                    .isEqualTo("BOB");
            try (Connection admin = DriverManager.getConnection(file, ADMIN, PASSWORD)) {
                assertThat(one(admin, "SELECT USER_NAME FROM INFORMATION_SCHEMA.USERS ORDER BY 1"))
                        .isEqualTo("ANN BOB");
                assertThat(one(admin, "SELECT RIGHTS FROM INFORMATION_SCHEMA.RIGHTS WHERE TABLE_NAME = 'T'"))
                        .isEqualTo("SELECT");
                try (Statement check = admin.createStatement();
                        ResultSet rows = check.executeQuery("CHECK REPLICAS")) {
                    while (rows.next()) {
                        assertThat(rows.getBoolean("SAME")).isTrue();
                    }
                }
            }
        }
    }

    // ---- secrets ----

    @Test
    void noPasswordIsInAnyFileOrLog(@TempDir Path folder) throws Exception {
        String file = "jdbc:tunable:file:" + folder.resolve("db") + "?replicas=3";
        String secret = "sEcReT-of-the-test";
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, UTF_8));
        List<String> told = new ArrayList<>();
        try (Connection first = DriverManager.getConnection(file)) {
            run(first, "CREATE USER ann PASSWORD '" + secret + "' ADMIN", "SET PASSWORD '" + secret + "2'");
            run(first, "CREATE USER bob PASSWORD '" + secret + "'");
            for (String wrong : List.of(
                    "CREATE USER bob PASSWORD '" + secret + "'",
                    "CREATE USER eve PASSWORD '" + secret + "' WITH CONSISTENCY EVENTUAL",
                    "CREATE USER eve '" + secret + "'",
                    "CREATE USER eve PASSWORD " + secret,
                    "CREATE USER eve PASSWORD '" + secret + "'s'",
                    "CREATE USER eve PASSWORD 'x" + secret + "' " + secret,
                    "ALTER USER nobody SET PASSWORD '" + secret + "'",
                    "ALTER USER bob PASSWORD '" + secret + "'",
                    "EXPLAIN CONSISTENCY CREATE USER eve PASSWORD '" + secret + "'",
                    "SET PASSWORD \"" + secret + "\"",
                    "CREATE USER eve PASSWORD '" + secret + "\u0007'")) {
                try (Statement statement = first.createStatement()) {
                    statement.execute(wrong);
                } catch (SQLException e) {
                    told.add(String.valueOf(e));
                }
            }
            for (String shown : List.of(
                    "SELECT * FROM INFORMATION_SCHEMA.USERS",
                    "SHOW CONSISTENCY RECEIPT",
                    "SELECT * FROM TUNABLE.VIOLATIONS",
                    "CHECK REPLICAS")) {
                told.add(all(first, shown));
            }
        } finally {
            System.setErr(before);
        }
        assertThat(log.toString(UTF_8)).doesNotContain(secret);
        assertThat(told)
                .hasSizeGreaterThan(12)
                .allSatisfy(text -> assertThat(text).doesNotContain(secret).doesNotContain("SCRAM-SHA-256$"));
        assertThat(holding(folder, secret)).isEmpty();
        // the search finds what is there
        assertThat(holding(folder, "SCRAM-SHA-256$")).isNotEmpty();
    }

    private static String all(Connection connection, String sql) throws SQLException {
        StringBuilder all = new StringBuilder();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    all.append(rows.getString(i)).append(' ');
                }
            }
        }
        return all.toString();
    }

    private static List<Path> holding(Path folder, String text) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String bytes = new String(Files.readAllBytes(file), ISO_8859_1);
                for (var charset : List.of(UTF_8, UTF_16BE, UTF_16LE)) {
                    if (bytes.contains(new String(text.getBytes(charset), ISO_8859_1))) {
                        found.add(file);
                    }
                }
            }
        }
        return found;
    }
}
