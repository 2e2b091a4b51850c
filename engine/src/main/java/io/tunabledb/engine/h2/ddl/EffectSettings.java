package io.tunabledb.engine.h2.ddl;

import io.tunabledb.consistency.Operation;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardExpressions;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.plan.TableEffects;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintActionType;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.Database;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.table.TableSynonym;
import org.jspecify.annotations.Nullable;

/** What a change of a table reads and changes beside it, by what the schema says; and what domains read. */
public final class EffectSettings {
    private final Map<String, String> settings = new TreeMap<>();

    private EffectSettings() {}

    /** One table and what is done to it. */
    private record Touch(Operation operation, MVTable table) {
        String listed() {
            TableName name = Tables.nameOf(table);
            return operation + "\t" + listed(name);
        }

        static String listed(TableName name) {
            return Tables.listed(name.schema()) + "\t" + Tables.listed(name.name());
        }
    }

    /** Those of {@link TableEffects}. */
    public static Map<String, String> of(Database database) {
        EffectSettings found = new EffectSettings();
        for (MVTable table : Tables.replicated(database)) {
            if (!ReservedNames.isOwn(table.getSchema().getName())) {
                found.add(table);
            }
        }
        for (Schema schema : database.getAllSchemasNoMeta()) {
            schema.getAllDomains().forEach(found::add);
            schema.getAllTablesAndViews(null).forEach(table -> found.name(Tables.nameOf(table)));
            schema.getAllSynonyms().forEach(found::addName);
        }
        return found.settings;
    }

    private void addName(TableSynonym synonym) {
        name(Tables.nameOf(synonym));
    }

    private void name(TableName table) {
        if (TableEffects.isToBeNamed(table.name())) {
            settings.put(TableEffects.nameSetting(table.toString()), "");
        }
    }

    private void add(Domain domain) {
        Set<String> read = new TreeSet<>();
        ShardExpressions.read(domain).forEach(table -> read.add(Touch.listed(Tables.nameOf(table))));
        if (!read.isEmpty()) {
            settings.put(
                    TableEffects.domainSetting(domain.getSchema().getName(), domain.getName()),
                    String.join("\n", read));
        }
    }

    private void add(MVTable table) {
        for (Operation operation : new Operation[] {Operation.INSERT, Operation.UPDATE, Operation.DELETE}) {
            Set<Touch> touched = of(new Touch(operation, table));
            if (!touched.isEmpty()) {
                settings.put(
                        TableEffects.changeSetting(
                                operation, Tables.nameOf(table).toString()),
                        touched.stream().map(Touch::listed).sorted().collect(Collectors.joining("\n")));
            }
        }
    }

    /** To the end: what is changed by the way has effects of its own. */
    private static Set<Touch> of(Touch change) {
        Set<Touch> found = new LinkedHashSet<>();
        Deque<Touch> open = new ArrayDeque<>();
        open.add(change);
        while (!open.isEmpty()) {
            Touch each = open.remove();
            if (each.operation() != Operation.DELETE) {
                ShardExpressions.read(each.table()).forEach(read -> found.add(new Touch(Operation.SELECT, read)));
            }
            for (Constraint constraint : each.table().getConstraints()) {
                if (constraint instanceof ConstraintReferential key
                        && key.getRefTable().equals(each.table())
                        && key.getTable() instanceof MVTable child) {
                    Operation action = action(each.operation(), key);
                    if (action != null && found.add(new Touch(action, child))) {
                        open.add(new Touch(action, child));
                    }
                }
            }
        }
        return found;
    }

    /** What happens to the rows that refer to a row; null when nothing may. */
    private static @Nullable Operation action(Operation change, ConstraintReferential key) {
        ConstraintActionType action = switch (change) {
            case UPDATE -> key.getUpdateAction();
            case DELETE -> key.getDeleteAction();
            default -> ConstraintActionType.NO_ACTION;
        };
        return switch (action) {
            case RESTRICT, NO_ACTION -> null;
            case CASCADE -> change;
            case SET_DEFAULT, SET_NULL -> Operation.UPDATE;
        };
    }
}
