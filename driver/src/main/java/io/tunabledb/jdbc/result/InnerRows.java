package io.tunabledb.jdbc.result;

import io.tunabledb.engine.client.Translator;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A value that is rows itself: one of type ROW, or the elements of an array. */
final class InnerRows extends ReadResultSet {

    InnerRows(ResultSet rows, Translator translator) {
        super(rows, translator);
    }

    /** No statement made them, as in H2. */
    @Override
    public @Nullable Statement getStatement() throws SQLException {
        rows();
        return null;
    }
}
