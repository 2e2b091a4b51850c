package io.tunabledb.engine.h2.catalog;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.h2.engine.SessionLocal;
import org.h2.result.ResultInterface;
import org.h2.result.SimpleResult;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.TableType;
import org.h2.table.VirtualConstructedTable;
import org.h2.util.ParserUtil;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueBoolean;
import org.h2.value.ValueDouble;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SystemTable} as H2 knows it: of the kind of H2's own function tables, but with a name. It has no id, like H2's
 * catalog, so H2 writes it down nowhere.
 */
public final class GeneratedTable extends VirtualConstructedTable {
    /** A guess for the optimizer. */
    private static final long ROWS = 100;

    private final SystemTable source;
    /** A join reads the inner table once per outer row: all reads of one command of a session get the same rows. */
    private final Map<SessionLocal, Made> made = Collections.synchronizedMap(new WeakHashMap<>());

    private record Made(Value command, List<Value[]> rows) {}

    GeneratedTable(Schema schema, SystemTable source) {
        super(schema, 0, source.name());
        this.source = source;
        setColumns(source.columns().stream()
                .map(column -> new Column(column.name(), type(column.type())))
                .toArray(Column[]::new));
    }

    private static TypeInfo type(SystemTable.Type type) {
        return switch (type) {
            case TEXT -> TypeInfo.TYPE_VARCHAR;
            case NUMBER -> TypeInfo.TYPE_BIGINT;
            case REAL -> TypeInfo.TYPE_DOUBLE;
            case FLAG -> TypeInfo.TYPE_BOOLEAN;
        };
    }

    @Override
    public ResultInterface getResult(SessionLocal session) {
        SimpleResult result = new SimpleResult();
        for (Column column : getColumns()) {
            result.addColumn(column.getName(), column.getType());
        }
        rows(session).forEach(result::addRow);
        return result;
    }

    private List<Value[]> rows(SessionLocal session) {
        Value command = session.getCommandStartOrEnd();
        Made last = made.get(session);
        if (last == null || !last.command.equals(command)) {
            last = new Made(command, make(session.getUser().getName()));
            made.put(session, last);
        }
        return last.rows;
    }

    private List<Value[]> make(String user) {
        List<Value[]> rows = new ArrayList<>();
        for (List<?> row : source.rows(user)) {
            Value[] values = new Value[columns.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(source.columns().get(i).type(), row.get(i));
            }
            rows.add(values);
        }
        return rows;
    }

    private static Value value(SystemTable.Type type, @Nullable Object value) {
        if (value == null) {
            return ValueNull.INSTANCE;
        }
        return switch (type) {
            case TEXT -> ValueVarchar.get(value.toString());
            case NUMBER -> ValueBigint.get(((Number) value).longValue());
            case REAL -> ValueDouble.get(((Number) value).doubleValue());
            case FLAG -> ValueBoolean.get((Boolean) value);
        };
    }

    /** With its schema, which H2's other virtual tables have none of: views are kept as SQL. */
    @Override
    public StringBuilder getSQL(StringBuilder builder, int sqlFlags) {
        getSchema().getSQL(builder, sqlFlags).append('.');
        return ParserUtil.quoteIdentifier(builder, getName(), sqlFlags);
    }

    /** H2 asks no rights of a virtual table without a type; this one needs SELECT on its schema. */
    @Override
    public TableType getTableType() {
        return TableType.SYSTEM_TABLE;
    }

    @Override
    public boolean canGetRowCount(SessionLocal session) {
        return false;
    }

    @Override
    public long getRowCount(SessionLocal session) {
        return ROWS;
    }

    @Override
    public long getRowCountApproximation(SessionLocal session) {
        return ROWS;
    }

    /** Else H2 would keep the result of a subquery for the next execution. */
    @Override
    public boolean isDeterministic() {
        return false;
    }
}
