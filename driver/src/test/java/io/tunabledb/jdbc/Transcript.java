package io.tunabledb.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import org.h2.api.Interval;

/** What a program saw of a driver, as lines of text: two drivers that behave alike give equal transcripts. */
final class Transcript {

    /** A program to be run on two drivers. */
    interface Program {
        void run(Connection connection, Transcript transcript) throws Exception;
    }

    /** Something that gives a value or fails. */
    interface Question {
        Object answer() throws SQLException, IOException;
    }

    /** Something that works or fails. */
    interface Action {
        void run() throws SQLException, IOException;
    }

    private final List<String> lines = new ArrayList<>();

    /** Writes down a value, or the error that comes in its place. */
    void ask(String label, Question question) throws IOException {
        try {
            lines.add(label + ": " + show(question.answer()));
        } catch (SQLException e) {
            lines.add(label + ": " + show(e));
        }
    }

    /** Writes down whether it works, or its error. */
    void attempt(String label, Action action) throws IOException {
        ask(label, () -> {
            action.run();
            return "done";
        });
    }

    /** All rows that are left, and the names of their columns. */
    void rows(String label, ResultSet rows) throws IOException {
        ask(label, () -> {
            ResultSetMetaData columns = rows.getMetaData();
            StringJoiner text = new StringJoiner("\n");
            StringJoiner names = new StringJoiner(",");
            for (int column = 1; column <= columns.getColumnCount(); column++) {
                names.add(columns.getColumnLabel(column));
            }
            text.add(names.toString());
            while (rows.next()) {
                StringJoiner row = new StringJoiner(",");
                for (int column = 1; column <= columns.getColumnCount(); column++) {
                    row.add(show(rows.getObject(column)));
                }
                text.add(row.toString());
            }
            return text;
        });
    }

    static String show(Object value) throws SQLException, IOException {
        if (value instanceof SQLException e) {
            return show(e);
        }
        if (value instanceof byte[] bytes) {
            return HexFormat.of().formatHex(bytes);
        }
        if (value instanceof int[] counts) {
            return Arrays.toString(counts);
        }
        if (value instanceof long[] counts) {
            return Arrays.toString(counts);
        }
        if (value instanceof Object[] elements) {
            StringJoiner text = new StringJoiner(", ", "[", "]");
            for (Object element : elements) {
                text.add(show(element));
            }
            return text.toString();
        }
        if (value instanceof Array array) {
            return array.getBaseTypeName() + show(array.getArray());
        }
        if (value instanceof Blob blob) {
            return "BLOB " + show(blob.getBytes(1, (int) blob.length()));
        }
        if (value instanceof Clob clob) {
            return "CLOB " + clob.getSubString(1, (int) clob.length());
        }
        if (value instanceof InputStream in) {
            return "stream " + show(in.readAllBytes());
        }
        if (value instanceof Reader in) {
            StringWriter text = new StringWriter();
            in.transferTo(text);
            return "reader " + text;
        }
        return String.valueOf(value instanceof Interval interval ? Intervals.ofTheJdk(interval) : value);
    }

    private static String show(SQLException e) {
        String batch = "";
        if (e instanceof BatchUpdateException failed) {
            batch = " batch " + Arrays.toString(failed.getLargeUpdateCounts());
        }
        StringJoiner chain = new StringJoiner(" then ");
        for (SQLException each = e; each != null; each = each.getNextException()) {
            chain.add(kind(each) + " " + each.getSQLState());
        }
        return chain + batch;
    }

    /** The class of JDBC that frameworks look at, without the drivers' own below it. */
    private static String kind(SQLException e) {
        for (Class<?> type : List.of(
                BatchUpdateException.class,
                SQLFeatureNotSupportedException.class,
                SQLIntegrityConstraintViolationException.class,
                SQLDataException.class,
                SQLSyntaxErrorException.class,
                SQLTimeoutException.class,
                SQLNonTransientException.class)) {
            if (type.isInstance(e)) {
                return type.getSimpleName();
            }
        }
        return "SQLException";
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
