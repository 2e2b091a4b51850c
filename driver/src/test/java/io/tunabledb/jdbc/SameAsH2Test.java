package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.jdbc.Transcript.Program;
import java.io.IOException;
import java.io.Reader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Small programs that see the same of this driver as of H2's own, on one shard and on four. */
class SameAsH2Test {

    private static final Map<String, Program> PROGRAMS = new LinkedHashMap<>();
    private static final Map<String, Connection> CONNECTIONS = new LinkedHashMap<>();

    static {
        PROGRAMS.put("parameters count through all statements of a text", SameAsH2Test::severalStatements);
        PROGRAMS.put("parameters have numbers or none", SameAsH2Test::mixedParameters);
        PROGRAMS.put("a later statement may need what an earlier one makes", SameAsH2Test::madeOnTheWay);
        PROGRAMS.put("braces are nothing when no escapes are wanted", SameAsH2Test::escapes);
        PROGRAMS.put("what is released or can't be read or sent is an error at once", SameAsH2Test::misuse);
        PROGRAMS.put("vendor codes", SameAsH2Test::vendorCodes);
        PROGRAMS.put("words are names in definitions too", SameAsH2Test::names);
        PROGRAMS.put("what names mean is fixed when they are prepared", SameAsH2Test::meaning);
        PROGRAMS.put("a definition's zone is the session's", SameAsH2Test::zone);
        PROGRAMS.put("what H2 keeps in a transaction stays in it", SameAsH2Test::keptTransaction);
        PROGRAMS.put("temporary tables come and go", SameAsH2Test::temporaryTables);
        PROGRAMS.put("the user is the connection's", SameAsH2Test::user);
        PROGRAMS.put("a query timeout that is SET cancels", SameAsH2Test::queryTimeout);
        PROGRAMS.put("a transaction has one time", SameAsH2Test::oneTime);
        PROGRAMS.put("a statement has one time, and its transaction that of who asks first", SameAsH2Test::timeAsked);
    }

    @BeforeAll
    static void open() throws SQLException {
        CONNECTIONS.put("h2", Urls.openH2());
        // AUTOCOMMIT() is FALSE in a read that is audited, one of a hundred
        CONNECTIONS.put("1 shard", DriverManager.getConnection(Urls.unique() + "&auditSample=0"));
        CONNECTIONS.put("4 shards", DriverManager.getConnection(Urls.unique() + "&shards=4&auditSample=0"));
    }

    @AfterAll
    static void close() throws SQLException {
        for (Connection connection : CONNECTIONS.values()) {
            connection.close();
        }
        CONNECTIONS.clear();
    }

    @TestFactory
    Stream<DynamicTest> seesTheSame() {
        return PROGRAMS.entrySet().stream()
                .flatMap(program -> Stream.of("1 shard", "4 shards")
                        .map(where -> DynamicTest.dynamicTest(
                                program.getKey() + ", " + where,
                                () -> assertSame(run("h2", program.getValue()), run(where, program.getValue())))));
    }

    /** What differs is shown, with the line before it. */
    private static void assertSame(String expected, String actual) {
        List<String> expectedLines = expected.lines().toList();
        List<String> actualLines = actual.lines().toList();
        int same = 0;
        while (same < Math.min(expectedLines.size(), actualLines.size())
                && expectedLines.get(same).equals(actualLines.get(same))) {
            same++;
        }
        int from = Math.max(0, same - 1);
        assertThat(actualLines.subList(from, actualLines.size()))
                .containsExactlyElementsOf(expectedLines.subList(from, expectedLines.size()));
    }

    private static String run(String where, Program program) throws Exception {
        Connection connection = CONNECTIONS.get(where);
        Transcript transcript = new Transcript();
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS T");
            statement.execute("CREATE TABLE T(ID INTEGER PRIMARY KEY, V VARCHAR(20), N INTEGER)");
            statement.execute("INSERT INTO T VALUES (-1, 'one', 1), (-2, 'two', 2)");
        }
        try {
            program.run(connection, transcript);
        } finally {
            connection.setAutoCommit(true);
        }
        try (Statement statement = connection.createStatement()) {
            transcript.rows("at last", statement.executeQuery("SELECT * FROM T ORDER BY ID"));
        }
        return transcript.toString();
    }

    private static void describe(PreparedStatement p, Transcript t) throws IOException, SQLException {
        ParameterMetaData parameters = p.getParameterMetaData();
        t.ask("count", parameters::getParameterCount);
        for (int i = 0; i <= 5; i++) {
            int index = i;
            t.ask("type of " + i, () -> parameters.getParameterTypeName(index));
            t.ask("class of " + i, () -> parameters.getParameterClassName(index));
            t.ask("JDBC type of " + i, () -> parameters.getParameterType(index));
        }
    }

    private static void severalStatements(Connection c, Transcript t) throws Exception {
        for (String sql : List.of(
                "INSERT INTO T VALUES (?, ?, 1); INSERT INTO T VALUES (?, ?, 2)",
                "INSERT INTO T VALUES (?3, ?4, 1); INSERT INTO T VALUES (?1, ?2, 2)",
                "UPDATE T SET N = ?1 WHERE ID = ?3; UPDATE T SET N = ?1 + 1, V = ?4 WHERE ID = ?3; DELETE FROM T WHERE ID = -?1",
                "SELECT ?2 || ?4 || ?2; UPDATE T SET N = ?3 + ?1",
                "DELETE FROM T WHERE ID = ? AND V = ?; SELECT N FROM T; UPDATE T SET N = ? WHERE V = ?")) {
            try (Statement s = c.createStatement();
                    PreparedStatement p = c.prepareStatement(sql)) {
                s.execute("DELETE FROM T WHERE ID >= 0");
                describe(p, t);
                t.ask("not set", p::execute);
                p.setInt(1, 1);
                p.setString(2, "a");
                p.setInt(3, 2);
                t.ask("one not set", p::execute);
                p.setString(4, "b");
                t.ask(sql, p::execute);
                t.ask("counts", p::getUpdateCount);
                t.attempt("a fifth", () -> p.setInt(5, 1));
                t.rows("rows", s.executeQuery("SELECT * FROM T ORDER BY ID"));
            }
        }
    }

    private static void mixedParameters(Connection c, Transcript t) throws Exception {
        for (String sql : List.of(
                "SELECT ?; SELECT ?1",
                "SELECT ?1; SELECT ?",
                "SELECT ? + ?2",
                "SELECT ?1; SELECT 1; SELECT ?2",
                "SELECT $1; SELECT ?1",
                "SELECT 1; SELECT ?",
                "SELECT '?1'; SELECT ?")) {
            t.ask(sql, () -> c.prepareStatement(sql).getParameterMetaData().getParameterCount());
        }
    }

    private static void madeOnTheWay(Connection c, Transcript t) throws Exception {
        try (PreparedStatement p = c.prepareStatement(
                "CREATE TABLE MADE(A INTEGER, B VARCHAR(9)); INSERT INTO MADE VALUES (?, ?); DROP TABLE MADE")) {
            describe(p, t);
        }
    }

    private static void escapes(Connection c, Transcript t) throws Exception {
        try (Statement s = c.createStatement()) {
            for (boolean wanted : new boolean[] {true, false}) {
                s.setEscapeProcessing(wanted);
                for (String sql : List.of(
                        "CALL {d '2001-01-01'}",
                        "SELECT {fn UCASE('x')}",
                        "SELECT '{', '}', '{d ''2001-01-01''}' /* { */",
                        "{call ABS(-1)}",
                        "SELECT {nope}",
                        "SELECT 1 -- {d '2001-01-01'}",
                        "UPDATE T SET V = '{}'")) {
                    t.ask(sql + " " + wanted, () -> s.execute(sql));
                }
                t.attempt("batch", () -> {
                    s.addBatch("UPDATE T SET V = {fn UCASE('v')}");
                    s.executeBatch();
                });
            }
        }
    }

    private static void misuse(Connection c, Transcript t) throws Exception {
        c.setAutoCommit(false);
        Savepoint unnamed = c.setSavepoint();
        Savepoint named = c.setSavepoint("S");
        t.ask("name", named::getSavepointName);
        c.releaseSavepoint(unnamed);
        c.releaseSavepoint(named);
        t.ask("released id", unnamed::getSavepointId);
        t.ask("released name", named::getSavepointName);
        try (PreparedStatement p = c.prepareStatement("SELECT ?")) {
            t.attempt(
                    "a stream that throws",
                    () -> p.setCharacterStream(1, new Reader() {
                        @Override
                        public int read(char[] buffer, int offset, int length) {
                            throw new IllegalStateException("mine");
                        }

                        @Override
                        public void close() {}
                    }));
            t.attempt("days", () -> p.setObject(1, Period.ofDays(1)));
            t.attempt("years", () -> p.setObject(1, Period.ofYears(1)));
            t.attempt("an object that can't be sent", () -> p.setObject(1, new Object()));
            t.attempt("an array of them", () -> p.setObject(1, new Object[] {1, new Object()}));
        }
    }

    private static void code(Transcript t, String label, Transcript.Question question) throws IOException {
        t.ask(label, () -> {
            try {
                return question.answer();
            } catch (SQLException e) {
                return e.getSQLState() + " " + e.getErrorCode();
            }
        });
    }

    private static void vendorCodes(Connection c, Transcript t) throws Exception {
        code(t, "not supported", () -> c.createStruct("x", null));
        try (Statement s = c.createStatement()) {
            for (String sql : List.of(
                    "SELEC 1",
                    "SELECT FROM WHERE",
                    "SELECT * FROM NOPE",
                    "INSERT INTO T VALUES (-1, 'x', 1)",
                    "SELECT NOPE FROM T",
                    "SELECT 1 +",
                    "UPDATE T SET",
                    "DROP TABLE NOPE",
                    "SET CATALOG 'NOPE'",
                    "SET CATALOG NOPE",
                    "COMMENT ON TABLE NOPE IS 'x'")) {
                code(t, sql, () -> s.execute(sql));
            }
        }
    }

    /** When it returns the clock shows another time. */
    private static void tick() {
        Instant now = Instant.now();
        while (!Instant.now().isAfter(now.plusNanos(1_000_000))) {
            Thread.onSpinWait();
        }
    }

    private static final List<String> CLOCKS = List.of(
            "SELECT CURRENT_TIMESTAMP(9)",
            "SELECT LOCALTIMESTAMP(9) FROM T WHERE ID = -1",
            "SELECT MAX(CURRENT_TIMESTAMP(9)) FROM S",
            "SELECT NOW(9) FROM S WHERE ID = 1",
            "SELECT CURRENT_TIMESTAMP(9) FROM S S1 JOIN S S2 ON S1.ID = S2.N LIMIT 1",
            "SELECT MAX(AT) FROM V",
            "SELECT LOCALTIME(9)",
            "SELECT CURRENT_DATE",
            "VALUES EXTRACT(NANOSECOND FROM CURRENT_TIMESTAMP(9))");

    private static Instant ask(Statement s, String clock) throws SQLException {
        try (ResultSet row = s.executeQuery("SELECT X FROM (" + clock + ") C(X)")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    private static void makeS(Connection c) throws SQLException {
        boolean sharded = !c.getMetaData().getURL().startsWith("jdbc:h2:");
        try (Statement s = c.createStatement()) {
            s.execute("DROP VIEW IF EXISTS V");
            s.execute("DROP TABLE IF EXISTS S");
            s.execute("CREATE TABLE S(ID INTEGER PRIMARY KEY, N INTEGER, AT TIMESTAMP(9) WITH TIME ZONE"
                    + " DEFAULT CURRENT_TIMESTAMP(9))" + (sharded ? " SHARD BY (ID)" : ""));
            s.execute("CREATE VIEW V(AT) AS SELECT CURRENT_TIMESTAMP(9) FROM S");
            s.execute("INSERT INTO S(ID, N) SELECT X, X FROM SYSTEM_RANGE(1, 20)");
        }
    }

    private static void oneTime(Connection c, Transcript t) throws Exception {
        makeS(c);
        t.ask("one statement", () -> distinct(c, "SELECT COUNT(DISTINCT AT) FROM S"));
        c.setAutoCommit(false);
        try (Statement s = c.createStatement()) {
            for (int isolation : new int[] {2, 4, 8}) {
                c.setTransactionIsolation(isolation);
                for (boolean readOnly : new boolean[] {false, true}) {
                    c.setReadOnly(readOnly);
                    Map<String, String> first = new LinkedHashMap<>();
                    for (String clock : CLOCKS) {
                        try (ResultSet row = s.executeQuery(clock)) {
                            row.next();
                            first.put(clock, row.getString(1));
                        }
                        tick();
                    }
                    for (String clock : CLOCKS) {
                        t.ask(clock + " " + isolation + readOnly, () -> {
                            try (ResultSet row = s.executeQuery(clock)) {
                                row.next();
                                return row.getString(1).equals(first.get(clock));
                            }
                        });
                    }
                    Instant time = ask(s, "SELECT CURRENT_TIMESTAMP(9)");
                    t.ask("all of them", () -> ask(s, "SELECT MAX(AT) FROM V").equals(time));
                    if (!readOnly) {
                        s.executeUpdate(
                                "INSERT INTO T(ID, N) VALUES (9, EXTRACT(NANOSECOND FROM CURRENT_TIMESTAMP(9)))");
                        tick();
                        s.executeUpdate("DELETE FROM S WHERE ID > 20");
                        s.executeUpdate("INSERT INTO S(ID, N) VALUES (21, 1), (22, 2), (23, 3)");
                        s.executeUpdate("INSERT INTO S SELECT ID + 100, N, CURRENT_TIMESTAMP(9) FROM S WHERE ID < 5");
                        t.ask("rows", () -> distinct(c, "SELECT COUNT(DISTINCT AT) FROM S WHERE ID > 20"));
                        t.ask(
                                "with the time read before",
                                () -> ask(s, "SELECT MAX(AT) FROM S WHERE ID = 102")
                                        .equals(time));
                        t.ask(
                                "and in the other table",
                                () -> distinct(c, "SELECT N FROM T WHERE ID = 9")
                                        == time.get(ChronoField.NANO_OF_SECOND));
                    }
                    c.rollback();
                    t.ask(
                            "after the rollback",
                            () -> ask(s, "SELECT CURRENT_TIMESTAMP(9)").equals(time));
                    tick();
                    Instant next = ask(s, "SELECT CURRENT_TIMESTAMP(9)");
                    c.commit();
                    t.ask(
                            "after the commit",
                            () -> ask(s, "SELECT CURRENT_TIMESTAMP(9)").equals(next));
                    c.rollback();
                }
            }
            c.setReadOnly(false);
            c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            c.setAutoCommit(true);
            Instant time = ask(s, "SELECT CURRENT_TIMESTAMP(9)");
            tick();
            t.ask(
                    "in autocommit mode",
                    () -> ask(s, "SELECT CURRENT_TIMESTAMP(9)").equals(time));
        }
    }

    private static int distinct(Connection c, String count) throws SQLException {
        try (Statement s = c.createStatement();
                ResultSet row = s.executeQuery(count)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void timeAsked(Connection c, Transcript t) throws Exception {
        makeS(c);
        try (Statement s = c.createStatement()) {
            for (String sql : List.of(
                    "SELECT COUNT(DISTINCT C) FROM (SELECT CURRENT_TIMESTAMP(9) C FROM S)",
                    "SELECT COUNT(*) FROM S WHERE CURRENT_TIMESTAMP(9) <> (SELECT MAX(AT) FROM V)",
                    "SELECT COUNT(*) FROM (SELECT CURRENT_TIMESTAMP(9) A FROM S UNION SELECT CURRENT_TIMESTAMP(9) FROM T)")) {
                t.ask(sql, () -> distinct(c, sql));
            }
            c.setAutoCommit(false);
            s.executeQuery("SELECT * FROM T").close();
            s.executeUpdate("UPDATE T SET N = 7");
            Instant between = Instant.now();
            tick();
            t.ask(
                    "not that of the first statement",
                    () -> ask(s, "SELECT CURRENT_TIMESTAMP(9)").isAfter(between));
            c.commit();
            t.ask("mode", () -> distinct(c, "SELECT CASE WHEN AUTOCOMMIT() THEN 1 ELSE 0 END"));
            c.setAutoCommit(true);
            t.ask("mode", () -> distinct(c, "SELECT CASE WHEN AUTOCOMMIT() THEN 1 ELSE 0 END"));
        }
    }

    private static void each(Statement s, Transcript t, String... texts) throws IOException {
        for (String sql : texts) {
            t.ask(sql, () -> s.execute(sql) ? rows(s.getResultSet()) : s.getUpdateCount());
        }
    }

    private static String rows(ResultSet rows) throws SQLException {
        StringBuilder text = new StringBuilder();
        while (rows.next()) {
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                text.append(rows.getString(i)).append(' ');
            }
            text.append('|');
        }
        return text.toString();
    }

    private static void names(Connection c, Transcript t) throws Exception {
        try (Statement s = c.createStatement()) {
            each(
                    s,
                    t,
                    "SET NON_KEYWORDS VALUE, KEY, END",
                    "CREATE TABLE NAMES(ID INT PRIMARY KEY, VALUE INT, KEY INT)",
                    "CREATE TABLE IF NOT EXISTS NAMES(ID INT PRIMARY KEY, VALUE INT)",
                    "CREATE VIEW NAMESV AS SELECT VALUE FROM NAMES WHERE VALUE > 0",
                    "INSERT INTO NAMES(ID, VALUE, KEY) VALUES (1, 2, 3)",
                    "SELECT * FROM NAMESV",
                    "CREATE INDEX NAMESI ON NAMES(VALUE)",
                    "COMMENT ON COLUMN NAMES.VALUE IS 'x'",
                    "CREATE TABLE END AS SELECT VALUE, KEY FROM NAMES",
                    "ALTER TABLE END RENAME COLUMN KEY TO CLEF",
                    "CREATE LOCAL TEMPORARY TABLE NAMEST AS SELECT VALUE FROM NAMES",
                    "SELECT * FROM END",
                    "SET NON_KEYWORDS KEY",
                    "CREATE VIEW NAMESW AS SELECT VALUE FROM NAMES",
                    "SELECT * FROM NAMESV",
                    "DROP VIEW NAMESV",
                    "DROP TABLE NAMES",
                    "DROP TABLE \"END\"",
                    "DROP TABLE NAMEST",
                    "SET NON_KEYWORDS USER",
                    "CREATE SCHEMA USER AUTHORIZATION NOBODY",
                    "CREATE SCHEMA USER",
                    "SET SCHEMA_SEARCH_PATH PUBLIC, USER",
                    "CREATE TABLE USER.FOUND(ID INT)",
                    "INSERT INTO FOUND VALUES (3)",
                    "CREATE VIEW FOUNDV AS SELECT ID FROM FOUND",
                    "SELECT * FROM FOUNDV",
                    "DROP SCHEMA USER CASCADE",
                    "SET SCHEMA_SEARCH_PATH PUBLIC");
        }
    }

    private static void meaning(Connection c, Transcript t) throws Exception {
        boolean sharded = !c.getMetaData().getURL().startsWith("jdbc:h2:");
        try (Statement s = c.createStatement()) {
            for (String schema : List.of("A", "B")) {
                s.execute("CREATE SCHEMA " + schema);
                for (String table : List.of("T", "S")) {
                    s.execute("CREATE TABLE " + schema + "." + table + "(ID INT PRIMARY KEY, W VARCHAR(9))"
                            + (sharded && table.equals("S") ? " SHARD BY (ID)" : ""));
                    s.execute("INSERT INTO " + schema + "." + table + " VALUES (1, '" + schema + table + "')");
                }
            }
            // SET SCHEMA would make H2 compile everything anew
            c.setSchema("A");
            List<String> texts = List.of(
                    "SELECT W FROM T ORDER BY ID",
                    "SELECT W FROM S ORDER BY ID",
                    "SELECT S.W, T.W FROM S JOIN T ON S.ID = T.ID",
                    "INSERT INTO T VALUES (?, 'new')",
                    "INSERT INTO S VALUES (?, 'new')",
                    "INSERT INTO S SELECT ID + 100 + ?, W FROM T",
                    "UPDATE S SET W = 'upd' WHERE ID = ?",
                    "DELETE FROM T WHERE ID = ?",
                    "SELECT CURRENT_SCHEMA");
            for (boolean used : new boolean[] {false, true}) {
                List<PreparedStatement> prepared = new ArrayList<>();
                for (String text : texts) {
                    prepared.add(c.prepareStatement(text));
                    if (used) {
                        execute(prepared.get(prepared.size() - 1), t, 10);
                    }
                }
                s.addBatch("UPDATE T SET W = 'batch'");
                c.setSchema("B");
                for (PreparedStatement p : prepared) {
                    execute(p, t, used ? 30 : 20);
                }
                t.ask("batch", s::executeBatch);
                try (PreparedStatement p = c.prepareStatement("INSERT INTO S VALUES (?, 'b')")) {
                    c.setSchema("A");
                    for (int i = 50; i < 54; i++) {
                        p.setInt(1, used ? i : i + 10);
                        p.addBatch();
                    }
                    t.ask("batch of values", p::executeBatch);
                }
                for (PreparedStatement p : prepared) {
                    p.close();
                }
                each(
                        s,
                        t,
                        "SELECT * FROM A.T ORDER BY 1",
                        "SELECT * FROM A.S ORDER BY 1",
                        "SELECT * FROM B.T ORDER BY 1",
                        "SELECT * FROM B.S ORDER BY 1");
            }
            c.setSchema("PUBLIC");
            s.execute("DROP SCHEMA A CASCADE");
            s.execute("DROP SCHEMA B CASCADE");
        }
    }

    private static void execute(PreparedStatement p, Transcript t, int value) throws SQLException, IOException {
        if (p.getParameterMetaData().getParameterCount() > 0) {
            p.setInt(1, value);
        }
        t.ask("execute", () -> p.execute() ? rows(p.getResultSet()) : p.getUpdateCount());
    }

    private static void zone(Connection c, Transcript t) throws Exception {
        try (Statement s = c.createStatement()) {
            each(
                    s,
                    t,
                    "SET TIME ZONE '+05:30'",
                    "CREATE TABLE Z(ID INT, AT TIMESTAMP, D TIMESTAMP WITH TIME ZONE DEFAULT TIMESTAMP '2020-01-01 00:00:00')",
                    "INSERT INTO Z(ID, AT) VALUES (1, TIMESTAMP '2020-01-01 12:00:00')",
                    "ALTER TABLE Z ALTER COLUMN AT SET DATA TYPE TIMESTAMP WITH TIME ZONE",
                    "SELECT * FROM Z",
                    "SET TIME ZONE 'UTC'",
                    "SELECT AT AT TIME ZONE 'UTC' FROM Z",
                    "DROP TABLE Z",
                    "SET TIME ZONE LOCAL");
        }
    }

    private static void keptTransaction(Connection c, Transcript t) throws Exception {
        try (Statement s = c.createStatement()) {
            for (String definition : List.of(
                    "CREATE LOCAL TEMPORARY TABLE HELD(ID INT) TRANSACTIONAL",
                    "CREATE LOCAL TEMPORARY TABLE IF NOT EXISTS HELD(ID INT) TRANSACTIONAL",
                    "CREATE LOCAL TEMPORARY TABLE HELD2(ID INT) ON COMMIT DROP TRANSACTIONAL",
                    "CREATE LOCAL TEMPORARY TABLE NOT_HELD(ID INT)",
                    "CREATE SEQUENCE IF NOT EXISTS SQ",
                    "CREATE SEQUENCE IF NOT EXISTS SQ START WITH 9",
                    "CREATE SEQUENCE SQ",
                    "CREATE TABLE IF NOT EXISTS T(ID INT)",
                    "DROP TABLE HELD",
                    "DROP TABLE NOT_HELD",
                    "DROP SEQUENCE SQ")) {
                c.setAutoCommit(false);
                each(
                        s,
                        t,
                        "UPDATE T SET N = 50 WHERE ID = -1",
                        definition,
                        "UPDATE T SET V = 'more' WHERE ID = -1",
                        "SELECT V, N FROM T WHERE ID = -1");
                c.rollback();
                each(s, t, "SELECT V, N FROM T WHERE ID = -1", "UPDATE T SET V = 'one', N = 1 WHERE ID = -1");
                c.commit();
                c.setAutoCommit(true);
            }
        }
    }

    private static void temporaryTables(Connection c, Transcript t) throws Exception {
        try (Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            each(s, t, "CREATE LOCAL TEMPORARY TABLE W(A INT) ON COMMIT DROP");
            c.commit();
            each(s, t, "SELECT * FROM W");
            c.setAutoCommit(true);
            each(
                    s,
                    t,
                    "CREATE TABLE W(A INT)",
                    "INSERT INTO W VALUES (1)",
                    "ALTER TABLE W ADD COLUMN B INT",
                    "CREATE INDEX WI ON W(A)",
                    "TRUNCATE TABLE W",
                    "DROP TABLE W");
            c.setAutoCommit(false);
            each(
                    s,
                    t,
                    "CREATE LOCAL TEMPORARY TABLE W(A INT) ON COMMIT DROP",
                    "INSERT INTO W VALUES (1)",
                    "INSERT INTO T(ID) VALUES (5)");
            c.commit();
            each(
                    s,
                    t,
                    "SELECT * FROM W",
                    "CREATE LOCAL TEMPORARY TABLE X(A INT) ON COMMIT DELETE ROWS",
                    "INSERT INTO X VALUES (1)",
                    "SELECT * FROM X");
            c.commit();
            each(s, t, "SELECT * FROM X", "DROP TABLE X", "DELETE FROM T WHERE ID = 5");
            c.setAutoCommit(true);
            each(
                    s,
                    t,
                    "CREATE LOCAL TEMPORARY TABLE PICK(ID INT, N INT)",
                    "CREATE INDEX BY_N ON PICK(N)",
                    "INSERT INTO PICK VALUES (1, 2)",
                    "SELECT * FROM PICK WHERE N = 2",
                    "DROP INDEX BY_N",
                    "DROP INDEX BY_N",
                    "DROP INDEX IF EXISTS BY_N",
                    "CREATE INDEX PUBLIC.BY_N ON PICK(N)",
                    "DROP INDEX PUBLIC.BY_N",
                    "CREATE INDEX BY_N ON T(N)",
                    "DROP INDEX BY_N",
                    "DROP TABLE PICK");
        }
    }

    private static void user(Connection c, Transcript t) throws Exception {
        String url = c.getMetaData().getURL();
        boolean sharded = !url.startsWith("jdbc:h2:");
        try (Statement s = c.createStatement()) {
            if (!sharded) {
                s.execute("CREATE USER IF NOT EXISTS CLERK PASSWORD 'x' ADMIN");
            }
            s.execute("DROP VIEW IF EXISTS WHO");
            s.execute("DROP TABLE IF EXISTS MADE");
            s.execute("CREATE TABLE MADE(ID INT PRIMARY KEY, BY_USER VARCHAR(99) DEFAULT CURRENT_USER)"
                    + (sharded ? " SHARD BY (ID)" : ""));
            s.execute("CREATE VIEW WHO AS SELECT CURRENT_USER AS U FROM MADE");
        }
        for (String name : List.of("", "clerk")) {
            try (Connection own = name.isEmpty()
                            ? DriverManager.getConnection(url)
                            : DriverManager.getConnection(url, name, "x");
                    Statement s = own.createStatement()) {
                each(
                        s,
                        t,
                        "SELECT CURRENT_USER, USER, SESSION_USER, SYSTEM_USER, CURRENT_USER()",
                        "INSERT INTO MADE(ID) VALUES (1), (2), (3), (4)",
                        "SELECT DISTINCT BY_USER FROM MADE",
                        "SELECT COUNT(*) FROM MADE WHERE BY_USER = CURRENT_USER",
                        "UPDATE MADE SET BY_USER = CURRENT_USER || '!' WHERE ID > 2",
                        "SELECT * FROM MADE ORDER BY ID",
                        "SELECT DISTINCT U FROM WHO",
                        "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS"
                                + " WHERE USER_NAME = CURRENT_USER AND SESSION_ID = SESSION_ID()",
                        "DELETE FROM MADE",
                        "/*+ CONSISTENCY(EVENTUAL) */ INSERT INTO MADE(ID) VALUES (9)",
                        "SELECT BY_USER FROM MADE",
                        "DELETE FROM MADE");
            }
        }
    }

    private static void queryTimeout(Connection c, Transcript t) throws Exception {
        try (Statement s = c.createStatement()) {
            each(
                    s,
                    t,
                    "SET QUERY_TIMEOUT 50",
                    "SELECT MAX(RAND()) FROM SYSTEM_RANGE(1, 300000000)",
                    "UPDATE T SET N = (SELECT MAX(X) FROM SYSTEM_RANGE(1, 300000000) WHERE RAND() < 2)",
                    "SELECT COUNT(*) FROM T",
                    "SET QUERY_TIMEOUT 0",
                    "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000) WHERE RAND() < 2");
        }
    }
}
