package io.tunabledb.jdbc.contract;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import java.sql.SQLException;

/** How this driver says that it does not do something, which H2 does not either: HYC00. */
public final class Unsupported {

    private Unsupported() {}

    public static SQLException method(String name) {
        return Errors.of(SqlState.NOT_SUPPORTED, name + " is not supported by TunableDB");
    }
}
