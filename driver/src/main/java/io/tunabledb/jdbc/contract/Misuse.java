package io.tunabledb.jdbc.contract;

import java.io.IOException;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import org.jspecify.annotations.Nullable;

/**
 * JDBC objects used against their contract. States, codes and classes are those of H2's driver, so that what
 * was written against H2 still recognises them.
 */
public final class Misuse {

    /** The SQLSTATE when there is no row. */
    public static final String NO_DATA = "02000";

    private Misuse() {}

    public static SQLException closed() {
        return new SQLNonTransientException("The object is already closed", "90007", 90007);
    }

    public static SQLException notAQuery() {
        return new SQLNonTransientException(
                "Method is only allowed for a query. Use execute or executeUpdate instead of executeQuery",
                "90002",
                90002);
    }

    public static SQLException isAQuery() {
        return new SQLNonTransientException(
                "Method is not allowed for a query. Use execute or executeQuery instead of executeUpdate",
                "90001",
                90001);
    }

    public static SQLException textForPrepared() {
        return new SQLNonTransientException(
                "This method is not allowed for a prepared statement; use a regular statement instead.",
                "90130",
                90130);
    }

    public static SQLException invalid(String parameter, @Nullable Object value) {
        return new SQLDataException(
                "Invalid value \"" + value + "\" for parameter \"" + parameter + "\"", "90008", 90008);
    }

    public static SQLException noData() {
        return new SQLNonTransientException("No data is available", NO_DATA, 2000);
    }

    public static SQLException rowsReadOnly() {
        return new SQLNonTransientException(
                "The result set is readonly. You may need to use conn.createStatement(.., ResultSet.CONCUR_UPDATABLE).",
                "90140",
                90140);
    }

    public static SQLException rowsNotUpdatable() {
        return new SQLNonTransientException(
                "The result set is not updatable. The query must select all columns from a unique key."
                        + " Only one table may be selected.",
                "90127",
                90127);
    }

    public static SQLException notOnUpdatableRow() {
        return new SQLNonTransientException("Not on an updatable row", "90029", 90029);
    }

    public static SQLException notConvertible(Object value) {
        return new SQLDataException("Data conversion error converting \"" + value + "\"", "22018", 22018);
    }

    public static SQLException unreadable(IOException e) {
        return new SQLNonTransientException(
                "IO Exception: \"" + e.getMessage() + "\" in the stream of a value", "90028", 90028, e);
    }

    public static SQLException unreadable(RuntimeException e) {
        return new SQLNonTransientException("IO Exception: \"" + e + "\" in the stream of a value", "90028", 90028, e);
    }

    /** Plain SQL has no braces. */
    public static SQLException brace(String sql, int at) {
        // H2's two codes: nothing stands before it, or something
        int code = sql.substring(0, at).isBlank() ? 42000 : 42001;
        return new SQLSyntaxErrorException(
                "Syntax error in SQL statement \"" + sql.substring(0, at) + "[*]" + sql.substring(at)
                        + "\"; setEscapeProcessing(false) was called",
                String.valueOf(code),
                code);
    }

    public static SQLException noSchema() {
        return new SQLSyntaxErrorException("Schema \"null\" not found", "90079", 90079);
    }

    public static SQLException notSet(int parameterIndex) {
        return new SQLDataException("Parameter \"#" + parameterIndex + "\" is not set", "90012", 90012);
    }

    public static SQLException savepointInvalid(@Nullable Object savepoint) {
        return new SQLNonTransientException("Savepoint is invalid: " + savepoint, "90063", 90063);
    }

    public static SQLException savepointUnnamed() {
        return new SQLNonTransientException("Savepoint is unnamed", "90064", 90064);
    }

    public static SQLException savepointNamed() {
        return new SQLNonTransientException("Savepoint is named", "90065", 90065);
    }

    public static SQLException forwardOnly() {
        return new SQLNonTransientException(
                "The result set is not scrollable and can not be reset."
                        + " You may need to use conn.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ..).",
                "90128",
                90128);
    }
}
