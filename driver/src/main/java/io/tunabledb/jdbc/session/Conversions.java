package io.tunabledb.jdbc.session;

import io.tunabledb.jdbc.parameter.Binding;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/** Whether values can be of the types that their setters name. */
public final class Conversions {

    private Conversions() {}

    /**
     * The same {@code value}, which is to be of a certain type; H2's error when it can't be. While no replica can be
     * reached that is left to the execution.
     */
    public static Binding checked(SharedSession session, Binding value) throws SQLException {
        if (value.isOfItsType()) {
            return value;
        }
        try {
            session.tell(open -> open.dialect().requireConvertible(target -> value.replay(target, 1)));
        } catch (SQLTransientConnectionException e) {
            return value;
        }
        return value;
    }
}
