package io.tunabledb.sql;

/** What somebody may do: H2's rights, by its names. */
public enum Right {
    /** Read rows of a table or a view. */
    SELECT("SELECT", 1),
    /** Insert rows. */
    INSERT("INSERT", 4),
    /** Update rows. */
    UPDATE("UPDATE", 8),
    /** Delete rows. */
    DELETE("DELETE", 2),
    /** Define what is in every schema, and do everything with all tables. Given with GRANT, for no table. */
    ALTER_ANY_SCHEMA("ALTER ANY SCHEMA", 16),
    /** Define what is in a schema: its owner may. Never given with GRANT. */
    OWN("ownership", 32),
    /** Everything: an administrator may. Never given with GRANT. */
    ADMIN("ADMIN", 64);

    private final String sql;
    private final int mask;

    Right(String sql, int mask) {
        this.sql = sql;
        this.mask = mask;
    }

    /** As GRANT names it. */
    public String sql() {
        return sql;
    }

    /** Its bit among others in a number, which is kept: H2's. */
    public int mask() {
        return mask;
    }
}
