package io.tunabledb.engine.h2.row;

import io.tunabledb.engine.h2.sql.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * A session's local temporary table, as far as a statement needs it that brings its rows together with others: columns,
 * defaults and primary key. What else it checks it checks itself, when rows come back to it. Equal as long as it has not
 * been defined anew.
 *
 * @param name under which statements know it
 * @param create makes it, without its key
 * @param primaryKey makes its key; null if it has none
 */
public record TemporaryTable(
        TableName name, String create, @Nullable String primaryKey) {

    /** Those of a storage session. Under the session's lock. */
    public static List<TemporaryTable> of(SessionLocal session) {
        List<TemporaryTable> tables = new ArrayList<>();
        for (Table table : session.getLocalTempTables()) {
            if (table instanceof MVTable rows) {
                tables.add(of(rows));
            }
        }
        return tables;
    }

    private static TemporaryTable of(MVTable table) {
        String name = table.getSQL(0);
        String columns = Stream.of(table.getColumns()).map(TemporaryTable::text).collect(Collectors.joining(", "));
        Index key = table.findPrimaryKey();
        return new TemporaryTable(
                Tables.nameOf(table),
                "CREATE TABLE " + name + "(" + columns + ")",
                key == null ? null : "CREATE PRIMARY KEY ON " + name + "(" + names(key.getColumns()) + ")");
    }

    /** An identity column without where it stands. */
    private static String text(Column column) {
        Sequence sequence = column.getSequence();
        String text = column.getCreateSQL();
        return sequence == null ? text : text.replace(sequence.getSequenceOptionsSQL(new StringBuilder("(")) + ")", "");
    }

    private static String names(Column[] columns) {
        return Stream.of(columns).map(column -> column.getSQL(0)).collect(Collectors.joining(", "));
    }
}
