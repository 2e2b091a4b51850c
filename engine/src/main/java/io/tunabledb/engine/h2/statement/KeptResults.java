package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.query.Query;
import org.h2.result.ResultInterface;
import org.jspecify.annotations.Nullable;

/**
 * What a query gave, which H2 keeps until a table in it changes: a subquery that is the same for every row runs once. This is
 * about the query as a whole; its subqueries always keep theirs.
 */
public final class KeptResults {
    /** H2's measure. To find a row by a unique key costs some tens, to look through a table 10 for each row and 10000. */
    private static final double CHEAP = 1000;

    private static final long MOST_ROWS = 1000;

    private KeptResults() {}

    /** From now on the statement's own result is not kept. */
    public static void none(PreparedStatement statement) throws SQLException {
        Query query = query(statement);
        if (query != null) {
            query.disableCache();
        }
    }

    /**
     * From now on the statement's own result is kept only if it is costly: to ask whether one is still good takes longer than
     * to read a row.
     *
     * @return whether it is kept; then {@link #letGoOfLarge} comes after each execution
     */
    public static boolean ofCostly(PreparedStatement statement) throws SQLException {
        Query query = query(statement);
        if (query == null) {
            return false;
        }
        if (query.getCost() < CHEAP) {
            query.disableCache();
            return false;
        }
        return true;
    }

    /** A statement that is not run again must not hold many rows. */
    public static void letGoOfLarge(PreparedStatement statement) throws SQLException {
        Query query = query(statement);
        if (query != null) {
            ResultInterface result = H2Tree.LAST_RESULT.of(query, ResultInterface.class);
            if (result != null && result.getRowCount() > MOST_ROWS) {
                H2Tree.LAST_RESULT.clear(query);
            }
        }
    }

    /**
     * Whether the statement's subqueries may keep what they gave for other values of its parameters (h2database#4228): of
     * those in a WITH query the subqueries that read from it know nothing.
     */
    public static boolean areOfOtherValues(PreparedStatement statement, String sql) throws SQLException {
        return SqlTokens.of(sql).stream().anyMatch(token -> token.is("WITH"))
                && !BoundValues.command(statement).getParameters().isEmpty();
    }

    /** The next execution compiles the statement anew, and nothing in it keeps anything yet. */
    public static void letGoOfAll(PreparedStatement statement) throws SQLException {
        CommandInterface command = BoundValues.command(statement);
        if (H2Tree.PREPARED.isPartOf(command)) {
            Prepared prepared = H2Tree.PREPARED.of(command, Prepared.class);
            if (prepared != null) {
                prepared.setPrepareAlways(true);
            }
        }
    }

    private static @Nullable Query query(PreparedStatement statement) throws SQLException {
        CommandInterface command = BoundValues.command(statement);
        return H2Tree.PREPARED.isPartOf(command) && H2Tree.PREPARED.of(command, Object.class) instanceof Query query
                ? query
                : null;
    }
}
