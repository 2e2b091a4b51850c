package io.tunabledb.jdbc;

import java.io.IOException;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.StringJoiner;
import org.h2.api.Interval;

/** A value as a user of a driver sees it: its type, and all that can be read from it. */
final class Shown {

    /** Numbers from here on count what was generated before, which no two runs agree on. */
    static final long FIRST_GENERATED = 1_000_000;

    private Shown() {}

    static String of(Object value) throws SQLException, IOException {
        if (value == null) {
            return "null";
        }
        if (value instanceof ResultSet rows) {
            return rows(rows);
        }
        if (value instanceof ResultSetMetaData columns) {
            return columns(columns);
        }
        if (value instanceof ParameterMetaData parameters) {
            return parameters(parameters);
        }
        if (value instanceof SQLXML xml) {
            return "SQLXML " + xml.getString();
        }
        for (Class<?> opaque : List.of(Statement.class, Connection.class, DatabaseMetaData.class, Savepoint.class)) {
            if (opaque.isInstance(value)) {
                return opaque.getSimpleName();
            }
        }
        if (value instanceof Array array) {
            return array.getBaseTypeName() + elements(array.getArray());
        }
        if (value instanceof Blob || value instanceof Clob) {
            return Transcript.show(value);
        }
        if (value instanceof SQLException) {
            return Transcript.show(value);
        }
        if (value instanceof Long number && number >= FIRST_GENERATED && number < 2 * FIRST_GENERATED) {
            return "generated";
        }
        return type(value.getClass()) + " " + Transcript.show(value);
    }

    /** What stands in an array or in rows, where the one difference that intervals make would hide others. */
    private static String inner(Object value) throws SQLException, IOException {
        return of(value instanceof Interval interval ? Intervals.ofTheJdk(interval) : value);
    }

    private static String elements(Object array) throws SQLException, IOException {
        StringJoiner text = new StringJoiner(", ", "[", "]");
        for (Object element : (Object[]) array) {
            text.add(inner(element));
        }
        return text.toString();
    }

    /** The class where users may rely on it, not the driver's own or the library's hidden ones. */
    private static String type(Class<?> type) {
        String name = type.getName();
        if (type.isArray()) {
            return type.getSimpleName();
        }
        if (name.startsWith("org.h2.api.")) {
            return type.getSimpleName();
        }
        return name.startsWith("java.lang.") || name.startsWith("java.time.") || name.startsWith("java.sql.")
                ? type.getSimpleName()
                : "";
    }

    private static String rows(ResultSet rows) throws SQLException, IOException {
        ResultSetMetaData columns = rows.getMetaData();
        StringJoiner text = new StringJoiner("\n    ");
        StringJoiner header = new StringJoiner(", ", "rows of ", "");
        for (int column = 1; column <= columns.getColumnCount(); column++) {
            header.add(columns.getColumnLabel(column) + " " + columns.getColumnTypeName(column));
        }
        text.add(header.toString());
        while (rows.next()) {
            StringJoiner row = new StringJoiner(",");
            for (int column = 1; column <= columns.getColumnCount(); column++) {
                row.add(inner(rows.getObject(column)));
            }
            text.add(row.toString());
        }
        return text.toString();
    }

    private static String columns(ResultSetMetaData columns) throws SQLException {
        StringJoiner text = new StringJoiner("; ");
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            text.add(String.join(
                    " ",
                    columns.getCatalogName(i),
                    columns.getSchemaName(i),
                    columns.getTableName(i),
                    columns.getColumnName(i),
                    columns.getColumnLabel(i),
                    columns.getColumnTypeName(i),
                    Intervals.className(columns.getColumnClassName(i), columns.getColumnTypeName(i)),
                    "" + columns.getColumnType(i),
                    "" + columns.getPrecision(i),
                    "" + columns.getScale(i),
                    "" + columns.getColumnDisplaySize(i),
                    "" + columns.isNullable(i),
                    "" + columns.isAutoIncrement(i),
                    "" + columns.isSigned(i),
                    "" + columns.isCaseSensitive(i),
                    "" + columns.isSearchable(i),
                    "" + columns.isCurrency(i),
                    "" + columns.isReadOnly(i),
                    "" + columns.isWritable(i),
                    "" + columns.isDefinitelyWritable(i)));
        }
        return text.toString();
    }

    private static String parameters(ParameterMetaData parameters) throws SQLException {
        StringJoiner text = new StringJoiner("; ");
        for (int i = 1; i <= parameters.getParameterCount(); i++) {
            text.add(String.join(
                    " ",
                    parameters.getParameterTypeName(i),
                    parameters.getParameterClassName(i),
                    "" + parameters.getParameterType(i),
                    "" + parameters.getParameterMode(i),
                    "" + parameters.getPrecision(i),
                    "" + parameters.getScale(i),
                    "" + parameters.isNullable(i),
                    "" + parameters.isSigned(i)));
        }
        return text.toString();
    }
}
