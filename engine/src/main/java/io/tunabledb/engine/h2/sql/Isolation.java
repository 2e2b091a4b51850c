package io.tunabledb.engine.h2.sql;

import org.h2.engine.Constants;

/** Isolation levels that H2 has beside those of {@link java.sql.Connection}. */
public final class Isolation {
    /** One snapshot for the whole transaction; H2 names it SNAPSHOT. */
    public static final int SNAPSHOT = Constants.TRANSACTION_SNAPSHOT;

    private Isolation() {}
}
