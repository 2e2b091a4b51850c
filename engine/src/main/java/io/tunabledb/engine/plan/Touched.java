package io.tunabledb.engine.plan;

import io.tunabledb.consistency.Operation;
import io.tunabledb.sql.Statement;

/**
 * A table that a statement reads or changes without naming it.
 *
 * @param operation what is done to it: SELECT, UPDATE or DELETE
 */
public record Touched(Plan.Table table, Operation operation) {

    /** That table. */
    static Touched of(String schema, String name, Operation operation) {
        Statement.Use use = operation.isRead() ? Statement.Use.READ : Statement.Use.WRITE;
        return new Touched(new Plan.Table(schema, name, use), operation);
    }

    /** Whether a statement that names a table does this to it. */
    boolean isAlready(Plan.Table named, Operation operationOfStatement) {
        return named.equals(table) && (operation.isRead() || operation == operationOfStatement);
    }
}
