package io.tunabledb.engine.h2.ddl.rule;

import static org.h2.command.CommandInterface.*;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sharding.ShardSetting;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintActionType;
import org.h2.constraint.ConstraintReferential;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of tables so that each shard can keep their constraints alone: a unique key can only be checked where all
 * rows with equal values are, a foreign key only where its parents are. Looked at on a trial copy, after the definition.
 */
public final class ShardRules {
    /** Definitions that can't break a rule. */
    private static final Set<Integer> HARMLESS = Set.of(
            ALTER_INDEX_RENAME,
            ALTER_TABLE_RENAME_CONSTRAINT,
            ALTER_VIEW,
            COMMENT,
            CREATE_CONSTANT,
            CREATE_DOMAIN,
            CREATE_SCHEMA,
            CREATE_SYNONYM,
            CREATE_VIEW,
            DROP_CONSTANT,
            DROP_INDEX,
            DROP_SEQUENCE,
            DROP_SYNONYM,
            DROP_TABLE,
            DROP_VIEW,
            NO_OPERATION,
            TRUNCATE_TABLE);

    private static final Set<Integer> OF_SEQUENCES = Set.of(ALTER_SEQUENCE, CREATE_SEQUENCE);

    private final Map<MVTable, ShardSetting> tables;

    private ShardRules(Map<MVTable, ShardSetting> tables) {
        this.tables = tables;
    }

    /**
     * Whether a definition has to be tried first: a trial costs some milliseconds on every replica.
     *
     * @param type the statement's
     * @param settings what tables are sharded
     */
    public static boolean concern(int type, SchemaChange definition, ShardSettings settings, ShardOf here) {
        if (definition.settings().keySet().stream().anyMatch(ShardSettings::isOne)) {
            return true;
        }
        if (OF_SEQUENCES.contains(type)) {
            return !here.isOnly();
        }
        return !settings.isEmpty()
                && !HARMLESS.contains(type)
                && (type == ALTER_DOMAIN_ON_UPDATE
                        || SqlTokens.of(definition.sql()).stream()
                                .anyMatch(token -> token.is("REFERENCES") || settings.mayBeOf(token.text())));
    }

    /**
     * Why the tables can't be sharded so, or null.
     *
     * @param before what the settings were before the definition, by table
     */
    public static @Nullable String refusal(Map<MVTable, ShardSetting> tables, Map<String, ShardSetting> before) {
        ShardRules rules = new ShardRules(tables);
        for (Map.Entry<MVTable, ShardSetting> entry : tables.entrySet()) {
            MVTable table = entry.getKey();
            ShardSetting setting = entry.getValue();
            String refusal = setting.isReference()
                    ? null
                    : rules.keyRefusal(
                            table, setting, before.get(Tables.nameOf(table).toString()));
            if (refusal == null && table.isTemporary()) {
                refusal = "temporary table " + Tables.nameOf(table) + " can't be sharded; leave GLOBAL TEMPORARY out";
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    /** Why a foreign key of any of these tables can't be kept, or null. */
    public static @Nullable String foreignKeyRefusal(Iterable<MVTable> all, Map<MVTable, ShardSetting> tables) {
        ShardRules rules = new ShardRules(tables);
        for (MVTable table : all) {
            for (Constraint constraint : table.getConstraints()) {
                if (constraint instanceof ConstraintReferential key && Objects.equals(key.getTable(), table)) {
                    String refusal = rules.foreignKeyRefusal(key);
                    if (refusal != null) {
                        return refusal;
                    }
                }
            }
        }
        return null;
    }

    private @Nullable String keyRefusal(MVTable table, ShardSetting setting, @Nullable ShardSetting before) {
        String name = Objects.requireNonNull(setting.column());
        Column key = table.findColumn(name);
        if (key == null) {
            return before == null || !name.equals(before.column())
                    ? "table " + Tables.nameOf(table) + " has no column " + name + " to be sharded by; it has "
                            + Arrays.stream(table.getColumns())
                                    .map(Column::getName)
                                    .collect(Collectors.joining(", "))
                    : "column " + name + " is the shard key of " + Tables.nameOf(table)
                            + " and can't be dropped; make the table REFERENCE or SHARD BY another column first";
        }
        String type = key.getType().getTraceSQL();
        if (setting.type().isEmpty()) {
            return "shard key " + named(table, key) + " can't be a " + type + "; it can be TINYINT to BIGINT, NUMERIC,"
                    + " DECFLOAT, CHAR, VARCHAR, VARCHAR_IGNORECASE, UUID, DATE, BOOLEAN, BINARY or VARBINARY";
        }
        if (key.isNullable()) {
            return "shard key " + named(table, key) + " must stay NOT NULL: a row without it belongs to no shard";
        }
        if (key.isGenerated() || key.getEffectiveOnUpdateExpression() != null) {
            return "shard key " + named(table, key) + " can't be computed (GENERATED ALWAYS AS, ON UPDATE): a row's"
                    + " shard must be known from the statement";
        }
        if (before != null && name.equals(before.column()) && !keepsKeys(before.type(), setting.type())) {
            return "shard key " + named(table, key) + " can't change from " + before.type() + " to " + type
                    + ": its rows would belong to other shards; copy them into a new table instead";
        }
        return uniqueRefusal(table, key);
    }

    /** Whether rows that are there stay in the shards they are in. */
    private static boolean keepsKeys(String from, String to) {
        if (from.equals(to) || from.isEmpty()) {
            return true;
        }
        if (from.equals("INTEGER")) {
            return to.startsWith("NUMERIC(") || (to.startsWith("DECFLOAT(") && size(to) >= 19);
        }
        return from.startsWith("NUMERIC(") && to.startsWith("NUMERIC(") && size(to) >= size(from);
    }

    private static int size(String type) {
        return Integer.parseInt(type.substring(type.indexOf('(') + 1, type.length() - 1));
    }

    private static @Nullable String uniqueRefusal(MVTable table, Column key) {
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isUnique()
                    && index.getCreateSQL() != null
                    && Arrays.stream(index.getIndexColumns()).noneMatch(column -> column.column.equals(key))) {
                String columns = columns(index.getIndexColumns());
                return (index.getIndexType().isPrimaryKey() ? "PRIMARY KEY" : "UNIQUE") + "(" + columns + ") of "
                        + Tables.nameOf(table) + " does not contain the shard key " + key.getName()
                        + ", so no shard alone can see whether it is unique; make it (" + key.getName() + ", " + columns
                        + "), or shard by one of its columns";
            }
        }
        return null;
    }

    private @Nullable String foreignKeyRefusal(ConstraintReferential foreign) {
        ShardSetting child = setting(foreign.getTable());
        ShardSetting parent = setting(foreign.getRefTable());
        if (parent == null && child == null) {
            return null;
        }
        if (parent != null && parent.isReference()) {
            return child == null || child.isReference() ? null : referenceActionRefusal(foreign);
        }
        if (child == null) {
            return start(foreign) + " can't be kept: " + Tables.nameOf(foreign.getTable()) + " is in shard 0, and "
                    + Tables.nameOf(foreign.getRefTable()) + " is sharded; shard both by the same key, or make the"
                    + " referenced table REFERENCE";
        }
        if (child.isReference() || parent == null) {
            return start(foreign) + " can't be kept: " + Tables.nameOf(foreign.getTable()) + " is "
                    + (child.isReference() ? "REFERENCE" : "sharded") + ", and not all rows of "
                    + Tables.nameOf(foreign.getRefTable()) + " are in every shard; make that a REFERENCE table too";
        }
        return alikeRefusal(foreign, Objects.requireNonNull(child.column()), Objects.requireNonNull(parent.column()));
    }

    /** A REFERENCE table changes in shard 0 first, where what that sets off in other shards is not seen. */
    private static @Nullable String referenceActionRefusal(ConstraintReferential foreign) {
        String update = acts(foreign.getUpdateAction());
        String action = update == null ? acts(foreign.getDeleteAction()) : update;
        return action == null
                ? null
                : start(foreign) + (update == null ? " ON DELETE " : " ON UPDATE ") + action
                        + ": a row of REFERENCE table "
                        + Tables.nameOf(foreign.getRefTable()) + " changes in every shard alike, without changing rows"
                        + " of sharded tables; leave it out and change the referencing rows first";
    }

    private static @Nullable String alikeRefusal(ConstraintReferential foreign, String childKey, String parentKey) {
        IndexColumn[] columns = foreign.getColumns();
        IndexColumn[] parents = foreign.getRefColumns();
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].column.getName().equals(childKey)
                    && parents[i].column.getName().equals(parentKey)
                    && sameForm(ShardSetting.typeOf(columns[i].column), ShardSetting.typeOf(parents[i].column))) {
                return alikeActionRefusal(foreign);
            }
        }
        return start(foreign) + " can't be kept: a row may be in another shard than the one it references; the foreign"
                + " key must match shard key " + childKey + " with shard key " + parentKey + " of "
                + Tables.nameOf(foreign.getRefTable()) + ", of the same type";
    }

    private static @Nullable String alikeActionRefusal(ConstraintReferential foreign) {
        String update = acts(foreign.getUpdateAction());
        if (update != null) {
            return start(foreign) + " ON UPDATE " + update + " would change a shard key, which moves rows to other"
                    + " shards; leave it out, and insert and delete instead";
        }
        String delete = acts(foreign.getDeleteAction());
        return delete == null || delete.equals("CASCADE")
                ? null
                : start(foreign) + " ON DELETE " + delete + " would change a shard key; use ON DELETE CASCADE, or leave"
                        + " it out";
    }

    /** Whether equal values of both types have one canonical form. */
    private static boolean sameForm(String a, String b) {
        return isNumber(a) ? isNumber(b) : a.equals(b);
    }

    private static boolean isNumber(String type) {
        return type.equals("INTEGER") || type.startsWith("NUMERIC(") || type.startsWith("DECFLOAT(");
    }

    private static @Nullable String acts(ConstraintActionType action) {
        return switch (action) {
            case CASCADE -> "CASCADE";
            case SET_NULL -> "SET NULL";
            case SET_DEFAULT -> "SET DEFAULT";
            case RESTRICT, NO_ACTION -> null;
        };
    }

    private @Nullable ShardSetting setting(org.h2.table.Table table) {
        return table instanceof MVTable known ? tables.get(known) : null;
    }

    private static String start(ConstraintReferential foreign) {
        return "FOREIGN KEY(" + columns(foreign.getColumns()) + ") of " + Tables.nameOf(foreign.getTable())
                + " REFERENCES " + Tables.nameOf(foreign.getRefTable()) + "(" + columns(foreign.getRefColumns()) + ")";
    }

    private static String named(MVTable table, Column column) {
        return column.getName() + " of " + Tables.nameOf(table);
    }

    private static String columns(IndexColumn[] columns) {
        return Arrays.stream(columns).map(column -> column.column.getName()).collect(Collectors.joining(", "));
    }
}
