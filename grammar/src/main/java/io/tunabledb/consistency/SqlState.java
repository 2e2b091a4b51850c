package io.tunabledb.consistency;

/**
 * Every SQLSTATE that TunableDB itself raises. H2's own states (22…, 23…, 42…, 90…) pass through untouched and are not
 * listed.
 */
public enum SqlState {
    /** Conflict, deadlock or leader change: run the transaction again. */
    RETRY_TRANSACTION("40001"),
    /** No replica can be reached. */
    CANNOT_CONNECT("08001"),
    /** The connection or the database behind it is closed. */
    CONNECTION_CLOSED("08003"),
    /** No reply came within the connection's network timeout; the connection is closed. */
    CONNECTION_FAILED("08006"),
    /** A commit was proposed and nobody could tell in time whether it took effect. */
    OUTCOME_UNKNOWN("08007"),
    /** The consistency level can't be met in time. */
    LEVEL_NOT_MET("TC001"),
    /** No majority of the shard's replicas answers. */
    NO_MAJORITY("TC002"),
    /** A consistency rule refuses the statement. */
    REFUSED_BY_RULE("TC003"),
    /** A session token is torn, of another database, or from the future of a restored one. */
    BAD_TOKEN("TC004"),
    /** The statement is not allowed here. */
    NOT_ALLOWED("TC005"),
    /** A configured limit is reached. */
    OVER_LIMIT("TC006"),
    /** The disk takes no writes: it is full, read-only or broken. Reads go on. */
    DISK_FULL("TC007"),
    /** The table named does not exist; H2 gives the same state. */
    TABLE_NOT_FOUND("42S02"),
    /** An object of that name exists already. */
    DUPLICATE_OBJECT("42710"),
    /** There is no object of that name. */
    UNKNOWN_OBJECT("42704"),
    /** The text does not follow the grammar. */
    SYNTAX("42001"),
    /** Neither the name of a user nor what he proves to be him: one text for both. */
    WRONG_LOGIN("28000"),
    /** The session's user has not the right on a table or a schema that the statement needs. */
    NOT_ENOUGH_RIGHTS("42501"),
    /** The statement is for administrators, and the session's user is none. */
    ADMIN_RIGHTS_REQUIRED("42501"),
    /** An argument, URL property or option is not valid. */
    INVALID_ARGUMENT("22023"),
    /** The statement was cancelled or ran into its query timeout. */
    CANCELLED("57014"),
    /** The feature is not supported. H2's state for it; 0A000 would make HikariCP throw a good connection away. */
    NOT_SUPPORTED("HYC00"),
    /** Warning: a rule's FLOOR raised the level. */
    RAISED_BY_FLOOR("01T01"),
    /** Warning: the level was downgraded under load, as a rule allows. */
    DOWNGRADED("01T02"),
    /** Warning: a rule, or a part of one, can never take effect. */
    RULE_WITHOUT_EFFECT("01T03"),
    /** A broken invariant or a failing disk stopped this replica. */
    REPLICA_FAILED("58030");

    private final String code;

    SqlState(String code) {
        this.code = code;
    }

    /** The five characters that {@code SQLException.getSQLState()} returns. */
    public String code() {
        return code;
    }
}
