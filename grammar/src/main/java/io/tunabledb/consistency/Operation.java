package io.tunabledb.consistency;

/** What a statement does, as rules and the SLA monitor name it. */
public enum Operation {
    SELECT,
    INSERT,
    UPDATE,
    DELETE,
    MERGE,
    DDL;

    /** Whether the operation only reads. */
    public boolean isRead() {
        return this == SELECT;
    }
}
