package io.tunabledb.engine.h2;

import java.util.List;

/**
 * What one table gives to a gathered statement: a SELECT to be run on each of its shards.
 *
 * @param table the table whose rows it gives; one of schema {@value SystemSchema#NAME} may be among them
 * @param sql the query; what it asks for is for {@link Gathered#load} only
 * @param parameters the statement's own parameters that it takes, in the order of its question marks, counted from 1
 * @param isLocking whether it locks the rows it reads, so that it has to run in a transaction on the leader
 * @param pushed what is done on the shards already, for people; empty if all rows come with all columns
 */
public record Fragment(TableName table, String sql, List<Integer> parameters, boolean isLocking, String pushed) {

    public Fragment {
        parameters = List.copyOf(parameters);
    }
}
