package io.tunabledb.engine.h2.gather.change;

import io.tunabledb.engine.h2.codec.ResultCodec;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.util.HasSQL;
import org.h2.util.ParserUtil;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueBigint;

/** Writes the statements that change rows of one table in their shards. */
final class StepText {
    private final String table;
    private final Map<String, String> types;

    StepText(TableName name, Map<String, String> types) {
        this.types = types;
        table = quoted(name.schema()) + "." + quoted(name.name());
    }

    GatheredChanges.Step delete(int shard, List<RowChange> rows) {
        return step(shard, "DELETE FROM " + table + " WHERE _ROWID_ = ANY(?)", List.of(keys(rows)));
    }

    GatheredChanges.Step check(int shard, List<RowChange> rows, ChildCheck check) {
        Value keys = keys(rows);
        return new GatheredChanges.Step(shard, check.sql(), target -> target.setObject(1, keys), check.violation());
    }

    GatheredChanges.Step insert(int shard, RowChange row) {
        List<String> columns = row.changed();
        if (columns.isEmpty()) {
            return step(shard, "INSERT INTO " + table + " DEFAULT VALUES", List.of());
        }
        String marks = Stream.generate(() -> "?").limit(columns.size()).collect(Collectors.joining(", "));
        String sql = "INSERT INTO " + table + "(" + names(columns) + ")" + row.overriding() + " VALUES(" + marks + ")";
        return step(shard, sql, columns.stream().map(row::value).toList());
    }

    GatheredChanges.Step update(int shard, List<String> changed, List<RowChange> rows) {
        return rows.size() == 1 ? updateOne(shard, changed, rows.get(0)) : updateAll(shard, changed, rows);
    }

    private GatheredChanges.Step updateOne(int shard, List<String> changed, RowChange row) {
        String sets = changed.stream().map(each -> quoted(each) + " = ?").collect(Collectors.joining(", "));
        List<Value> values = new ArrayList<>(changed.stream().map(row::value).toList());
        values.add(ValueBigint.get(row.key()));
        return step(shard, "UPDATE " + table + " SET " + sets + " WHERE _ROWID_ = ?", values);
    }

    /** In one statement, since unique values may change places among the rows. */
    private GatheredChanges.Step updateAll(int shard, List<String> changed, List<RowChange> rows) {
        String given = changed.stream()
                .map(each -> quoted(each) + " " + Objects.requireNonNull(types.get(each)) + " = ?")
                .collect(Collectors.joining(", ", "TABLE(\"#\" BIGINT = ?, ", ")"));
        String sets = names(changed);
        String sql = "UPDATE " + table + " \"#T\" SET (" + sets + ") = (SELECT " + sets + " FROM " + given
                + " \"#N\" WHERE \"#N\".\"#\" = \"#T\"._ROWID_) WHERE _ROWID_ = ANY(?)";
        List<Value> values = new ArrayList<>(List.of(keys(rows)));
        for (String column : changed) {
            values.add(array(rows.stream().map(row -> row.value(column)).toArray(Value[]::new)));
        }
        values.add(keys(rows));
        return step(shard, sql, values);
    }

    private static GatheredChanges.Step step(int shard, String sql, List<Value> values) {
        return new GatheredChanges.Step(
                shard,
                sql,
                target -> {
                    for (int i = 0; i < values.size(); i++) {
                        target.setObject(i + 1, values.get(i));
                    }
                },
                null);
    }

    private static Value keys(List<RowChange> rows) {
        return array(rows.stream().map(row -> ValueBigint.get(row.key())).toArray(Value[]::new));
    }

    private static Value array(Value[] values) {
        return ValueArray.get(values, ResultCodec.scratch());
    }

    private static String names(List<String> columns) {
        return columns.stream().map(StepText::quoted).collect(Collectors.joining(", "));
    }

    private static String quoted(String name) {
        return ParserUtil.quoteIdentifier(new StringBuilder(), name, HasSQL.DEFAULT_SQL_FLAGS)
                .toString();
    }
}
