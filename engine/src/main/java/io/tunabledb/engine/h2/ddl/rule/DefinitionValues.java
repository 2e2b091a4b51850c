package io.tunabledb.engine.h2.ddl.rule;

import io.tunabledb.engine.h2.internals.CompiledParts;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterDomainAddConstraint;
import org.h2.command.ddl.AlterTableAddConstraint;
import org.h2.command.ddl.AlterTableAlterColumn;
import org.h2.command.ddl.CreateTableData;
import org.h2.command.ddl.SequenceOptions;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.table.TableSynonym;
import org.jspecify.annotations.Nullable;

/**
 * The values that a definition computes on each replica, and whether they are the same on all: constants, the numbers of
 * sequences, comments, and whatever it fills or checks rows with. What it merely writes down (a view's query, a default, a
 * check of a table without rows) is computed later, on the leader alone, and may be anything.
 */
final class DefinitionValues {
    private static final String WRITE_VALUE = "write the value itself instead";
    private static final String REPLACED =
            "what goes by the locale of the JVM is not the same on every replica: " + WRITE_VALUE;
    private static final String FILL = "the table has rows, and each replica would fill in another value."
            + " Write ADD COLUMN without it, then UPDATE, then ALTER COLUMN … SET DEFAULT";
    private static final String CONVERT = "the table has rows, and each replica would compute another value."
            + " Write ADD COLUMN of that type, then UPDATE, then DROP COLUMN of the old one";
    private static final String CHECK = "the table has rows, and each replica would judge them on its own."
            + " Add the check while the table is empty, or with NOCHECK";

    private final SessionLocal session;
    private final Prepared prepared;
    private final Set<MVTable> reads = new LinkedHashSet<>();

    DefinitionValues(SessionLocal session, Prepared prepared) {
        this.session = session;
        this.prepared = prepared;
    }

    /** Why its values may differ from replica to replica, and what to write instead; null when they are the same. */
    @Nullable
    String refusal() {
        for (H2Tree value : List.of(H2Tree.CONSTANT, H2Tree.COMMENT_TEXT)) {
            if (value.isPartOf(prepared)) {
                return ofValue("", value.of(prepared, Expression.class));
            }
        }
        for (H2Tree options : List.of(H2Tree.NEW_SEQUENCE, H2Tree.CHANGED_SEQUENCE)) {
            if (options.isPartOf(prepared)) {
                return ofSequence("", options.of(prepared, SequenceOptions.class));
            }
        }
        if (H2Tree.NEW_TABLE.isPartOf(prepared)) {
            return ofSequences(Objects.requireNonNull(H2Tree.NEW_TABLE.of(prepared, CreateTableData.class)).columns);
        }
        if (prepared instanceof AlterTableAddConstraint) {
            return Boolean.TRUE.equals(H2Tree.TABLE_CHECK_EXISTING.of(prepared, Boolean.class))
                            && hasRows(table(H2Tree.CHECKED_TABLE))
                    ? refusal("", H2Tree.TABLE_CHECK.of(prepared, Expression.class), CHECK)
                    : null;
        }
        if (prepared instanceof AlterDomainAddConstraint) {
            return Boolean.TRUE.equals(H2Tree.DOMAIN_CHECK_EXISTING.of(prepared, Boolean.class)) && domainHasRows()
                    ? refusal("", H2Tree.DOMAIN_CHECK.of(prepared, Expression.class), CHECK)
                    : null;
        }
        return prepared instanceof AlterTableAlterColumn change ? ofColumns(change) : null;
    }

    /** The tables whose rows tell what is computed now and then forgotten how. After {@link #refusal}. */
    Set<MVTable> reads() {
        return reads;
    }

    private Expression read(Expression value) {
        for (CompiledParts.Part part : CompiledParts.of(value)) {
            if (part.what() instanceof MVTable table) {
                reads.add(table);
            }
        }
        return value;
    }

    /**
     * As H2 will do, it is compiled before it is asked for the value; what is wrong with it is found there. That replaces what
     * is constant by its value.
     */
    private @Nullable String ofValue(String of, @Nullable Expression value) {
        if (value == null) {
            return null;
        }
        long asked = Localized.compiled(value);
        Expression compiled = read(value.optimize(session));
        return asked > Localized.compiled(compiled) ? REPLACED : refusal(of, compiled, WRITE_VALUE);
    }

    private @Nullable String ofSequence(String of, @Nullable SequenceOptions options) {
        if (options == null) {
            return null;
        }
        for (H2Tree number : H2Tree.SEQUENCE_NUMBERS) {
            String refusal = ofValue(of, number.of(options, Expression.class));
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private @Nullable String ofSequences(Collection<Column> columns) {
        for (Column column : columns) {
            String refusal = ofSequence(named(column), column.getIdentityOptions());
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private @Nullable String ofColumns(AlterTableAlterColumn change) {
        List<Column> added = added();
        String refusal = ofSequences(added);
        if (refusal == null) {
            refusal = refusal("", H2Tree.SELECTIVITY.of(change, Expression.class), WRITE_VALUE);
        }
        Table table = table(H2Tree.CHANGED_TABLE);
        if (refusal == null && table != null && isCopied(change)) {
            refusal = ofSynonyms(table);
        }
        if (refusal != null || !isCopied(change) || !hasRows(table)) {
            return refusal;
        }
        Expression using = H2Tree.USING.of(change, Expression.class);
        Column old = H2Tree.OLD_COLUMN.of(change, Column.class);
        boolean isRetyped = change.getType() == CommandInterface.ALTER_TABLE_ALTER_COLUMN_CHANGE_TYPE;
        refusal = refusal("", using == null ? null : read(using), CONVERT);
        if (refusal == null && isRetyped && using == null && old != null) {
            refusal = ofToday(old, added.get(0));
        }
        for (int i = 0; refusal == null && i < added.size(); i++) {
            refusal = ofFilled(added.get(i), using == null && !isRetyped, isRetyped ? CONVERT : FILL);
        }
        if (refusal == null && isReplaced(using, added)) {
            refusal = REPLACED;
        }
        for (Column column : Objects.requireNonNull(table).getColumns()) {
            if (refusal == null && !column.equals(old) && !removed().contains(column)) {
                refusal = ofFilled(
                        column,
                        false,
                        "the table has rows, and this computes " + column.getName()
                                + " anew on each replica. Write ALTER COLUMN "
                                + column.getName()
                                + (column.isGenerated()
                                        ? " DROP EXPRESSION first"
                                        : " SET DATA TYPE without it first"));
            }
        }
        return refusal;
    }

    /** Whether H2 has computed something already when it read the text. */
    private boolean isReplaced(@Nullable Expression using, List<Column> added) {
        long left = Localized.compiled(using);
        for (Column column : added) {
            left += Localized.compiled(column.getDefaultExpression());
        }
        return Localized.asked(prepared.getSQL()) > left;
    }

    /** H2 fails in the middle of it, with an internal error. */
    private static @Nullable String ofSynonyms(Table table) {
        Collection<?> synonyms = H2Tree.SYNONYMS.of(table, Collection.class);
        if (synonyms == null || synonyms.isEmpty()) {
            return null;
        }
        TableName name = Tables.nameOf((TableSynonym) synonyms.iterator().next());
        return "storage can't change the columns of a table that has a synonym, " + name
                + ": drop the synonym, change the table, create the synonym again";
    }

    private static @Nullable String ofToday(Column old, Column replacing) {
        return Varying.dependsOnToday(old.getType(), replacing.getType())
                ? "the date that a TIME gets when it becomes a TIMESTAMP is not the same on every replica: the table has"
                        + " rows. Write USING with the date"
                : null;
    }

    /** What a row of the new table gets in that column. */
    private @Nullable String ofFilled(Column column, boolean isNew, String instead) {
        String refusal = refusal(named(column), column.getDomain(), instead);
        if (refusal == null && (isNew || column.isGenerated() || column.isDefaultOnNull()) && !column.isIdentity()) {
            refusal = refusal(named(column), column.getEffectiveDefaultExpression(), instead);
        }
        return refusal;
    }

    private static String named(Column column) {
        return "column " + column.getName();
    }

    @SuppressWarnings("unchecked")
    private List<Column> added() {
        List<Column> added = new ArrayList<>();
        Column replacing = H2Tree.NEW_COLUMN.of(prepared, Column.class);
        if (replacing != null) {
            added.add(replacing);
        }
        Collection<Column> more = H2Tree.ADDED_COLUMNS.of(prepared, Collection.class);
        if (more != null) {
            added.addAll(more);
        }
        return added;
    }

    @SuppressWarnings("unchecked")
    private Collection<Column> removed() {
        Collection<Column> removed = H2Tree.REMOVED_COLUMNS.of(prepared, Collection.class);
        return removed == null ? List.of() : removed;
    }

    /** Whether H2 makes another table and fills it row by row. */
    private static boolean isCopied(AlterTableAlterColumn change) {
        Column old = H2Tree.OLD_COLUMN.of(change, Column.class);
        return switch (change.getType()) {
            case CommandInterface.ALTER_TABLE_ADD_COLUMN, CommandInterface.ALTER_TABLE_DROP_COLUMN -> true;
            case CommandInterface.ALTER_TABLE_ALTER_COLUMN_CHANGE_TYPE ->
                old != null
                        && (H2Tree.USING.of(change, Expression.class) != null
                                || !old.isWideningConversion(H2Tree.NEW_COLUMN.of(change, Column.class)));
            default -> false;
        };
    }

    private @Nullable Table table(H2Tree name) {
        Schema schema = H2Tree.SCHEMA.of(prepared, Schema.class);
        String called = name.of(prepared, String.class);
        return schema == null || called == null ? null : schema.findTableOrView(session, called);
    }

    private boolean hasRows(@Nullable Table table) {
        return table != null && table.canGetRowCount(session) && table.getRowCount(session) > 0;
    }

    private boolean domainHasRows() {
        Schema schema = H2Tree.SCHEMA.of(prepared, Schema.class);
        String called = H2Tree.CHECKED_DOMAIN.of(prepared, String.class);
        Domain checked = schema == null || called == null ? null : schema.findDomain(called);
        for (Table table : Tables.replicated(session.getDatabase())) {
            for (Column column : table.getColumns()) {
                for (Domain domain = column.getDomain(); domain != null; domain = domain.getDomain()) {
                    if (domain.equals(checked) && hasRows(table)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static @Nullable String refusal(String of, @Nullable Object value, String instead) {
        String found = Varying.in(value);
        return found == null
                ? null
                : found + " is not the same on every replica" + (of.isEmpty() ? "" : ", in " + of) + ": " + instead;
    }
}
