package io.tunabledb.engine.h2.internals;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;
import org.jspecify.annotations.Nullable;

/** Where storage looks for a table whose schema a statement doesn't name. */
public final class SearchPath {
    private SearchPath() {}

    /**
     * The schema in which a session finds the table, view or synonym of that name: its current one first, then those along its
     * SCHEMA_SEARCH_PATH.
     *
     * @param session a storage connection with the session's settings
     * @return null if it finds none
     */
    public static @Nullable String schemaOf(String name, Connection session) throws SQLException {
        SessionLocal local = H2Instance.session(session.unwrap(JdbcConnection.class));
        Database database = local.getDatabase();
        List<String> path = new ArrayList<>();
        path.add(local.getCurrentSchemaName());
        String[] more = local.getSchemaSearchPath();
        if (more != null) {
            path.addAll(List.of(more));
        }
        for (String schemaName : path) {
            Schema schema = database.findSchema(schemaName);
            if (schema != null && (schema.findTableOrView(local, name) != null || schema.getSynonym(name) != null)) {
                return schemaName;
            }
        }
        return null;
    }
}
