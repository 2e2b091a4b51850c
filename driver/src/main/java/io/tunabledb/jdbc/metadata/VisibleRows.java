package io.tunabledb.jdbc.metadata;

import io.tunabledb.engine.client.Translator;
import io.tunabledb.jdbc.result.ReadResultSet;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a catalog function without those that speak of the schema in which TunableDB keeps its own
 * tables. Positions count visible rows only.
 */
final class VisibleRows extends ReadResultSet {

    /** Where the engine keeps what users need not see. */
    static final String HIDDEN_SCHEMA = "TUNABLE_INTERNAL";

    /** H2's row numbers of the visible rows, ascending. */
    private final int[] visible;

    /** Where the cursor is in {@link #visible}: -1 before the first, its length after the last. */
    private int at = -1;

    /** Takes scrollable rows, as H2's catalog functions give. */
    VisibleRows(ResultSet rows, Translator translator) throws SQLException {
        super(rows, translator);
        visible = visible(rows);
        rows.beforeFirst();
    }

    private static int[] visible(ResultSet rows) throws SQLException {
        List<Integer> schemaColumns = schemaColumns(rows.getMetaData());
        int[] numbers = new int[16];
        int count = 0;
        for (int number = 1; rows.next(); number++) {
            if (!hidden(rows, schemaColumns)) {
                if (count == numbers.length) {
                    numbers = Arrays.copyOf(numbers, count * 2);
                }
                numbers[count++] = number;
            }
        }
        return Arrays.copyOf(numbers, count);
    }

    /** TABLE_SCHEM, PKTABLE_SCHEM, PROCEDURE_SCHEM and the like. */
    private static List<Integer> schemaColumns(ResultSetMetaData columns) throws SQLException {
        List<Integer> found = new ArrayList<>();
        for (int column = 1; column <= columns.getColumnCount(); column++) {
            if (columns.getColumnLabel(column).endsWith("_SCHEM")) {
                found.add(column);
            }
        }
        return found;
    }

    private static boolean hidden(ResultSet rows, List<Integer> schemaColumns) throws SQLException {
        for (int column : schemaColumns) {
            if (HIDDEN_SCHEMA.equals(rows.getString(column))) {
                return true;
            }
        }
        return false;
    }

    private boolean moveTo(int position) throws SQLException {
        ResultSet rows = rows();
        at = Math.max(-1, Math.min(position, visible.length));
        try {
            if (at < 0) {
                rows.beforeFirst();
            } else if (at == visible.length) {
                rows.afterLast();
            } else {
                return rows.absolute(visible[at]);
            }
        } catch (SQLException e) {
            throw translated(e);
        }
        return false;
    }

    @Override
    public boolean next() throws SQLException {
        return moveTo(at + 1);
    }

    @Override
    public boolean previous() throws SQLException {
        return moveTo(at - 1);
    }

    @Override
    public boolean first() throws SQLException {
        return moveTo(0);
    }

    @Override
    public boolean last() throws SQLException {
        return moveTo(visible.length - 1);
    }

    @Override
    public void beforeFirst() throws SQLException {
        moveTo(-1);
    }

    @Override
    public void afterLast() throws SQLException {
        moveTo(visible.length);
    }

    @Override
    public boolean absolute(int row) throws SQLException {
        return moveTo(row < 0 ? visible.length + row : row - 1);
    }

    @Override
    public boolean relative(int offset) throws SQLException {
        return moveTo(at + offset);
    }

    @Override
    public int getRow() throws SQLException {
        rows();
        return at < visible.length ? at + 1 : 0;
    }

    @Override
    public boolean isBeforeFirst() throws SQLException {
        rows();
        return at < 0 && visible.length > 0;
    }

    @Override
    public boolean isAfterLast() throws SQLException {
        rows();
        return at == visible.length && visible.length > 0;
    }

    @Override
    public boolean isFirst() throws SQLException {
        rows();
        return at == 0 && visible.length > 0;
    }

    @Override
    public boolean isLast() throws SQLException {
        rows();
        return at == visible.length - 1 && visible.length > 0;
    }

    /** No statement made these, as JDBC says of catalog functions. */
    @Override
    public @Nullable Statement getStatement() throws SQLException {
        rows();
        return null;
    }
}
