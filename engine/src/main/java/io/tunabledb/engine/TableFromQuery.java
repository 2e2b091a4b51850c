package io.tunabledb.engine;

import io.tunabledb.engine.Session.Decision;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.ddl.SchemaChanges;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.CreateAs;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CREATE TABLE … AS query. The table is created everywhere, its rows come from the leader like those of any INSERT. Until
 * they are there it has another name, so that nobody finds it empty: who creates a table with its first row may go on to
 * lock that row, as Flyway does.
 */
final class TableFromQuery {
    private static final String EXISTS_ALREADY = "42S01";
    /** At once, whatever level the session asks of its writes. */
    private static final String FILL = "/*+ CONSISTENCY(SEQUENTIAL) */ INSERT INTO ";

    private static final Result NOTHING_TO_DO = new Result(null, 0, null, null, null);

    private final Session session;
    private final SchemaChanges definitions;
    private final CreateAs parts;
    private final Decision decision;
    private final Plan.Table table;
    private final @Nullable String sharding;

    /**
     * @param sharding where its rows are, as its setting has it; null when it says nothing
     */
    TableFromQuery(
            Session session, SchemaChanges definitions, CreateAs parts, Decision decision, @Nullable String sharding) {
        this.session = session;
        this.definitions = definitions;
        this.parts = parts;
        this.decision = decision;
        this.table = decision.plan().tables().get(0);
        this.sharding = sharding;
    }

    Result create() throws SQLException {
        String name = Session.quote(table.schema()) + "." + Session.quote(table.name());
        boolean exists = session.settings().hasTable(table.schema(), table.name());
        if (exists && parts.isConditional()) {
            return NOTHING_TO_DO;
        }
        String query = parts.query();
        if (query == null || exists) {
            return create(name, table.name());
        }
        return refersToItself() ? filledInSight(name, query) : filledUnseen(query);
    }

    /** Such a definition needs the table's own name. */
    private boolean refersToItself() {
        return Pattern.compile("(?i)(?<![\\w$])" + Pattern.quote(table.name()) + "(?![\\w$])")
                .matcher(parts.after())
                .find();
    }

    private Result filledUnseen(String query) throws SQLException {
        String filling = "FILLING_" + UUID.randomUUID();
        String unseen = Session.quote(table.schema()) + "." + Session.quote(filling);
        Result created = create(unseen, filling);
        try {
            session.runAlone(FILL + unseen + " " + query);
            define("ALTER TABLE " + unseen + " RENAME TO " + Session.quote(table.name()));
            return created;
        } catch (SQLException e) {
            define("DROP TABLE " + unseen);
            if (parts.isConditional() && EXISTS_ALREADY.equals(e.getSQLState())) {
                return NOTHING_TO_DO;
            }
            throw e;
        }
    }

    private Result filledInSight(String name, String query) throws SQLException {
        Result created = create(name, table.name());
        try {
            session.runAlone(FILL + name + " " + query);
            return created;
        } catch (SQLException e) {
            // with IF NOT EXISTS it may be somebody else's
            if (!parts.isConditional()) {
                define("DROP TABLE " + name);
            }
            throw e;
        }
    }

    /** The setting that comes with the table follows it to another name. */
    private Result create(String qualified, String name) throws SQLException {
        Map<String, String> settings =
                sharding == null ? Map.of() : Map.of(Catalog.shardSetting(table.schema(), name), sharding);
        return definitions.define(
                parts.definition(qualified), settings, decision.plan(), decision.agreement(), decision.meaning());
    }

    private Result define(String sql) throws SQLException {
        return definitions.define(sql, decision.plan(), decision.agreement());
    }
}
