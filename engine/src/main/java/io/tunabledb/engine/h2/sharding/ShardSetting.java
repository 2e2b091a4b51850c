package io.tunabledb.engine.h2.sharding;

import io.tunabledb.engine.h2.row.Tables;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * How a table is sharded, as its setting says: {@code REFERENCE}, or {@code BY column type}. A definition may bring it
 * without the type, which is the column's.
 *
 * @param column the shard key; null for a REFERENCE table
 * @param type its type; empty for a REFERENCE table, and for a column that can't be a shard key
 */
public record ShardSetting(@Nullable String column, String type) {
    public static final ShardSetting REFERENCE = new ShardSetting(null, "");
    /** What a definition brings to make a table unsharded again. */
    public static final String SINGLE = "SINGLE";

    private static final String BY = "BY ";

    /** Reads what a definition brings, or what is stored, for a table as it is now. */
    public static ShardSetting of(String text, Table table) {
        if (text.equals("REFERENCE")) {
            return REFERENCE;
        }
        if (!text.startsWith(BY)) {
            throw new ShardRefusedException("unknown sharding '" + text + "' of table " + Tables.nameOf(table)
                    + "; known are SHARD BY (column) and REFERENCE");
        }
        String column = text.substring(BY.length());
        Column found = table.findColumn(column);
        int end = column.lastIndexOf(' ');
        if (found == null && end > 0) {
            column = column.substring(0, end);
            found = table.findColumn(column);
        }
        return new ShardSetting(column, found == null ? "" : typeOf(found));
    }

    public boolean isReference() {
        return column == null;
    }

    public String text() {
        return column == null ? "REFERENCE" : BY + column + " " + type;
    }

    /** A column's type as a shard key's; empty when it can't be one. */
    public static String typeOf(Column column) {
        TypeInfo type = column.getType();
        return switch (type.getValueType()) {
            case Value.TINYINT, Value.SMALLINT, Value.INTEGER, Value.BIGINT -> "INTEGER";
            case Value.NUMERIC -> "NUMERIC(" + type.getScale() + ")";
            case Value.DECFLOAT -> "DECFLOAT(" + type.getPrecision() + ")";
            case Value.CHAR -> "CHARACTER";
            case Value.VARCHAR -> "CHARACTER_VARYING";
            case Value.VARCHAR_IGNORECASE -> "VARCHAR_IGNORECASE";
            case Value.BINARY -> "BINARY";
            case Value.VARBINARY -> "VARBINARY";
            case Value.BOOLEAN -> "BOOLEAN";
            case Value.DATE -> "DATE";
            case Value.UUID -> "UUID";
            default -> "";
        };
    }
}
