package io.tunabledb.engine.plan;

import io.tunabledb.engine.plan.placement.KeyType;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.sql.Statement;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of schema {@value #SCHEMA}, which shows what the engine knows of itself: every user may read it, none may
 * change it. Pure.
 */
public final class SystemTables {
    /** The schema's name. */
    public static final String SCHEMA = "TUNABLE";

    /** H2's table of one row, where nothing else has its name. */
    static final String DUAL = "DUAL";

    static final String SCHEMA_OF_DUAL = "SYS";

    /** Weak writes that failed: each is in the shard that refused it. */
    private static final String REJECTED_WRITES = "REJECTED_WRITES";

    /** No column has this name, so no condition picks a shard. */
    private static final Sharding BY_REFUSAL =
            new Sharding.By("the shard that refused them", new KeyType(KeyType.Kind.INTEGER));

    private static final Set<String> FOR_EVERYBODY = Set.of("LEVELS", "NODES", "PBS", "REPLICAS", "RULES", "SHARDS");

    private SystemTables() {}

    /** Where what such a schema shows is: nearly all of it is the same in every shard. Null for any other schema. */
    static @Nullable Sharding sharding(String schema, String table) {
        if (schema.equals(SCHEMA) && table.equals(REJECTED_WRITES)) {
            return BY_REFUSAL;
        }
        return schema.equals(SCHEMA) || schema.equals("INFORMATION_SCHEMA") ? Sharding.REFERENCE : null;
    }

    /** Whether such a table shows nothing of what others do, so that every user may read it. The rest needs the right. */
    public static boolean areForEverybody(String schema, String table) {
        return schema.equals(SCHEMA) && FOR_EVERYBODY.contains(table);
    }

    /** Why a statement of this plan is refused, or null when it is not. */
    public static @Nullable String refusal(Plan plan) {
        for (Plan.Table table : plan.tables()) {
            if (table.schema().equals(SCHEMA) && table.use() == Statement.Use.WRITE) {
                return plan.operation() + " on " + table + ": schema " + SCHEMA
                        + " shows what the engine knows of itself and can only be read; use SELECT";
            }
        }
        return null;
    }

    /**
     * Whether a statement reads nothing but these tables. They are this process's own knowledge, the same whichever
     * replica is asked, so there is nothing for a level to promise or to wait for.
     */
    public static boolean readsNothingElse(Plan plan) {
        return plan.kind() == Plan.Kind.READ
                && !plan.tables().isEmpty()
                && plan.tables().stream().allMatch(table -> table.schema().equals(SCHEMA));
    }
}
