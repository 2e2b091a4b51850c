package io.tunabledb.engine.h2;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.result.ResultInterface;
import org.h2.result.SimpleResult;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.jspecify.annotations.Nullable;

/** What the shards have made of their rows, by column. */
final class PartialResults {
    static final PartialResults NONE = new PartialResults(List.of(), null);

    private final List<TypeInfo> types;
    private final @Nullable SessionLocal session;
    private final List<List<Value>> columns = new ArrayList<>();

    PartialResults(List<TypeInfo> types, @Nullable SessionLocal session) {
        this.types = types;
        this.session = session;
        types.forEach(type -> columns.add(new ArrayList<>()));
    }

    /** The row the result set is on. */
    void add(ResultValues from) throws SQLException {
        for (int i = 0; i < types.size(); i++) {
            columns.get(i).add(from.get(i + 1, types.get(i)));
        }
    }

    Value array(int column) {
        if (session == null) {
            throw new IllegalStateException("no partial results");
        }
        return ValueArray.get(types.get(column), columns.get(column).toArray(Value[]::new), session);
    }

    /** The rows with the names and types that {@code original} would give them. */
    ResultInterface asOf(CommandInterface original, ResultInterface rows) {
        ResultInterface head = original.getMetaData();
        SimpleResult result = new SimpleResult();
        int columnCount = head.getVisibleColumnCount();
        for (int i = 0; i < columnCount; i++) {
            result.addColumn(head.getAlias(i), head.getColumnName(i), head.getColumnType(i));
        }
        while (rows.next()) {
            Value[] row = rows.currentRow();
            Value[] typed = new Value[columnCount];
            for (int i = 0; i < columnCount; i++) {
                typed[i] = row[i].convertTo(head.getColumnType(i), session);
            }
            result.addRow(typed);
        }
        return result;
    }
}
