package io.tunabledb.examples.script;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.examples.ReceiptText;
import io.tunabledb.examples.TextTable;
import io.tunabledb.jdbc.TunableStatement;
import java.io.PrintWriter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a script's statements gave, as text. */
final class ScriptOutput {
    private final PrintWriter out;
    private final int maxRows;

    ScriptOutput(PrintWriter out, int maxRows) {
        this.out = out;
        this.maxRows = maxRows;
    }

    /** The statement that comes next. */
    void statement(String sql) {
        out.println();
        sql.lines().forEach(line -> out.println("> " + line));
    }

    /** What it gave. */
    void result(Statement statement, boolean hasRows) throws SQLException {
        if (hasRows) {
            try (ResultSet rows = statement.getResultSet()) {
                rows(rows);
            }
        } else {
            long count = statement.getLargeUpdateCount();
            out.println(count == 1 ? "1 row changed" : count + " rows changed");
        }
        for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
            out.println("WARNING " + warning.getSQLState() + ": " + warning.getMessage());
        }
        if (statement.isWrapperFor(TunableStatement.class)) {
            Receipt receipt = statement.unwrap(TunableStatement.class).receipt();
            if (receipt != null) {
                out.println(ReceiptText.of(receipt));
            }
        }
    }

    /** Why there is no result. */
    void failed(SQLException e) {
        for (SQLException one = e; one != null; one = one.getNextException()) {
            out.println("ERROR " + one.getSQLState() + ": " + one.getMessage());
        }
    }

    private void rows(ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        List<String> headings = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
            headings.add(rows.getMetaData().getColumnLabel(i));
        }
        TextTable table = new TextTable(headings);
        long count = 0;
        while (rows.next()) {
            if (++count <= maxRows) {
                List<String> cells = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    cells.add(cell(rows.getString(i)));
                }
                table.row(cells);
            }
        }
        out.println(table);
        out.println(count == 1 ? "1 row" : count + " rows" + (count > maxRows ? ", " + maxRows + " shown" : ""));
    }

    private static String cell(@Nullable String value) {
        return value == null ? "NULL" : value.replace("\r", "").replace("\n", "\\n");
    }
}
