package io.tunabledb.engine.h2.sql;

/** The names in each database that are the engine's, not its users'. */
public final class ReservedNames {
    /** The schema that shows the database to its users: they may select from it, and nothing else. */
    public static final String SYSTEM_SCHEMA = "TUNABLE";

    /** The schema of the engine's own tables, of which users see no more than the name. */
    public static final String INTERNAL_SCHEMA = "TUNABLE_INTERNAL";

    /** The table of settings, which are replicated as users' rows are. */
    public static final TableName SETTINGS = new TableName(INTERNAL_SCHEMA, "SETTINGS");

    /** The table of the transactions that were applied: each replica writes it for itself. */
    public static final TableName LEDGER = new TableName(INTERNAL_SCHEMA, "LEDGER");

    private ReservedNames() {}

    /** Whether a schema belongs to the engine: what is in it is made anew with each database. */
    public static boolean isOwn(String schema) {
        return schema.equals(SYSTEM_SCHEMA) || schema.equals(INTERNAL_SCHEMA);
    }
}
