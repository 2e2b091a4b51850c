package io.tunabledb.engine.h2.gather.change;

import java.util.ArrayList;
import java.util.List;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.mvstore.db.MVTable;
import org.h2.table.IndexColumn;
import org.h2.util.HasSQL;

/**
 * Looks for rows that refer to a row which is about to move to another shard. The row is deleted in one and inserted in the
 * other, and what ON DELETE says must not happen then: to the user it is an UPDATE.
 *
 * @param sql finds such rows in the shard of the rows with the keys of its one parameter
 * @param violation what is violated if there are any
 */
public record ChildCheck(String sql, String violation) {

    /** Those of a table's foreign keys that rows of this or of other tables have to it. */
    @SuppressWarnings("ReferenceEquality") // a table of H2 is one object
    public static List<ChildCheck> of(MVTable parent) {
        List<ChildCheck> checks = new ArrayList<>();
        Iterable<Constraint> constraints = parent.getConstraints();
        if (constraints == null) {
            return checks;
        }
        for (Constraint constraint : constraints) {
            if (constraint instanceof ConstraintReferential reference && reference.getRefTable() == parent) {
                checks.add(of(reference, parent));
            }
        }
        return checks;
    }

    private static ChildCheck of(ConstraintReferential reference, MVTable parent) {
        IndexColumn[] columns = reference.getColumns();
        IndexColumn[] referred = reference.getRefColumns();
        StringBuilder sql = new StringBuilder("SELECT 1 FROM ")
                .append(reference.getTable().getSQL(HasSQL.DEFAULT_SQL_FLAGS))
                .append(" \"#C\" JOIN ")
                .append(parent.getSQL(HasSQL.DEFAULT_SQL_FLAGS))
                .append(" \"#P\" ON ");
        for (int i = 0; i < columns.length; i++) {
            sql.append(i == 0 ? "" : " AND ").append("\"#C\".");
            columns[i].column.getSQL(sql, HasSQL.DEFAULT_SQL_FLAGS).append(" = \"#P\".");
            referred[i].column.getSQL(sql, HasSQL.DEFAULT_SQL_FLAGS);
        }
        sql.append(" WHERE \"#P\"._ROWID_ = ANY(?) FETCH FIRST ROW ONLY");
        String violation = "Referential integrity constraint violation: \"" + reference.getName() + ": "
                + reference.getTable().getSchema().getName() + "."
                + reference.getTable().getName() + " FOREIGN KEY("
                + names(columns) + ") REFERENCES " + parent.getSchema().getName() + "." + parent.getName() + "("
                + names(referred)
                + ")\"; rows that are referred to can't go to another shard: the rows that refer to them"
                + " would have to go along; insert the row with its new key, change what refers to it, then delete the old one";
        return new ChildCheck(sql.toString(), violation);
    }

    private static String names(IndexColumn[] columns) {
        return IndexColumn.writeColumns(new StringBuilder(), columns, 0).toString();
    }
}
