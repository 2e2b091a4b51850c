package io.tunabledb.engine.h2.ddl.move;

import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.KeyShards;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sharding.ShardRefusedException;
import io.tunabledb.engine.h2.sharding.ShardSetting;
import io.tunabledb.engine.h2.snapshot.SchemaScript;
import java.util.List;
import java.util.stream.IntStream;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a table stay in this shard, and which go where, when it comes to be sharded in another way. Rows of a table
 * that is in every shard need go nowhere: they are there. Only when a sharded table becomes REFERENCE does no row stay as it
 * is: rows of different shards may have the same row key, and the copies of one row must have one.
 */
public final class MoveRule {
    private final ShardOf here;
    private final MVTable table;
    private final String from;
    private final String to;
    /** Of the new shard key; null when there will be none. */
    private final @Nullable Column key;

    private final @Nullable KeyShards shards;

    /**
     * @param from the setting's text now; {@link ShardSetting#SINGLE} for none
     * @param to what it is to be
     */
    public MoveRule(ShardOf here, MVTable table, String from, String to, @Nullable String buckets) {
        this.here = here;
        this.table = table;
        this.from = from;
        this.to = to;
        ShardSetting setting = to.equals(ShardSetting.SINGLE) ? null : ShardSetting.of(to, table);
        String column = setting == null ? null : setting.column();
        key = column == null ? null : table.findColumn(column);
        if (setting != null && column != null && (key == null || setting.type().isEmpty())) {
            throw new ShardRefusedException(
                    "column " + column + " of " + Tables.nameOf(table) + " can't be a shard key");
        }
        shards = key == null || setting == null
                ? null
                : new KeyShards(here, here.placement().of(setting.type(), buckets));
    }

    /** Whether the row is still one of this shard's afterwards, under its row key. */
    boolean stays(Row row) {
        if (shards != null && key != null) {
            return shards.isHere(row.getValue(key.getColumnId()));
        }
        return here.shard() == 0 && (to.equals(ShardSetting.SINGLE) || !isBy(from));
    }

    /** The shards it is sent to. */
    public List<Integer> targets(Row row) {
        if (shards != null && key != null) {
            if (from.equals(ShardSetting.REFERENCE.text())) {
                return List.of();
            }
            int target = shards.of(row.getValue(key.getColumnId()));
            if (target < 0) {
                throw new ShardRefusedException(belongsNowhere(key, row.getValue(key.getColumnId())));
            }
            return target == here.shard() ? List.of() : List.of(target);
        }
        if (to.equals(ShardSetting.SINGLE)) {
            return isBy(from) && here.shard() != 0 ? List.of(0) : List.of();
        }
        if (isBy(from)) {
            return IntStream.range(0, here.shards()).boxed().toList();
        }
        return from.equals(ShardSetting.SINGLE) && here.shard() == 0
                ? IntStream.range(1, here.shards()).boxed().toList()
                : List.of();
    }

    private String belongsNowhere(Column column, Value value) {
        return "a row of " + Tables.nameOf(table) + " has " + column.getName() + " = " + value.getTraceSQL()
                + " and so belongs to no shard; give it a value, then shard the table";
    }

    /** Whether rows keep their row key on the way: it is their primary key's, or one shard's rows become everybody's. */
    public boolean keepsRowKeys() {
        return SchemaScript.isKeyed(table) || (to.equals(ShardSetting.REFERENCE.text()) && !isBy(from));
    }

    /** Whether every shard generates values of its own now. */
    public boolean isSharded() {
        return isBy(from);
    }

    private static boolean isBy(String text) {
        return !text.equals(ShardSetting.SINGLE) && !text.equals(ShardSetting.REFERENCE.text());
    }
}
