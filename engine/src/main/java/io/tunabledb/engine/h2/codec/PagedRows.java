package io.tunabledb.engine.h2.codec;

import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.h2.internals.H2Tree;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.h2.engine.Session;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbc.JdbcResultSet;
import org.h2.jdbc.JdbcStatement;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a result that is at another node, fetched page by page as they are asked for. By one thread. What JDBC asks of them
 * while they are read forward needs no more than one page in memory.
 */
public final class PagedRows implements ResultInterface {
    private final List<Column> columns = new ArrayList<>();
    /** The page that is being read, after whatever was read before and has to be kept. */
    private final List<Value[]> rows = new ArrayList<>();

    private final String catalog;
    private final boolean keepsAll;
    private final Source source;
    private boolean isComplete;
    private boolean isClosed;
    /** Of the current row in {@link #rows}. */
    private int at = -1;
    /** How many came before those. */
    private long before;

    /** Where the pages after the first come from. */
    public interface Source {
        /** The next one. */
        Next next() throws SQLException;

        /** No more are wanted. Not called after the last. */
        void close();
    }

    /** A page. */
    public record Next(byte[] bytes, boolean isLast) {}

    private record Column(
            String alias,
            @Nullable String schema,
            @Nullable String table,
            @Nullable String name,
            TypeInfo type,
            boolean isIdentity,
            int nullable) {}

    private PagedRows(Next first, Source source, boolean keepsAll) {
        this.source = source;
        this.keepsAll = keepsAll;
        ByteSource in = new ByteSource(first.bytes);
        catalog = in.getString();
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            columns.add(new Column(
                    in.getString(), name(in), name(in), name(in), TypeCodec.read(in), in.get() == 1, in.get()));
        }
        read(in);
        isComplete = first.isLast;
    }

    /**
     * A result set over them.
     *
     * @param isScrollable whether it may move backwards: then all pages are fetched at once
     * @param connection of no replica, and of one session, with its time zone; it takes the rows' catalog for its own
     */
    public static ResultSet open(Next first, Source source, boolean isScrollable, Connection connection)
            throws SQLException {
        PagedRows rows = new PagedRows(first, source, isScrollable);
        while (isScrollable && !rows.isComplete) {
            rows.fetch();
        }
        JdbcConnection through = connection.unwrap(JdbcConnection.class);
        H2Tree.CATALOG.set(through, rows.catalog);
        int type = isScrollable ? ResultSet.TYPE_SCROLL_INSENSITIVE : ResultSet.TYPE_FORWARD_ONLY;
        // it is asked which type it is, and never executes anything
        JdbcStatement statement =
                through.createStatement(type, ResultSet.CONCUR_READ_ONLY).unwrap(JdbcStatement.class);
        return new JdbcResultSet(through, statement, null, rows, -1, isScrollable, false, false);
    }

    private static @Nullable String name(ByteSource in) {
        return in.get() == 0 ? null : in.getString();
    }

    private void read(ByteSource in) {
        while (in.get() == PageWriter.ROW) {
            Value[] row = new Value[columns.size()];
            for (int i = 0; i < row.length; i++) {
                row[i] = PageValues.read(in, columns.get(i).type, ResultCodec.scratch());
            }
            rows.add(row);
        }
    }

    private void fetch() throws SQLException {
        if (!keepsAll && at > 0) {
            // what came before the current row nobody asks for
            int read = Math.min(at, rows.size());
            rows.subList(0, read).clear();
            at -= read;
            before += read;
        }
        Next next = source.next();
        read(new ByteSource(next.bytes));
        isComplete = next.isLast;
    }

    @Override
    public boolean hasNext() {
        if (isClosed) {
            return false;
        }
        try {
            while (at + 1 >= rows.size() && !isComplete) {
                fetch();
            }
        } catch (SQLException e) {
            throw DbException.convert(e);
        }
        return at + 1 < rows.size();
    }

    @Override
    public boolean next() {
        boolean isThere = hasNext();
        if (at < rows.size()) {
            at++;
        }
        return isThere;
    }

    @Override
    public Value[] currentRow() {
        return rows.get(at);
    }

    @Override
    public long getRowId() {
        return before + at;
    }

    @Override
    public boolean isAfterLast() {
        return at >= rows.size() && isComplete;
    }

    @Override
    public void reset() {
        if (before > 0) {
            throw new IllegalStateException("what was read is not kept");
        }
        at = -1;
    }

    @Override
    public long getRowCount() {
        try {
            while (!isComplete) {
                fetch();
            }
        } catch (SQLException e) {
            throw DbException.convert(e);
        }
        return before + rows.size();
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            rows.clear();
            if (!isComplete) {
                source.close();
            }
        }
    }

    @Override
    public boolean isClosed() {
        return isClosed;
    }

    @Override
    public boolean needToClose() {
        return true;
    }

    @Override
    public boolean isLazy() {
        return false;
    }

    @Override
    public void setFetchSize(int rowsAtOnce) {
        // a page is so many bytes
    }

    @Override
    public int getFetchSize() {
        return 0;
    }

    @Override
    public ResultInterface createShallowCopy(Session targetSession) {
        throw new UnsupportedOperationException("rows that are at another node");
    }

    @Override
    public int getVisibleColumnCount() {
        return columns.size();
    }

    @Override
    public String getAlias(int i) {
        return columns.get(i).alias;
    }

    @Override
    public @Nullable String getSchemaName(int i) {
        return columns.get(i).schema;
    }

    @Override
    public @Nullable String getTableName(int i) {
        return columns.get(i).table;
    }

    @Override
    public @Nullable String getColumnName(int i) {
        return columns.get(i).name;
    }

    @Override
    public TypeInfo getColumnType(int i) {
        return columns.get(i).type;
    }

    @Override
    public boolean isIdentity(int i) {
        return columns.get(i).isIdentity;
    }

    @Override
    public int getNullable(int i) {
        return columns.get(i).nullable;
    }
}
