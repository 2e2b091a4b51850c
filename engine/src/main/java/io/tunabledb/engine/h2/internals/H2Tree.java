package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.api.PrivateField;
import java.util.List;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterDomain;
import org.h2.command.ddl.AlterDomainAddConstraint;
import org.h2.command.ddl.AlterSchemaRename;
import org.h2.command.ddl.AlterSequence;
import org.h2.command.ddl.AlterTable;
import org.h2.command.ddl.AlterTableAddConstraint;
import org.h2.command.ddl.AlterTableAlterColumn;
import org.h2.command.ddl.CreateConstant;
import org.h2.command.ddl.CreateSchema;
import org.h2.command.ddl.CreateSequence;
import org.h2.command.ddl.CreateTable;
import org.h2.command.ddl.SchemaCommand;
import org.h2.command.ddl.SequenceOptions;
import org.h2.command.ddl.SetComment;
import org.h2.command.ddl.TruncateTable;
import org.h2.command.dml.Call;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Merge;
import org.h2.command.dml.MergeUsing;
import org.h2.command.query.Query;
import org.h2.command.query.Select;
import org.h2.constraint.ConstraintUnique;
import org.h2.engine.Database;
import org.h2.engine.RightOwner;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.analysis.DataAnalysisOperation;
import org.h2.expression.condition.Comparison;
import org.h2.expression.condition.ConditionAndOr;
import org.h2.expression.condition.ConditionAndOrN;
import org.h2.expression.condition.ExistsPredicate;
import org.h2.expression.function.DateTimeFunction;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbc.JdbcPreparedStatement;
import org.h2.mvstore.tx.Transaction;
import org.h2.schema.InformationSchema;
import org.h2.table.DataChangeDeltaTable;
import org.h2.table.IndexColumn;
import org.h2.table.RangeTable;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.jspecify.annotations.Nullable;

/** The parts of H2's statements and sessions that it keeps to itself. */
public final class H2Tree {
    public static final H2Tree INSERT_QUERY = new H2Tree(Insert.class, "query");
    public static final H2Tree INSERT_COLUMNS = new H2Tree(Insert.class, "columns");
    public static final H2Tree INSERT_OVERRIDING = new H2Tree(Insert.class, "overridingSystem");
    public static final H2Tree INSERT_ON_DUPLICATE = new H2Tree(Insert.class, "duplicateKeyAssignmentMap");
    public static final H2Tree INSERT_IGNORE = new H2Tree(Insert.class, "ignore");
    public static final H2Tree VALUES = new H2Tree(Insert.class.getSuperclass(), "valuesExpressionList");
    public static final H2Tree MERGE_QUERY = new H2Tree(Merge.class, "query");
    public static final H2Tree MERGE_COLUMNS = new H2Tree(Merge.class, "columns");
    public static final H2Tree NOT_MATCHED_COLUMNS = new H2Tree(MergeUsing.WhenNotMatched.class, "columns");

    public static final H2Tree CATALOG = new H2Tree(JdbcConnection.class, "catalog");
    public static final H2Tree COMMAND = new H2Tree(JdbcPreparedStatement.class, "command");
    public static final H2Tree PREPARED = new H2Tree(CommandContainer.class, "prepared");
    public static final H2Tree COMPILED_AT = new H2Tree(Prepared.class, "modificationMetaId");
    public static final H2Tree TRUNCATED = new H2Tree(TruncateTable.class, "table");
    public static final H2Tree SCHEMA = new H2Tree(SchemaCommand.class, "schema");
    public static final H2Tree CONSTANT = new H2Tree(CreateConstant.class, "expression");
    public static final H2Tree NEW_SEQUENCE = new H2Tree(CreateSequence.class, "options");
    public static final H2Tree CHANGED_SEQUENCE = new H2Tree(AlterSequence.class, "options");
    public static final List<H2Tree> SEQUENCE_NUMBERS = List.of(
            new H2Tree(SequenceOptions.class, "start"),
            new H2Tree(SequenceOptions.class, "restart"),
            new H2Tree(SequenceOptions.class, "increment"),
            new H2Tree(SequenceOptions.class, "minValue"),
            new H2Tree(SequenceOptions.class, "maxValue"),
            new H2Tree(SequenceOptions.class, "cacheSize"));
    public static final H2Tree NEW_SCHEMA = new H2Tree(CreateSchema.class, "schemaName");
    public static final H2Tree OLD_SCHEMA = new H2Tree(AlterSchemaRename.class, "oldSchema");
    public static final H2Tree RENAMED_SCHEMA = new H2Tree(AlterSchemaRename.class, "newSchemaName");
    public static final H2Tree DATE_FIELD = new H2Tree(DateTimeFunction.class, "field");
    public static final H2Tree DATE_FUNCTION = new H2Tree(DateTimeFunction.class, "function");
    public static final H2Tree COMMENT_TEXT = new H2Tree(SetComment.class, "expr");
    public static final H2Tree NEW_TABLE = new H2Tree(CreateTable.class, "data");
    public static final H2Tree CHECKED_TABLE = new H2Tree(AlterTable.class, "tableName");
    public static final H2Tree TABLE_CHECK = new H2Tree(AlterTableAddConstraint.class, "checkExpression");
    public static final H2Tree TABLE_CHECK_EXISTING = new H2Tree(AlterTableAddConstraint.class, "checkExisting");
    public static final H2Tree CHECKED_DOMAIN = new H2Tree(AlterDomain.class, "domainName");
    public static final H2Tree DOMAIN_CHECK = new H2Tree(AlterDomainAddConstraint.class, "checkExpression");
    public static final H2Tree DOMAIN_CHECK_EXISTING = new H2Tree(AlterDomainAddConstraint.class, "checkExisting");
    public static final H2Tree CHANGED_TABLE = new H2Tree(AlterTableAlterColumn.class, "tableName");
    public static final H2Tree OLD_COLUMN = new H2Tree(AlterTableAlterColumn.class, "oldColumn");
    public static final H2Tree NEW_COLUMN = new H2Tree(AlterTableAlterColumn.class, "newColumn");
    public static final H2Tree ADDED_COLUMNS = new H2Tree(AlterTableAlterColumn.class, "columnsToAdd");
    public static final H2Tree REMOVED_COLUMNS = new H2Tree(AlterTableAlterColumn.class, "columnsToRemove");
    public static final H2Tree USING = new H2Tree(AlterTableAlterColumn.class, "usingExpression");
    public static final H2Tree SELECTIVITY = new H2Tree(AlterTableAlterColumn.class, "newSelectivity");
    public static final H2Tree OVER = new H2Tree(DataAnalysisOperation.class, "over");
    public static final H2Tree SYNONYMS = new H2Tree(Table.class, "synonyms");
    public static final H2Tree DISTINCT_ON = new H2Tree(Select.class, "distinctExpressions");

    public static final H2Tree INFORMATION_TABLES = new H2Tree(InformationSchema.class, "newTables");
    static final H2Tree OBJECT_IDS = new H2Tree(Database.class, "objectIds");
    public static final H2Tree INDEX_COLUMN = new H2Tree(IndexColumn.class, "columnName");
    public static final H2Tree UNIQUE_INDEX = new H2Tree(ConstraintUnique.class, "index");

    /** The transaction a session has open; H2's own way to ask begins one where there is none. */
    public static final H2Tree TRANSACTION = new H2Tree(SessionLocal.class, "transaction");

    public static final H2Tree BLOCKER = new H2Tree(Transaction.class, "blockingTransaction");
    public static final H2Tree USER = new H2Tree(SessionLocal.class, "user");
    public static final H2Tree RIGHTS = new H2Tree(RightOwner.class, "grantedRights");
    public static final H2Tree LAST_RESULT = new H2Tree(Query.class, "lastResult");
    public static final H2Tree CALLED = new H2Tree(Call.class, "expression");
    public static final H2Tree RANGE_FIRST = new H2Tree(RangeTable.class, "min");
    public static final H2Tree RANGE_LAST = new H2Tree(RangeTable.class, "max");
    public static final H2Tree RANGE_STEP = new H2Tree(RangeTable.class, "step");
    public static final H2Tree CHANGE_INSIDE = new H2Tree(DataChangeDeltaTable.class, "statement");

    public static final H2Tree INDEX_CONDITIONS = new H2Tree(TableFilter.class, "indexConditions");
    public static final H2Tree TOP_FILTERS = new H2Tree(Select.class, "topFilters");
    public static final H2Tree GROUP_BY = new H2Tree(Select.class, "group");
    public static final H2Tree GROUP_INDEX = new H2Tree(Select.class, "groupIndex");
    public static final H2Tree HAVING_INDEX = new H2Tree(Select.class, "havingIndex");
    public static final H2Tree SUBQUERY = new H2Tree(ExistsPredicate.class.getSuperclass(), "query");
    private static final H2Tree COMPARISON = new H2Tree(Comparison.class, "compareType");
    private static final H2Tree OF_TWO = new H2Tree(ConditionAndOr.class, "andOrType");
    private static final H2Tree OF_MORE = new H2Tree(ConditionAndOrN.class, "andOrType");

    private final PrivateField field;

    H2Tree(Class<?> owner, String name) {
        field = PrivateField.of(owner, name);
    }

    /** The part of {@code owner}; null if it has none. */
    public <T> @Nullable T of(Object owner, Class<T> type) {
        return type.cast(field.get(owner));
    }

    /** Takes the part out of {@code owner}. */
    public void clear(Object owner) {
        set(owner, null);
    }

    /** Puts another part in. */
    public void set(Object owner, @Nullable Object part) {
        field.set(owner, part);
    }

    /** Whether {@code owner} is of the class that has such a part. */
    public boolean isPartOf(Object owner) {
        return field.owner().isInstance(owner);
    }

    /** Whether a condition is a conjunction, with its conjuncts as subexpressions. */
    public static boolean isAnd(Expression condition) {
        H2Tree type = OF_TWO.isPartOf(condition) ? OF_TWO : OF_MORE.isPartOf(condition) ? OF_MORE : null;
        return type != null && Integer.valueOf(ConditionAndOr.AND).equals(type.of(condition, Integer.class));
    }

    /** Whether a condition is that its two subexpressions are equal. */
    public static boolean isEquality(Expression condition) {
        return COMPARISON.isPartOf(condition)
                && Integer.valueOf(Comparison.EQUAL).equals(COMPARISON.of(condition, Integer.class))
                && condition.getSubexpressionCount() == 2;
    }
}
