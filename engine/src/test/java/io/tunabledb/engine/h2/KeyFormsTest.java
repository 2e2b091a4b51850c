package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.plan.placement.KeyType;
import io.tunabledb.engine.plan.placement.ShardKey;
import io.tunabledb.sql.Literals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What H2 takes for equal to a shard key has that key's canonical form, and so does what it makes of a value it stores. */
class KeyFormsTest {
    private static final long SEED = Long.getLong("keys.seed", new Random().nextLong());

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TINYINT               | INTEGER
            SMALLINT              | INTEGER
            INTEGER               | INTEGER
            BIGINT                | INTEGER
            NUMERIC(10, 2)        | NUMERIC(2)
            NUMERIC(38)           | NUMERIC(0)
            NUMERIC(30, 12)       | NUMERIC(12)
            DECFLOAT(6)           | DECFLOAT(6)
            DECFLOAT              | DECFLOAT(100000)
            CHAR(4)               | CHARACTER
            VARCHAR               | CHARACTER_VARYING
            VARCHAR(5)            | CHARACTER_VARYING
            VARCHAR_IGNORECASE    | VARCHAR_IGNORECASE
            UUID                  | UUID
            DATE                  | DATE
            BOOLEAN               | BOOLEAN
            BINARY(4)             | BINARY
            VARBINARY             | VARBINARY
            """)
    void equalKeysHaveOneForm(String column, String type) throws SQLException {
        KeyType key = KeyType.parse(type);
        List<Object> values = values();
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:")) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, K " + column + ")");
            }
            int stored = 0;
            for (int i = 0; i < values.size(); i++) {
                stored += store(connection, key, i, values.get(i)) ? 1 : 0;
            }
            int compared = 0;
            for (Object value : values) {
                compared += compare(connection, key, value) ? 1 : 0;
            }
            // else nothing would be routed
            assertThat(stored).as("seed " + SEED).isGreaterThan(1);
            assertThat(compared).as("seed " + SEED).isGreaterThan(1);
        }
    }

    /** Whether its key can be told before. */
    private static boolean store(Connection connection, KeyType type, int id, Object value) throws SQLException {
        ShardKey before = ShardKey.stored(type, value);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO T VALUES (?, ?)")) {
            insert.setInt(1, id);
            insert.setObject(2, value);
            insert.executeUpdate();
        } catch (SQLException e) {
            return false;
        }
        if (String.valueOf(value).equals("NaN")) {
            // a DECFLOAT takes it, and nobody can read it
            return false;
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT K FROM T WHERE ID = ?")) {
            select.setInt(1, id);
            try (ResultSet rows = select.executeQuery()) {
                assertThat(rows.next()).isTrue();
                ShardKey after = ShardKey.stored(type, read(rows, type));
                assertThat(after).as(value + " as " + type + ", seed " + SEED).isNotNull();
                if (before != null) {
                    assertThat(before)
                            .as(value + " as " + type + ", seed " + SEED)
                            .isEqualTo(after);
                    assertThat(before.bucket()).isBetween(0, 1023).isEqualTo(after.bucket());
                }
            }
        }
        return before != null;
    }

    private static Object read(ResultSet rows, KeyType type) throws SQLException {
        return type.kind() == KeyType.Kind.DATE ? rows.getObject(1, LocalDate.class) : rows.getObject(1);
    }

    /** Whether the key it is equal to can be told, as a parameter. */
    private static boolean compare(Connection connection, KeyType type, Object value) throws SQLException {
        ShardKey key = ShardKey.compared(type, value);
        if (key != null) {
            requireSame(connection, "K = ?", type, key, value);
        }
        String literal = literal(value);
        ShardKey ofLiteral = literal == null ? null : ShardKey.compared(type, Literals.value(literal));
        if (ofLiteral != null) {
            requireSame(connection, "K = " + literal, type, ofLiteral, value);
            requireSame(connection, "K IN (" + literal + ", " + literal + ")", type, ofLiteral, value);
        }
        return key != null;
    }

    private static void requireSame(Connection connection, String condition, KeyType type, ShardKey key, Object value) {
        try (PreparedStatement select = connection.prepareStatement("SELECT K FROM T WHERE " + condition)) {
            if (condition.endsWith("?")) {
                select.setObject(1, value);
            }
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                Object found = read(rows, type);
                assertThat(ShardKey.stored(type, found))
                        .as(found + " and " + value + " where " + condition + ", " + type + ", seed " + SEED)
                        .isEqualTo(key);
            }
        } catch (SQLException e) {
            // a comparison that H2 refuses finds no row
            assertThat(e.getSQLState()).startsWith("22");
        }
    }

    private static String literal(Object value) {
        if (value instanceof String text) {
            return "'" + text.replace("'", "''") + "'";
        }
        if (value instanceof byte[] bytes) {
            return "X'" + HexFormat.of().formatHex(bytes) + "'";
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : null;
    }

    private List<Object> values() {
        List<Object> values = new ArrayList<>(List.of(
                0,
                -1L,
                (byte) 7,
                (short) 7,
                7L,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                new BigDecimal("7.0"),
                new BigDecimal("7.00000000000000000000001"),
                new BigDecimal("7.125"),
                new BigDecimal("7.13"),
                new BigDecimal("1E+3"),
                new BigDecimal("1000"),
                new BigDecimal("1E-7"),
                new BigDecimal("1234567"),
                new BigDecimal("9223372036854775808"),
                new BigInteger("12345678901234567890123456789"),
                7.0,
                7.125f,
                1e300,
                Double.NaN));
        values.addAll(
                List.of("7", "07", " 7", "7 ", "+7", "7.0", "7e0", "-1", "1000", "", " ", "a", "A", "a ", "ab", "aB"));
        values.addAll(List.of(
                "ß",
                "ẞ",
                "ss",
                "ı",
                "i",
                "İ",
                "I",
                "K",
                "k",
                "ſ",
                "S",
                "\uD83D\uDE00",
                "\uD801\uDC00",
                "\uD801\uDC28"));
        values.addAll(List.of("true", "TRUE", "t", true, false, "1", "0"));
        values.addAll(
                List.of(LocalDate.of(2024, 2, 29), "2024-02-29", "2024-2-29", "2023-02-29", LocalDate.of(-1, 1, 1)));
        values.addAll(List.of("2024-02-29 00:00:00", java.sql.Timestamp.valueOf("2024-02-29 00:00:00")));
        UUID uuid = new UUID(random.nextLong(), random.nextLong());
        values.addAll(List.of(
                uuid,
                uuid.toString(),
                uuid.toString().toUpperCase(Locale.ROOT),
                uuid.toString().replace("-", "")));
        values.addAll(List.of(
                new byte[0], new byte[] {1}, new byte[] {1, 0}, new byte[] {1, 0, 0, 0}, new byte[] {0}, new byte[] {
                    1, 2, 3, 4
                }));
        for (int i = 0; i < 40; i++) {
            values.add(random.nextInt(20) - 5);
            values.add(BigDecimal.valueOf(random.nextInt(2000) - 500, random.nextInt(4)));
            values.add(String.valueOf((char) ('a' + random.nextInt(3))).repeat(random.nextInt(3))
                    + " ".repeat(random.nextInt(2)));
            values.add(new String(Character.toChars(random.nextInt(0x2000) + 0x20)));
        }
        return values;
    }
}
