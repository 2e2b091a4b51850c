package io.tunabledb.jdbc.parameter;

import io.tunabledb.jdbc.contract.Misuse;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;

/** Which setter of H2's PreparedStatement a remembered value is replayed on. */
public enum Setter {
    UNSET,
    NULL,
    BOOLEAN,
    BYTE,
    SHORT,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    DECIMAL,
    STRING,
    BYTES,
    DATE,
    TIME,
    TIMESTAMP,
    DATE_AT,
    TIME_AT,
    TIMESTAMP_AT,
    TEXT,
    BINARY,
    OBJECT,
    TYPED,
    SQL_TYPED;

    /** A date, time or timestamp with the calendar that says in which zone it is meant. */
    public record At(Object value, Calendar calendar) {}

    /** A value with a constant of {@link Types}. */
    record Typed(Object value, int type) {

        /** Whether the value is surely of that type, without asking H2. */
        boolean isNatural() {
            return switch (type) {
                case Types.INTEGER -> value instanceof Integer;
                case Types.BIGINT, Types.NUMERIC, Types.DECIMAL -> value instanceof Integer || value instanceof Long;
                case Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR, Types.NVARCHAR -> value instanceof String;
                case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY -> value instanceof byte[];
                case Types.BOOLEAN -> value instanceof Boolean;
                case Types.DATE -> value instanceof Date || value instanceof LocalDate;
                case Types.TIME -> value instanceof Time || value instanceof LocalTime;
                case Types.TIMESTAMP -> value instanceof Timestamp || value instanceof LocalDateTime;
                default -> false;
            };
        }
    }

    /** Whether a stream may become of that type. */
    static boolean takesStreams(int type) {
        return switch (type) {
            case Types.INTEGER,
                    Types.BIGINT,
                    Types.SMALLINT,
                    Types.TINYINT,
                    Types.NUMERIC,
                    Types.DECIMAL,
                    Types.REAL,
                    Types.FLOAT,
                    Types.DOUBLE,
                    Types.BIT,
                    Types.BOOLEAN,
                    Types.DATE,
                    Types.TIME,
                    Types.TIMESTAMP,
                    Types.TIME_WITH_TIMEZONE,
                    Types.TIMESTAMP_WITH_TIMEZONE -> false;
            default -> true;
        };
    }

    /** A value with a vendor's or a JDBC type. */
    record SqlTyped(Object value, @Nullable SQLType type) {}

    /** Sets {@code value}, which is of the class that this setter takes. */
    void replay(PreparedStatement target, int index, Object value) throws SQLException {
        switch (this) {
            case UNSET -> throw Misuse.notSet(index);
            case NULL -> target.setNull(index, Types.NULL);
            case BOOLEAN -> target.setBoolean(index, (Boolean) value);
            case BYTE -> target.setByte(index, (Byte) value);
            case SHORT -> target.setShort(index, (Short) value);
            case INT -> target.setInt(index, (Integer) value);
            case LONG -> target.setLong(index, (Long) value);
            case FLOAT -> target.setFloat(index, (Float) value);
            case DOUBLE -> target.setDouble(index, (Double) value);
            case DECIMAL -> target.setBigDecimal(index, (BigDecimal) value);
            case STRING -> target.setString(index, (String) value);
            case BYTES -> target.setBytes(index, (byte[]) value);
            case DATE -> target.setDate(index, (Date) value);
            case TIME -> target.setTime(index, (Time) value);
            case TIMESTAMP -> target.setTimestamp(index, (Timestamp) value);
            case DATE_AT -> target.setDate(index, (Date) ((At) value).value, ((At) value).calendar);
            case TIME_AT -> target.setTime(index, (Time) ((At) value).value, ((At) value).calendar);
            case TIMESTAMP_AT -> target.setTimestamp(index, (Timestamp) ((At) value).value, ((At) value).calendar);
            case TEXT -> target.setCharacterStream(index, new StringReader((String) value), ((String) value).length());
            case BINARY ->
                target.setBinaryStream(index, new ByteArrayInputStream((byte[]) value), ((byte[]) value).length);
            case OBJECT -> target.setObject(index, value);
            case TYPED -> target.setObject(index, ((Typed) value).value, ((Typed) value).type);
            case SQL_TYPED -> target.setObject(index, ((SqlTyped) value).value, ((SqlTyped) value).type);
        }
    }
}
