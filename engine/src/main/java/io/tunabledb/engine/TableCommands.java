package io.tunabledb.engine;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.execute.Query;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Sharding;
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

    private final Session session;

    TableCommands(Session session) {
        this.session = session;
    }

    Result execute(Statement.TableSettings table) throws SQLException {
        Statement.Sql create = table.create();
        Statement.Sharded sharded = table.sharded();
        if (sharded != null) {
            Statement.Sql definition = create == null ? alter(table, sharded) : create;
            session.define(definition, session.decide(definition), text(sharded));
        } else if (create != null) {
            try (Query query = new Query(create.text(), CallOptions.DEFAULT)) {
                session.execute(create, session.decide(create), query, Parameters.NONE);
            }
        } else {
            session.commit();
        }
        putLadders(table);
        return DONE;
    }

    /** A definition without a statement: nothing but settings. */
    private Statement.Sql alter(Statement.TableSettings table, Statement.Sharded sharded) throws SQLException {
        session.commit();
        String name = table.table().name();
        session.settings().requireTable(schema(table), name);
        Sharding now = session.catalog().sharding(schema(table), name);
        if (session.catalog().buckets().shards() > 1 && !isSo(now, sharded) && hasRows(table)) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    table.text()
                            + ": the table has rows, and a table's rows are not moved between shards; create another"
                            + " with what you want, fill it with INSERT … SELECT, drop this one and rename that");
        }
        return new Statement.Sql("", Operation.DDL, List.of(table.table()), Set.of(), 0, Structure.NONE, null);
    }

    private static boolean isSo(Sharding now, Statement.Sharded asked) {
        return now instanceof Sharding.By by
                ? by.column().equals(asked.key())
                : now instanceof Sharding.Reference && asked.key() == null;
    }

    private boolean hasRows(Statement.TableSettings table) throws SQLException {
        String name =
                Session.quote(schema(table)) + "." + Session.quote(table.table().name());
        try (Call call = session.prepare(
                "SELECT 1 FROM " + name + " FETCH FIRST ROW ONLY WITH CONSISTENCY LINEARIZABLE", CallOptions.DEFAULT)) {
            return Objects.requireNonNull(call.execute(Parameters.NONE).rows()).next();
        }
    }

    /** As the setting has it; storage adds the column's type. */
    private static String text(Statement.Sharded sharded) {
        return sharded.key() == null ? "REFERENCE" : "BY " + sharded.key();
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
            session.settings().requireTable(schema, name);
            session.settings().put(settings);
        }
    }

    private String schema(Statement.TableSettings table) throws SQLException {
        return Objects.requireNonNullElse(table.table().schema(), session.schema());
    }
}
