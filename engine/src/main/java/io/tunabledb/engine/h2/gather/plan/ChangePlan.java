package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Merge;
import org.h2.command.dml.MergeUsing;
import org.h2.command.query.Query;
import org.h2.expression.Expression;
import org.h2.expression.ValueExpression;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.h2.util.HasSQL;
import org.jspecify.annotations.Nullable;

/** How a change of rows is worked out away from the shards that have them. */
final class ChangePlan {
    private ChangePlan() {}

    static GatherPlan.Change of(DataChangeStatement statement) throws SQLException {
        if (!(statement.getTable() instanceof MVTable table)) {
            throw GatherPlanner.refusal("its table has no rows of its own");
        }
        TableName target = Tables.nameOf(table);
        if (statement instanceof Insert insert) {
            if (H2Tree.INSERT_ON_DUPLICATE.of(insert, Map.class) != null
                    || Boolean.TRUE.equals(H2Tree.INSERT_IGNORE.of(insert, Boolean.class))) {
                throw GatherPlanner.refusal("use MERGE instead of an INSERT that passes over duplicates");
            }
            return new GatherPlan.Change(target, inserts(insert), null);
        }
        if (statement instanceof Merge merge) {
            return new GatherPlan.Change(target, List.of(), names(H2Tree.MERGE_COLUMNS.of(merge, Column[].class)));
        }
        if (statement instanceof MergeUsing merge) {
            return new GatherPlan.Change(target, List.of(), insertedBy(merge));
        }
        return new GatherPlan.Change(target, List.of(), null);
    }

    private static @Nullable List<String> names(Column @Nullable [] columns) {
        return columns == null ? null : namesOf(columns);
    }

    private static List<String> namesOf(Column[] columns) {
        return Stream.of(columns).map(Column::getName).toList();
    }

    private static @Nullable List<String> insertedBy(MergeUsing merge) {
        List<String> inserted = null;
        for (MergeUsing.When when : merge.getWhen()) {
            if (when instanceof MergeUsing.WhenNotMatched) {
                List<String> names = names(H2Tree.NOT_MATCHED_COLUMNS.of(when, Column[].class));
                if (inserted != null && !inserted.equals(names)) {
                    return null; // which INSERT made a row can't be told
                }
                inserted = names;
            }
        }
        return inserted;
    }

    /** One query for each row of VALUES, since rows of one query would have to agree on their types. */
    private static List<GatherPlan.InsertSource> inserts(Insert insert) {
        Boolean overriding = H2Tree.INSERT_OVERRIDING.of(insert, Boolean.class);
        String clause = overriding == null ? "" : overriding ? " OVERRIDING SYSTEM VALUE" : " OVERRIDING USER VALUE";
        Column[] columns = H2Tree.INSERT_COLUMNS.of(insert, Column[].class);
        Column[] filled = columns == null ? insert.getTable().getColumns() : columns;
        Query query = H2Tree.INSERT_QUERY.of(insert, Query.class);
        if (query != null) {
            GatherPlan.Text text = NumberedText.of(query.getPlanSQL(HasSQL.DEFAULT_SQL_FLAGS));
            return List.of(new GatherPlan.InsertSource(namesOf(filled), clause, text));
        }
        List<GatherPlan.InsertSource> sources = new ArrayList<>();
        for (Object row : Objects.requireNonNull(H2Tree.VALUES.of(insert, List.class))) {
            sources.add(row((Expression[]) row, sources.size() + 1, filled, clause));
        }
        return sources;
    }

    @SuppressWarnings("ReferenceEquality") // DEFAULT is one object
    private static GatherPlan.InsertSource row(Expression[] row, int number, Column[] filled, String clause) {
        List<String> given = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < row.length; i++) {
            if (row[i] != ValueExpression.DEFAULT) {
                given.add(filled[i].getName());
                texts.add(RowNumbers.replaced(row[i].getSQL(HasSQL.DEFAULT_SQL_FLAGS), number));
            }
        }
        String query = texts.isEmpty() ? "VALUES (1)" : "VALUES (" + String.join(", ", texts) + ")";
        return new GatherPlan.InsertSource(given, clause, NumberedText.of(query));
    }
}
