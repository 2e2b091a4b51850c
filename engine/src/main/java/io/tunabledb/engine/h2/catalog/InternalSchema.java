package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.sql.ReservedNames;
import java.util.Collection;
import java.util.List;
import org.h2.constraint.Constraint;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.schema.Schema;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The schema of the engine's own tables, in which INFORMATION_SCHEMA finds nothing to show to users: no tables, columns,
 * indexes, constraints. Its name alone H2 shows in SCHEMATA, asking neither the schema nor the user's rights.
 */
public final class InternalSchema extends Schema {

    private InternalSchema(Database database, SessionLocal session) {
        super(database, database.allocateObjectId(), ReservedNames.INTERNAL_SCHEMA, session.getUser(), false);
    }

    public static void create(SessionLocal session) {
        Database database = session.getDatabase();
        database.lockMeta(session);
        database.addDatabaseObject(session, new InternalSchema(database, session));
        session.commit(true);
    }

    private static boolean isUser(@Nullable SessionLocal session) {
        return session != null && !session.getUser().isAdmin();
    }

    @Override
    public Collection<Table> getAllTablesAndViews(@Nullable SessionLocal session) {
        return isUser(session) ? List.of() : super.getAllTablesAndViews(session);
    }

    @Override
    public @Nullable Table getTableOrViewByName(@Nullable SessionLocal session, String name) {
        return isUser(session) ? null : super.getTableOrViewByName(session, name);
    }

    /** To no user, as H2 does not say which one asks. Only catalogs ask; the tables know their own. */
    @Override
    public Collection<Constraint> getAllConstraints() {
        return List.of();
    }
}
