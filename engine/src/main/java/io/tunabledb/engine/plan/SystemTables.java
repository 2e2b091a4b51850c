package io.tunabledb.engine.plan;

import io.tunabledb.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The rules of schema {@value #SCHEMA}, which shows what the engine knows of itself: anybody may read it, nobody may
 * change it. Pure.
 */
public final class SystemTables {
    /** The schema's name. */
    public static final String SCHEMA = "TUNABLE";

    private SystemTables() {}

    /** Whether what a schema shows is the same in every shard. */
    static boolean isEverywhere(String schema) {
        return schema.equals(SCHEMA) || schema.equals("INFORMATION_SCHEMA");
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
