package io.tunabledb.engine.h2.internals;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.h2.engine.CastDataProvider;
import org.h2.engine.Database;
import org.h2.mvstore.db.RowDataType;
import org.h2.result.Row;
import org.h2.result.RowFactory;
import org.h2.result.SearchRow;
import org.h2.result.SortOrder;
import org.h2.store.DataHandler;
import org.h2.table.IndexColumn;
import org.h2.value.CompareMode;
import org.h2.value.TypeInfo;
import org.h2.value.Typed;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one index in which equal values may look different. To H2 an entry that is taken out and put in again with
 * other letters is the same one, and a map that has it keeps the key it has; so queries that the index covers would show the
 * old letters until it is built anew, on another replica at another time. Here entries of one row that look different are
 * two. They are compared like H2's by columns and row key, so that all that are equal stay beside each other and are
 * equal to what is unique; how they look comes last.
 *
 * <p>H2 also takes nothing out where all old and new values are equal: {@code row.IndexEntries} does it then.
 */
public final class IndexKeys extends RowFactory {
    private final int[] indexes;
    private final int[] inexact;
    private final int[] places;
    private final TypeInfo[] types;
    private final RowDataType order;

    private IndexKeys(
            CastDataProvider provider,
            CompareMode mode,
            DataHandler handler,
            Typed[] columns,
            IndexColumn[] indexColumns,
            int[] inexact,
            boolean storeKeys) {
        this.inexact = inexact;
        types = Stream.of(columns).map(Typed::getType).toArray(TypeInfo[]::new);
        indexes = Stream.of(indexColumns)
                .mapToInt(each -> each.column.getColumnId())
                .toArray();
        places = new int[columns.length];
        Arrays.fill(places, -1);
        for (int i = 0; i < indexes.length; i++) {
            places[indexes[i]] = i;
        }
        int[] compared = IntStream.concat(
                        IntStream.of(indexes), IntStream.rangeClosed(columns.length, columns.length + inexact.length))
                .toArray();
        int[] sortTypes = Arrays.copyOf(
                Stream.of(indexColumns).mapToInt(each -> each.sortType).toArray(), compared.length);
        Arrays.fill(sortTypes, indexes.length, compared.length, SortOrder.ASCENDING);
        order = new RowDataType(provider, mode, handler, sortTypes, compared, columns.length, storeKeys);
        order.setRowFactory(this);
    }

    /** Makes them for all tables that are created in a database from now on. */
    public static void use(Database database) {
        database.setRowFactory(new Chooser());
    }

    /** The columns of an index, by place in the table, in which equal values may look different. */
    private static int[] inexact(IndexColumn[] columns, CompareMode mode) {
        return Stream.of(columns)
                .filter(each -> !ExactTypes.isExact(each.column.getType(), mode))
                .mapToInt(each -> each.column.getColumnId())
                .distinct()
                .toArray();
    }

    /** Whether two rows whose columns here are equal look the same in them. */
    public boolean lookAlike(Row one, Row other) {
        return Arrays.stream(inexact)
                .allMatch(column -> ExactTypes.lookAlike(one.getValue(column), other.getValue(column)));
    }

    /** Where in its entry a column is; less than 0 if it is not. */
    int place(int column) {
        return places[column];
    }

    /** The n-th column in which equal values may look different. */
    int inexact(int n) {
        return inexact[n];
    }

    String text(SearchRow key) {
        StringBuilder text = new StringBuilder("ROW (");
        text.append(" /* key:").append(key.getKey()).append(" */ ");
        for (int i = 0; i < indexes.length; i++) {
            Value value = key.getValue(indexes[i]);
            text.append(i == 0 ? "" : ", ").append(value == null ? "null" : value.getTraceSQL());
        }
        return text.append(')').toString();
    }

    @Override
    public Row createRow(Value[] data, int memory) {
        return RowFactory.getDefaultRowFactory().createRow(data, memory);
    }

    @Override
    public SearchRow createRow() {
        return new IndexKey(this, indexes.length);
    }

    @Override
    public RowDataType getRowDataType() {
        return order;
    }

    @Override
    public int[] getIndexes() {
        return indexes;
    }

    @Override
    public TypeInfo[] getColumnTypes() {
        return types;
    }

    @Override
    public int getColumnCount() {
        return places.length;
    }

    /** What a database makes its rows with: H2's own, but for the indexes that need these. */
    private static final class Chooser extends RowFactory {
        private final RowFactory usual = RowFactory.getDefaultRowFactory();

        @Override
        public RowFactory createRowFactory(
                CastDataProvider provider,
                CompareMode mode,
                DataHandler handler,
                Typed @Nullable [] columns,
                IndexColumn @Nullable [] indexColumns,
                boolean storeKeys) {
            int[] inexact = columns == null || indexColumns == null ? new int[0] : inexact(indexColumns, mode);
            return columns == null || indexColumns == null || inexact.length == 0
                    ? usual.createRowFactory(provider, mode, handler, columns, indexColumns, storeKeys)
                    : new IndexKeys(provider, mode, handler, columns, indexColumns, inexact, storeKeys);
        }

        @Override
        public Row createRow(Value[] data, int memory) {
            return usual.createRow(data, memory);
        }

        @Override
        public SearchRow createRow() {
            return usual.createRow();
        }

        @Override
        public RowDataType getRowDataType() {
            return usual.getRowDataType();
        }

        @Override
        public int[] getIndexes() {
            return usual.getIndexes();
        }

        @Override
        public TypeInfo[] getColumnTypes() {
            return usual.getColumnTypes();
        }

        @Override
        public int getColumnCount() {
            return usual.getColumnCount();
        }
    }
}
