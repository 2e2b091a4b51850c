package io.tunabledb.engine.h2;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.h2.command.CommandInterface;
import org.h2.command.query.Query;

/**
 * What a query gave, which H2 keeps until a table in it changes. That is what lets a subquery run once that is the same for
 * every row.
 */
public final class KeptResults {
    private KeptResults() {}

    /** The statement's subqueries keep theirs, but not it itself: to ask whether one is still good takes longer than a row. */
    public static void ofSubqueriesOnly(PreparedStatement statement) throws SQLException {
        CommandInterface command = BoundValues.command(statement);
        if (H2Tree.PREPARED.isPartOf(command) && H2Tree.PREPARED.of(command, Object.class) instanceof Query query) {
            query.disableCache();
        }
    }
}
