package io.tunabledb.engine.h2.sharding;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.h2.constraint.Constraint;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the rows of sharded tables have keys that belong here: puts guards before their tables, and takes them
 * away for the time of a definition, which must find the tables as they were declared.
 */
public final class ShardKeys {
    private final ShardOf here;
    private final List<Runnable> undo = new ArrayList<>();

    public ShardKeys(ShardOf here) {
        this.here = here;
    }

    public void takeAway() {
        undo.forEach(Runnable::run);
        undo.clear();
    }

    /**
     * @param frozen the tables that a schema change over all shards is at
     */
    public void put(
            SessionLocal session, Map<MVTable, ShardSetting> tables, List<MVTable> frozen, @Nullable String buckets) {
        takeAway();
        for (MVTable table : frozen) {
            guard(table, new FrozenGuard(table));
        }
        if (here.isOnly()) {
            return;
        }
        tables.forEach((table, setting) -> {
            String key = setting.column();
            Column column = key == null ? null : table.findColumn(key);
            // a column that can't be a key is refused after the trial, with what can
            if (column != null && !setting.type().isEmpty()) {
                KeyShards shards = new KeyShards(here, here.placement().of(setting.type(), buckets));
                guard(table, new ShardKeyGuard(table, column, shards));
                fitDefault(session, column, shards);
            }
        });
    }

    private void guard(MVTable table, Constraint guard) {
        table.addConstraint(guard);
        undo.add(() -> table.removeConstraint(guard));
    }

    private void fitDefault(SessionLocal session, Column column, KeyShards shards) {
        Expression value = column.getEffectiveDefaultExpression();
        if (value != null && !column.isIdentity() && !value.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR)) {
            Expression own = column.getDefaultExpression();
            column.setDefaultExpression(session, new FittingDefault(value, column, shards));
            undo.add(() -> column.setDefaultExpression(session, own));
        }
    }
}
