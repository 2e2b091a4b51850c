package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every column type and every setter: what goes in through this driver comes out as through H2's. */
class DataTypesTest {

    /** One way to set one type. */
    private record Case(String type, String setter, Set set) {
        @Override
        public String toString() {
            return type + " by " + setter;
        }
    }

    private interface Set {
        void on(PreparedStatement target, int index) throws SQLException;
    }

    private static final UUID SOME_ID = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
    private static final Calendar FAR_AWAY = Calendar.getInstance(TimeZone.getTimeZone("Pacific/Chatham"));

    private static Connection ours;
    private static Connection h2s;

    @BeforeAll
    static void open() throws SQLException {
        ours = Urls.open();
        h2s = Urls.openH2();
    }

    @AfterAll
    static void close() throws SQLException {
        ours.close();
        h2s.close();
    }

    static List<Case> cases() {
        return List.of(
                new Case("BOOLEAN", "setBoolean", (p, i) -> p.setBoolean(i, true)),
                new Case("BOOLEAN", "setObject", (p, i) -> p.setObject(i, false)),
                new Case("TINYINT", "setByte", (p, i) -> p.setByte(i, (byte) -7)),
                new Case("SMALLINT", "setShort", (p, i) -> p.setShort(i, Short.MIN_VALUE)),
                new Case("INTEGER", "setInt", (p, i) -> p.setInt(i, Integer.MAX_VALUE)),
                new Case("INTEGER", "setString", (p, i) -> p.setString(i, "42")),
                new Case("INTEGER", "setObject with a type", (p, i) -> p.setObject(i, "42", Types.INTEGER)),
                new Case("INTEGER", "setObject with a JDBCType", (p, i) -> p.setObject(i, 42L, JDBCType.INTEGER)),
                new Case("BIGINT", "setLong", (p, i) -> p.setLong(i, Long.MIN_VALUE)),
                new Case("BIGINT", "setObject", (p, i) -> p.setObject(i, 5)),
                new Case("BIGINT", "setNull", (p, i) -> p.setNull(i, Types.BIGINT)),
                new Case("BIGINT", "setNull with a name", (p, i) -> p.setNull(i, Types.BIGINT, "BIGINT")),
                new Case("REAL", "setFloat", (p, i) -> p.setFloat(i, 1.25f)),
                new Case("REAL", "NaN", (p, i) -> p.setFloat(i, Float.NaN)),
                new Case("DOUBLE PRECISION", "setDouble", (p, i) -> p.setDouble(i, -0.1)),
                new Case("DOUBLE PRECISION", "infinity", (p, i) -> p.setDouble(i, Double.NEGATIVE_INFINITY)),
                new Case("DECFLOAT(20)", "setBigDecimal", (p, i) -> p.setBigDecimal(i, new BigDecimal("1.5E+30"))),
                new Case("NUMERIC(20, 4)", "setBigDecimal", (p, i) -> p.setBigDecimal(i, new BigDecimal("123.45"))),
                new Case("NUMERIC(30)", "BigInteger", (p, i) -> p.setObject(i, BigInteger.TEN.pow(25))),
                new Case(
                        "NUMERIC(20, 4)",
                        "setObject with a scale",
                        (p, i) -> p.setObject(i, new BigDecimal("1.23456"), Types.NUMERIC, 2)),
                new Case("NUMERIC(20, 4)", "null", (p, i) -> p.setBigDecimal(i, null)),
                new Case("CHARACTER(5)", "setString", (p, i) -> p.setString(i, "ab")),
                new Case("CHARACTER VARYING(50)", "setString", (p, i) -> p.setString(i, "it's ✓ ünïcode 🐟")),
                new Case("CHARACTER VARYING(50)", "empty", (p, i) -> p.setString(i, "")),
                new Case("CHARACTER VARYING(50)", "setNString", (p, i) -> p.setNString(i, "n")),
                new Case("CHARACTER VARYING(50)", "null", (p, i) -> p.setString(i, null)),
                new Case("CHARACTER VARYING(50)", "Character", (p, i) -> p.setObject(i, 'c')),
                new Case(
                        "CHARACTER VARYING(50)",
                        "setCharacterStream",
                        (p, i) -> p.setCharacterStream(i, new StringReader("stream"))),
                new Case(
                        "CHARACTER VARYING(50)",
                        "setNCharacterStream",
                        (p, i) -> p.setNCharacterStream(i, new StringReader("stream"), 3)),
                new Case("VARCHAR_IGNORECASE(50)", "setString", (p, i) -> p.setString(i, "MiXeD")),
                new Case("CHARACTER LARGE OBJECT", "setString", (p, i) -> p.setString(i, "x".repeat(5000))),
                new Case("CHARACTER LARGE OBJECT", "setClob", (p, i) -> p.setClob(i, new StringReader("clob"))),
                new Case("CHARACTER LARGE OBJECT", "setNClob", (p, i) -> p.setNClob(i, new StringReader("nclob"), 4)),
                new Case("CHARACTER LARGE OBJECT", "empty", (p, i) -> p.setClob(i, new StringReader(""))),
                new Case("CHARACTER LARGE OBJECT", "setSQLXML", (p, i) -> {
                    SQLXML xml = p.getConnection().createSQLXML();
                    xml.setString("<a>b</a>");
                    p.setSQLXML(i, xml);
                }),
                new Case("BINARY(4)", "setBytes", (p, i) -> p.setBytes(i, new byte[] {1, 2, 3, 4})),
                new Case("BINARY VARYING(50)", "setBytes", (p, i) -> p.setBytes(i, new byte[] {0, -1})),
                new Case("BINARY VARYING(50)", "setObject", (p, i) -> p.setObject(i, new byte[] {9})),
                new Case("BINARY VARYING(50)", "null", (p, i) -> p.setBytes(i, null)),
                new Case(
                        "BINARY VARYING(50)",
                        "setBinaryStream",
                        (p, i) -> p.setBinaryStream(i, new ByteArrayInputStream(new byte[] {1, 2, 3}), 2L)),
                new Case("BINARY LARGE OBJECT", "setBytes", (p, i) -> p.setBytes(i, new byte[5000])),
                new Case(
                        "BINARY LARGE OBJECT",
                        "setBlob",
                        (p, i) -> p.setBlob(i, new ByteArrayInputStream("blob".getBytes(StandardCharsets.UTF_8)))),
                new Case(
                        "BINARY LARGE OBJECT",
                        "two megabytes",
                        (p, i) -> p.setBinaryStream(i, new ByteArrayInputStream(new byte[2 << 20]))),
                new Case("DATE", "setDate", (p, i) -> p.setDate(i, Date.valueOf("2026-11-22"))),
                new Case("DATE", "setDate in a zone", (p, i) -> p.setDate(i, Date.valueOf("2026-11-22"), FAR_AWAY)),
                new Case("DATE", "LocalDate", (p, i) -> p.setObject(i, LocalDate.of(-44, 3, 15))),
                new Case("DATE", "null in a zone", (p, i) -> p.setDate(i, null, FAR_AWAY)),
                new Case("TIME(9)", "setTime", (p, i) -> p.setTime(i, Time.valueOf("23:59:59"))),
                new Case("TIME(9)", "setTime in a zone", (p, i) -> p.setTime(i, Time.valueOf("23:59:59"), FAR_AWAY)),
                new Case("TIME(9)", "LocalTime", (p, i) -> p.setObject(i, LocalTime.of(1, 2, 3, 123456789))),
                new Case(
                        "TIME(9) WITH TIME ZONE",
                        "OffsetTime",
                        (p, i) -> p.setObject(i, OffsetTime.parse("10:15:30.123456789+05:45"))),
                new Case(
                        "TIMESTAMP(9)",
                        "setTimestamp",
                        (p, i) -> p.setTimestamp(i, Timestamp.valueOf("2026-11-22 10:08:00.123456789"))),
                new Case(
                        "TIMESTAMP(9)",
                        "setTimestamp in a zone",
                        (p, i) -> p.setTimestamp(i, Timestamp.valueOf("2026-11-22 10:08:00"), FAR_AWAY)),
                new Case(
                        "TIMESTAMP(9)",
                        "setTimestamp in no zone",
                        (p, i) -> p.setTimestamp(i, Timestamp.valueOf("2026-11-22 10:08:00"), null)),
                new Case(
                        "TIMESTAMP(3)",
                        "LocalDateTime",
                        (p, i) -> p.setObject(i, LocalDateTime.parse("2026-11-22T10:08:00.123456789"))),
                new Case(
                        "TIMESTAMP(9) WITH TIME ZONE",
                        "OffsetDateTime",
                        (p, i) -> p.setObject(i, OffsetDateTime.parse("2026-11-22T10:08:00.5+12:45"))),
                new Case(
                        "TIMESTAMP(9) WITH TIME ZONE",
                        "Instant",
                        (p, i) -> p.setObject(i, Instant.parse("2026-11-22T10:08:00Z"))),
                new Case(
                        "TIMESTAMP(9) WITH TIME ZONE",
                        "ZonedDateTime",
                        (p, i) -> p.setObject(i, ZonedDateTime.parse("2026-11-22T10:08:00+01:00[Europe/Berlin]"))),
                new Case("INTERVAL YEAR TO MONTH", "Period", (p, i) -> p.setObject(i, Period.of(1, 2, 0))),
                new Case("INTERVAL DAY TO SECOND", "Duration", (p, i) -> p.setObject(i, Duration.ofMillis(-90061001))),
                new Case("INTERVAL MINUTE", "text", (p, i) -> p.setString(i, "5")),
                new Case("UUID", "UUID", (p, i) -> p.setObject(i, SOME_ID)),
                new Case("UUID", "text", (p, i) -> p.setString(i, SOME_ID.toString())),
                new Case("JSON", "bytes", (p, i) -> p.setBytes(i, "{\"a\":[1,null]}".getBytes(StandardCharsets.UTF_8))),
                new Case("JSON", "text becomes a JSON string", (p, i) -> p.setString(i, "plain")),
                new Case("ENUM('red', 'green')", "text", (p, i) -> p.setString(i, "green")),
                new Case("ENUM('red', 'green')", "ordinal", (p, i) -> p.setInt(i, 1)),
                new Case("INTEGER ARRAY", "Integer[]", (p, i) -> p.setObject(i, new Integer[] {1, null, 3})),
                new Case(
                        "CHARACTER VARYING(9) ARRAY",
                        "setArray",
                        (p, i) -> p.setArray(i, p.getConnection().createArrayOf("VARCHAR", new Object[] {"a", "b"}))),
                new Case(
                        "INTEGER ARRAY ARRAY",
                        "nested",
                        (p, i) -> p.setObject(i, new Object[] {new Object[] {1, 2}, new Object[] {}})),
                new Case("GEOMETRY", "text", (p, i) -> p.setString(i, "POINT (1 2)")),
                new Case("JAVA_OBJECT", "a list", (p, i) -> p.setObject(i, List.of(1, "two"), Types.JAVA_OBJECT)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void comesOutAsFromH2(Case each) throws Exception {
        assertThat(roundTrip(ours, each)).isEqualTo(roundTrip(h2s, each));
    }

    private static String roundTrip(Connection connection, Case each) throws Exception {
        Transcript t = new Transcript();
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS V");
            statement.execute("CREATE TABLE V(ID INTEGER PRIMARY KEY, X " + each.type + ")");
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO V(ID, X) VALUES (1, ?)")) {
            t.attempt("set", () -> each.set.on(insert, 1));
            t.ask("insert", insert::executeUpdate);
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT X FROM V");
                ResultSet rows = select.executeQuery()) {
            t.ask("next", rows::next);
            t.ask("object", () -> rows.getObject(1));
            t.ask("null", rows::wasNull);
            t.ask("string", () -> rows.getString("X"));
            t.ask("bytes", () -> rows.getBytes(1));
            t.ask("stream", () -> rows.getBinaryStream(1));
            t.ask("reader", () -> rows.getCharacterStream(1));
            t.ask("boolean", () -> rows.getBoolean(1));
            t.ask("byte", () -> rows.getByte(1));
            t.ask("short", () -> rows.getShort(1));
            t.ask("int", () -> rows.getInt(1));
            t.ask("long", () -> rows.getLong(1));
            t.ask("float", () -> rows.getFloat(1));
            t.ask("double", () -> rows.getDouble(1));
            t.ask("decimal", () -> rows.getBigDecimal(1));
            t.ask("date", () -> rows.getDate(1));
            t.ask("time", () -> rows.getTime(1));
            t.ask("timestamp", () -> rows.getTimestamp(1));
            t.ask("date in a zone", () -> rows.getDate(1, FAR_AWAY));
            t.ask("time in a zone", () -> rows.getTime(1, FAR_AWAY));
            t.ask("timestamp in a zone", () -> rows.getTimestamp(1, FAR_AWAY));
            t.ask("array", () -> rows.getArray(1));
            t.ask("blob", () -> rows.getBlob(1));
            t.ask("clob", () -> rows.getClob(1));
            t.ask("LocalDate", () -> rows.getObject(1, LocalDate.class));
            t.ask("OffsetDateTime", () -> rows.getObject(1, OffsetDateTime.class));
            t.ask("UUID", () -> rows.getObject(1, UUID.class));
            t.ask("type", () -> rows.getMetaData().getColumnTypeName(1));
            t.ask(
                    "class",
                    () -> Intervals.className(
                            rows.getMetaData().getColumnClassName(1),
                            rows.getMetaData().getColumnTypeName(1)));
        }
        return t.toString();
    }

    /** Values must not change between set and execution, whatever the program does with its objects meanwhile. */
    @Test
    void valuesAreThoseOfTheTimeTheyWereSet() throws SQLException {
        try (PreparedStatement p = ours.prepareStatement(
                "SELECT CAST(? AS VARBINARY(9)), CAST(? AS TIMESTAMP), CAST(? AS INTEGER ARRAY)")) {
            byte[] bytes = {1};
            Timestamp time = Timestamp.valueOf("2026-11-22 10:08:00");
            Integer[] elements = {1};
            p.setBytes(1, bytes);
            p.setTimestamp(2, time);
            p.setObject(3, elements);
            bytes[0] = 2;
            time.setTime(0);
            elements[0] = 2;
            try (ResultSet rows = p.executeQuery()) {
                rows.next();
                assertThat(rows.getBytes(1)).containsExactly(1);
                assertThat(rows.getTimestamp(2)).isEqualTo(Timestamp.valueOf("2026-11-22 10:08:00"));
                assertThat((Object[]) rows.getArray(3).getArray()).containsExactly(1);
            }
        }
    }

    /** A stream can be read once, a statement can be executed often. */
    @Test
    void aStreamParameterServesEveryExecution() throws SQLException {
        try (PreparedStatement p = ours.prepareStatement("SELECT CAST(? AS VARCHAR(50))")) {
            p.setCharacterStream(1, new StringReader("again and again"));
            for (int i = 0; i < 3; i++) {
                try (ResultSet rows = p.executeQuery()) {
                    rows.next();
                    assertThat(rows.getString(1)).isEqualTo("again and again");
                }
            }
        }
    }
}
