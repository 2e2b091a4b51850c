package io.tunabledb.engine.command;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Operation;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.statement.SessionPaths;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.sql.Right;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Structure;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a table is told beyond H2's definition of it: its own consistency, and where its rows are. That is put in the same
 * step as the definition, because a row in the wrong shard would not be found; the other may come after it.
 */
final class TableCommands {
    private static final Result DONE = new Result(null, 0, null, null, null);

    private final SessionPaths session;

    TableCommands(SessionPaths session) {
        this.session = session;
    }

    Result execute(Statement.TableSettings table) throws SQLException {
        Statement.Sql create = table.create();
        Statement.Sharded sharded = table.sharded();
        if (sharded != null) {
            Statement.Sql definition = create == null ? alter(table) : create;
            session.statements().define(definition, session.decider().decide(definition), text(sharded));
        } else if (create != null) {
            var unused = session.statements().execute(create, Parameters.NONE);
        } else {
            session.decider().requireRights(List.of(owning(table)));
            session.transaction().commit();
        }
        putLadders(table);
        return DONE;
    }

    /** A definition without a statement: nothing but settings, which move the table's rows. */
    private Statement.Sql alter(Statement.TableSettings table) throws SQLException {
        DiskRoom.requireForWrite(session.state().cluster());
        session.transaction().commit();
        session.catalog().requireTable(schema(table), table.table().name());
        return new Statement.Sql(
                "", Operation.DDL, List.of(table.table()), Set.of(), 0, Structure.NONE, List.of(owning(table)), null);
    }

    private static Statement.Need owning(Statement.TableSettings table) {
        return new Statement.Need(table.table().schema(), table.table().name(), Right.OWN);
    }

    /** As the setting has it; storage adds the column's type. */
    private static String text(Statement.Sharded sharded) {
        return sharded.key() != null
                ? "BY " + sharded.key()
                : (sharded.isReference() ? Sharding.REFERENCE : Sharding.SINGLE).text();
    }

    private void putLadders(Statement.TableSettings table) throws SQLException {
        String schema = schema(table);
        String name = table.table().name();
        Map<String, String> settings = new LinkedHashMap<>();
        Ladder read = table.read();
        if (read != null) {
            settings.put(Catalog.readSetting(schema, name), read.text());
        }
        Ladder write = table.write();
        if (write != null) {
            settings.put(Catalog.writeSetting(schema, name), write.text());
        }
        if (!settings.isEmpty()) {
            session.catalog().requireTable(schema, name);
            session.catalog().put(settings);
        }
    }

    private String schema(Statement.TableSettings table) throws SQLException {
        return Objects.requireNonNullElse(
                table.table().schema(), session.state().settings().schema());
    }
}
