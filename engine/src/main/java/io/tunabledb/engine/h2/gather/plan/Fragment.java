package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.gather.Gathered;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one table gives to a gathered statement: a SELECT to be run on each of its shards.
 *
 * @param table the table whose rows it gives; one of schema {@value SystemSchema#NAME} may be among them
 * @param sql the query; what it asks for is for {@link Gathered#load} only
 * @param parameters the statement's own parameters that it takes, in the order of its question marks, counted from 1
 * @param locking what makes the query lock its rows; null if the statement neither changes nor locks them, so that it need
 *     not be asked in a transaction on the leader
 * @param pushed what is done on the shards already, for people; empty if all rows come with all columns
 */
public record Fragment(
        TableName table,
        String sql,
        List<Integer> parameters,
        @Nullable String locking,
        String pushed) {

    public Fragment {
        parameters = List.copyOf(parameters);
    }

    /** The query that locks every row it gives. */
    public String lockingSql() {
        return locking == null ? sql : sql + locking;
    }
}
