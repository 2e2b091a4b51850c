package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.h2.row.Tables;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.util.HasSQL;

/**
 * The tables that ALTER TABLE copies rows to before they take the old ones' places. When something fails after that, H2
 * leaves the copy where it is, under a name that has a session's number in it and so is another on each replica.
 */
final class CopiedTables {
    private static final Pattern NAME = Pattern.compile(".*_COPY_[0-9]+_[0-9]+", Pattern.DOTALL);

    private final Database database;
    private final Set<MVTable> before;

    /** To be made before a definition is executed. */
    CopiedTables(Database database) {
        this.database = database;
        before = new HashSet<>(Tables.replicated(database));
    }

    /** Drops those that a definition that failed has left. */
    void dropLeft(JdbcConnection connection) throws SQLException {
        for (MVTable table : Tables.replicated(database)) {
            if (!before.contains(table) && NAME.matcher(table.getName()).matches()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("DROP TABLE " + table.getSQL(HasSQL.DEFAULT_SQL_FLAGS) + " CASCADE");
                }
            }
        }
    }
}
