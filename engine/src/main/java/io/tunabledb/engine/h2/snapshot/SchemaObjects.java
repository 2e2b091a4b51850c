package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.h2.internals.RangeBounds;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.SequenceName;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.h2.constraint.Constraint;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.expression.Expression;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.schema.SchemaObject;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.table.TableView;
import org.h2.util.HasSQL;
import org.h2.value.CompareMode;
import org.jspecify.annotations.Nullable;

/**
 * A replica's schema, object by object, in words that are the same wherever the object is: without ids, statistics and
 * names that H2 makes up, and with sequences where the log has them, since the leader's own may be ahead.
 */
public final class SchemaObjects {
    /** What H2 calls a derived table without a name: counted by the session that compiled it. */
    private static final Pattern UNNAMED = Pattern.compile("\"_\\d+\"");

    /** H2 makes what IN asks for DISTINCT, and what is in it once more each time it reads that. */
    private static final Pattern DISTINCT = Pattern.compile("SELECT\\s+DISTINCT\\b");

    private final Map<String, String> found = new TreeMap<>();
    private final @Nullable String inSchema;
    private final @Nullable String ofTable;

    private SchemaObjects(@Nullable String inSchema, @Nullable String ofTable) {
        this.inSchema = inSchema;
        this.ofTable = ofTable;
    }

    /**
     * What each object is, by its kind and name, {@code table PUBLIC.T}.
     *
     * @param schema null for all
     * @param table null for all; else it, its indexes and its constraints alone
     */
    public static Map<String, String> of(
            Database database, Sequences sequences, @Nullable String schema, @Nullable String table) {
        SchemaObjects objects = new SchemaObjects(schema, table);
        for (Schema each : database.getAllSchemasNoMeta()) {
            if (!ReservedNames.isOwn(each.getName()) && (schema == null || schema.equals(each.getName()))) {
                objects.add(each);
            }
        }
        for (Sequences.Kept kept : sequences.kept()) {
            SequenceName name = kept.position().name();
            boolean wanted = (schema == null || schema.equals(name.schema()))
                    && (table == null || table.equals(name.table()))
                    && !ReservedNames.isOwn(name.schema());
            if (wanted) {
                String numbers =
                        numbers(sequences.find(name)) + " at " + kept.position().next();
                objects.found.put("sequence " + name, numbers + (kept.position().exhausted() ? " exhausted" : ""));
            }
        }
        if (schema == null) {
            CompareMode order = database.getCompareMode();
            objects.found.put(
                    "database settings",
                    database.getMode().getName() + ' ' + order.getName() + ' ' + order.getStrength());
        }
        return objects.found;
    }

    private void add(Schema schema) {
        if (ofTable == null) {
            put("schema", schema.getName(), "", schema);
            addAll("domain", schema.getAllDomains());
            addAll("constant", schema.getAllConstants());
            addAll("synonym", schema.getAllSynonyms());
            addAll("trigger", schema.getAllTriggers());
            addAll("function", schema.getAllFunctionsAndAggregates());
            for (Sequence sequence : schema.getAllSequences()) {
                if (!sequence.getBelongsToTable()) {
                    put("comment on sequence", name(sequence), "", sequence);
                }
            }
        }
        for (Table table : schema.getAllTablesAndViews(null)) {
            if (isWanted(table)) {
                add(table);
            }
        }
        for (Constraint constraint : schema.getAllConstraints()) {
            if (ofTable == null || isWanted(constraint.getTable())) {
                RangeBounds.settle(constraint);
                String sql = constraint.getCreateSQLWithoutIndexes() + ConstraintIndexes.uses(constraint);
                put("constraint", name(constraint), sql, constraint);
            }
        }
    }

    private boolean isWanted(@Nullable Table table) {
        return table != null
                && (ofTable == null || ofTable.equals(table.getName()))
                && (inSchema == null || inSchema.equals(table.getSchema().getName()))
                && (!table.isTemporary() || table.isGlobalTemporary());
    }

    private void add(Table table) {
        StringBuilder text = new StringBuilder();
        if (table instanceof TableView view) {
            text.append(view.getQuerySQL());
        }
        for (Column column : table.getColumns()) {
            describe(column, text.append('\n'));
        }
        if (!(table instanceof MVTable rows)) {
            put("view", name(table), text.toString(), table);
            return;
        }
        text.append(table.isTemporary() ? "\ntemporary" : "").append(SchemaScript.isKeyed(rows) ? "\nkeyed" : "");
        put("table", name(table), text.toString(), table);
        for (Index index : table.getIndexes()) {
            String sql = index.getCreateSQL(); // null for the rows themselves
            if (sql != null) {
                put("index", name(index), sql, index);
            }
        }
    }

    private static void describe(Column column, StringBuilder text) {
        column.getType().getSQL(text.append(column.getName()).append(' '), HasSQL.DEFAULT_SQL_FLAGS);
        if (column.getDomain() != null) {
            text.append(" domain ").append(name(column.getDomain()));
        }
        if (column.getSequence() != null) {
            text.append(" identity"); // its numbers stand with the sequences
        }
        describe(column.isGeneratedAlways() ? " always " : " default ", column.getDefaultExpression(), text);
        describe(" on update ", column.getOnUpdateExpression(), text);
        text.append(column.isNullable() ? "" : " not null")
                .append(column.isDefaultOnNull() ? " default on null" : "")
                .append(column.getVisible() ? "" : " invisible")
                .append(column.isPrimaryKey() ? " primary key" : "");
        if (column.getComment() != null) {
            text.append(" comment ").append(column.getComment());
        }
    }

    private static void describe(String what, @Nullable Expression value, StringBuilder text) {
        if (value != null) {
            RangeBounds.settle(value);
            value.getUnenclosedSQL(text.append(what), HasSQL.DEFAULT_SQL_FLAGS);
        }
    }

    /** Exhausted is where it stands, not what it is. */
    private static String numbers(Sequence sequence) {
        Sequence.Cycle cycle = sequence.getCycle();
        return sequence.getDataType().getTraceSQL() + " start " + sequence.getStartValue() + " increment "
                + sequence.getIncrement() + " from " + sequence.getMinValue() + " to " + sequence.getMaxValue()
                + (cycle == Sequence.Cycle.CYCLE ? " cycle" : "");
    }

    private void addAll(String kind, Collection<? extends SchemaObject> objects) {
        for (SchemaObject object : objects) {
            put(kind, name(object), String.valueOf(object.getCreateSQL()), object);
        }
    }

    private void put(String kind, String name, String text, DbObject object) {
        String comment = object.getComment();
        String alike =
                DISTINCT.matcher(UNNAMED.matcher(text).replaceAll("\"_\"")).replaceAll("SELECT");
        found.put(kind + ' ' + name, comment == null ? alike : alike + "\ncomment " + comment);
    }

    private static String name(SchemaObject object) {
        return object.getSchema().getName() + '.' + object.getName();
    }
}
