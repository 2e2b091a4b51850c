package io.tunabledb.jdbc;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.NClob;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.ShardingKey;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * Something to call a method with, made anew for each call.
 *
 * @param label how it is written down
 * @param maker makes it, by means of the driver's own connection where it takes one
 */
record Argument(String label, Maker maker) {

    /** Makes an argument on a connection of the driver that is tried. */
    interface Maker {
        Object make(Connection connection) throws Exception;
    }

    private static final byte[] BYTES = {1, 2, 3};

    static Argument of(Object value) {
        return new Argument(label(value), connection -> value);
    }

    private static String label(Object value) {
        if (value instanceof Object[] array) {
            return Arrays.toString(array);
        }
        if (value instanceof int[] array) {
            return Arrays.toString(array);
        }
        return value instanceof String ? '"' + value.toString() + '"' : String.valueOf(value);
    }

    static List<Argument> all(Object... values) {
        return Stream.of(values)
                .map(value -> value instanceof Argument argument ? argument : of(value))
                .toList();
    }

    /** What there is to try for a parameter of that type when nobody knows better. */
    static List<Argument> of(Class<?> type) {
        List<Argument> found = TYPICAL.get(type);
        if (found == null) {
            throw new IllegalArgumentException("no arguments are known for a parameter of " + type);
        }
        return found;
    }

    private static final Argument NULL = of((Object) null);

    private static final Argument BLOB = new Argument("blob", connection -> {
        Blob blob = connection.createBlob();
        blob.setBytes(1, BYTES);
        return blob;
    });
    private static final Argument CLOB = new Argument("clob", connection -> {
        Clob clob = connection.createClob();
        clob.setString(1, "12");
        return clob;
    });
    private static final Argument NCLOB = new Argument("nclob", connection -> {
        NClob clob = connection.createNClob();
        clob.setString(1, "12");
        return clob;
    });
    private static final Argument XML = new Argument("xml", connection -> {
        SQLXML xml = connection.createSQLXML();
        xml.setString("<x>1</x>");
        return xml;
    });
    private static final Argument ARRAY =
            new Argument("array", connection -> connection.createArrayOf("INTEGER", new Object[] {1, null}));
    private static final Argument STREAM = new Argument("stream", connection -> new ByteArrayInputStream(BYTES));
    private static final Argument READER = new Argument("reader", connection -> new StringReader("12"));
    private static final Argument TORN = new Argument("torn stream", connection -> {
        InputStream stream = InputStream.nullInputStream();
        stream.close();
        return stream;
    });
    private static final Argument CALENDAR =
            new Argument("calendar in Tokyo", connection -> new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo")));
    private static final Argument SAVEPOINT = new Argument("savepoint", connection -> {
        connection.setAutoCommit(false);
        return connection.setSavepoint();
    });
    private static final Argument NAMED_SAVEPOINT = new Argument("named savepoint", connection -> {
        connection.setAutoCommit(false);
        return connection.setSavepoint("here");
    });
    private static final Argument PROPERTIES = new Argument("properties", connection -> {
        Properties properties = new Properties();
        properties.setProperty("ApplicationName", "shop");
        return properties;
    });

    private static final Map<Class<?>, List<Argument>> TYPICAL = Map.ofEntries(
            Map.entry(boolean.class, all(true, false)),
            Map.entry(byte.class, all((byte) 1, (byte) -128)),
            Map.entry(short.class, all((short) 1, (short) 300)),
            Map.entry(int.class, all(1, 2, 0, -1, 99)),
            Map.entry(long.class, all(1L, 0L, -1L, 5_000_000_000L)),
            Map.entry(float.class, all(1.5f, Float.NaN)),
            Map.entry(double.class, all(1.5, Double.NEGATIVE_INFINITY)),
            Map.entry(String.class, all("12", "text", "", null)),
            Map.entry(BigDecimal.class, all(new BigDecimal("1.25"), null)),
            Map.entry(byte[].class, all(new Argument("bytes", c -> BYTES.clone()), null)),
            Map.entry(int[].class, all(new int[] {1}, new int[] {99}, new int[0], null)),
            Map.entry(String[].class, all(new String[] {"ID"}, new String[] {"NOPE"}, new String[0], (Object) null)),
            Map.entry(Date.class, all(Date.valueOf("2026-11-22"), null)),
            Map.entry(Time.class, all(Time.valueOf("12:34:56"), null)),
            Map.entry(Timestamp.class, all(Timestamp.valueOf("2026-11-22 12:34:56.789"), null)),
            Map.entry(Calendar.class, List.of(CALENDAR, NULL)),
            Map.entry(InputStream.class, List.of(STREAM, TORN, NULL)),
            Map.entry(Reader.class, List.of(READER, NULL)),
            Map.entry(Blob.class, List.of(BLOB, NULL)),
            Map.entry(Clob.class, List.of(CLOB, NULL)),
            Map.entry(NClob.class, List.of(NCLOB, NULL)),
            Map.entry(SQLXML.class, List.of(XML, NULL)),
            Map.entry(Array.class, List.of(ARRAY, NULL)),
            Map.entry(Ref.class, List.of(NULL)),
            Map.entry(RowId.class, List.of(NULL)),
            Map.entry(URL.class, List.of(NULL)),
            Map.entry(ShardingKey.class, List.of(NULL)),
            Map.entry(Savepoint.class, List.of(SAVEPOINT, NAMED_SAVEPOINT, NULL)),
            Map.entry(Executor.class, List.of(new Argument("executor", c -> (Executor) Runnable::run), NULL)),
            Map.entry(Properties.class, List.of(PROPERTIES, of(new Properties()))),
            Map.entry(Map.class, all(Map.of(), Map.of("X", String.class), null)),
            Map.entry(
                    SQLType.class,
                    all(JDBCType.INTEGER, JDBCType.VARCHAR, JDBCType.VARBINARY, JDBCType.REF_CURSOR, null)),
            Map.entry(
                    Class.class,
                    all(
                            String.class,
                            Integer.class,
                            Long.class,
                            BigDecimal.class,
                            Boolean.class,
                            byte[].class,
                            LocalDate.class,
                            LocalTime.class,
                            LocalDateTime.class,
                            OffsetDateTime.class,
                            Instant.class,
                            Duration.class,
                            UUID.class,
                            Array.class,
                            Blob.class,
                            Timestamp.class,
                            Object.class,
                            Connection.class,
                            PreparedStatement.class,
                            ParameterMetaData.class,
                            StringBuilder.class,
                            null)),
            Map.entry(Object[].class, all(new Object[] {1, null}, new Object[] {"a"}, new Object[0], (Object) null)),
            Map.entry(
                    Object.class,
                    Stream.concat(
                                    all(
                                            1,
                                            2L,
                                            (short) 3,
                                            (byte) 4,
                                            1.5,
                                            2.5f,
                                            true,
                                            'c',
                                            "12",
                                            new BigDecimal("1.25"),
                                            LocalDate.of(2026, 11, 22),
                                            LocalTime.of(12, 34, 56),
                                            LocalDateTime.of(2026, 11, 22, 12, 34, 56),
                                            OffsetDateTime.of(2026, 11, 22, 12, 34, 56, 0, ZoneOffset.ofHours(2)),
                                            Instant.ofEpochSecond(1_800_000_000),
                                            Duration.ofSeconds(90),
                                            new UUID(1, 2),
                                            Date.valueOf("2026-11-22"),
                                            Timestamp.valueOf("2026-11-22 12:34:56.789"),
                                            new Integer[] {1, 2},
                                            new String[] {"a", "b"},
                                            null)
                                            .stream(),
                                    Stream.of(
                                            new Argument("bytes", c -> BYTES.clone()),
                                            STREAM,
                                            READER,
                                            BLOB,
                                            CLOB,
                                            XML,
                                            ARRAY))
                            .toList()));

    /** Types to convert to. */
    static final List<Argument> TYPES = all(Types.INTEGER, Types.VARCHAR, Types.BLOB, Types.NULL, Types.REF, 99_999);
}
