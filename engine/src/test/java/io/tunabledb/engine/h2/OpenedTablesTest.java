package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Operation;
import io.tunabledb.engine.h2.internals.CompiledParts;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.Planner;
import io.tunabledb.engine.plan.Touched;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.Statement.Sql;
import io.tunabledb.sql.Statement.Use;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.junit.jupiter.api.Test;

/**
 * The tables that rules, floors, grants and receipts hold for are those that storage opens, whatever stands between a statement
 * and them. What storage opens is seen from outside: while a table is locked for others, a statement that needs it fails.
 */
final class OpenedTablesTest {
    private static final int SCHEMAS = Integer.getInteger("opened.schemas", 3);
    private static final int STATEMENTS = Integer.getInteger("opened.statements", 50);
    private static final Duration LOCKED_WITHIN = Duration.ofSeconds(60);

    private final long seed = Long.getLong("seed", new Random().nextLong());
    private int compared;
    private int equal;

    /** What the engine says of a statement: all its tables, and those whose rows it may change. */
    private record Known(Set<TableName> tables, Set<TableName> changed, Set<TableName> hidden) {}

    @Test
    void areThoseTheEngineKnows() throws Exception {
        System.out.println("seed " + seed);
        for (int i = 0; i < SCHEMAS; i++) {
            RandomSchema schema = new RandomSchema(new Random(seed + i));
            try (Replicas replicas = new Replicas()) {
                schema.definitions().forEach(replicas::defined);
                for (String sql : schema.rows()) {
                    replicas.write(sql);
                }
                new Look(replicas.leader, schema).look();
            }
        }
        System.out.println(equal + " of " + compared + " known exactly");
        assertThat(compared).as("statements compared, seed " + seed).isGreaterThan(SCHEMAS * STATEMENTS / 2);
        assertThat(equal).as("known exactly, of " + compared + ", seed " + seed).isGreaterThan(compared / 4);
    }

    /** At one schema. */
    private final class Look {
        private final Storage storage;
        private final RandomSchema schema;
        private final Catalog catalog;

        Look(Storage storage, RandomSchema schema) throws SQLException {
            this.storage = storage;
            this.schema = schema;
            this.catalog = Catalog.of(1, storage.catalog());
        }

        void look() throws SQLException {
            try (Writer writer = storage.openWriter();
                    Statement statement = writer.connection().createStatement()) {
                statement.execute("SET LOCK_TIMEOUT 1");
                // what was kept is not opened again
                storage.database().setOptimizeReuseResults(false);
                for (int i = 0; i < RandomSchema.tables(); i++) {
                    allIsOpened(writer, statement, i);
                }
                for (int i = 0; i < STATEMENTS; i++) {
                    compare(writer, statement, schema.statement());
                }
            }
        }

        /** What may be read for a table's rows is read for some. */
        private void allIsOpened(Writer writer, Statement statement, int table) throws SQLException {
            Set<TableName> opened = new TreeSet<>();
            for (String sql : RandomSchema.changes(table)) {
                compare(writer, statement, sql);
                opened.addAll(opened(writer, statement, sql));
            }
            assertThat(opened)
                    .as("seed %d: T%d\n%s", seed, table, schema)
                    .containsAll(known(RandomSchema.changes(table).get(0)).tables());
        }

        private void compare(Writer writer, Statement statement, String sql) throws SQLException {
            SessionLocal session = H2Instance.session((JdbcConnection) writer.connection());
            Set<TableName> changed;
            Set<TableName> compiled;
            try {
                compiled = compiled(session, sql);
                statement.execute(sql);
                changed = NetEffects.of(session).stream()
                        .map(effects -> Tables.nameOf(effects.table()))
                        .collect(Collectors.toCollection(TreeSet::new));
            } catch (SQLException e) {
                // violates a key, or finds two rows where one must be
                assertThat(e.getSQLState()).as(sql).matches("23.*|21.*|22.*|90053");
                return;
            } finally {
                undo(writer, statement);
            }
            Known known = known(sql);
            Set<TableName> opened = opened(writer, statement, sql);
            String what = "seed " + seed + ": " + sql + "\n" + schema + "\n";
            assertThat(known.changed()).as("changed by " + what).containsAll(changed);
            Set<TableName> unknown = new TreeSet<>(opened);
            unknown.removeAll(known.tables());
            // which keys there are storage asks at the leader at any level, and shows nothing of the rows
            unknown.removeAll(keysOf(known.changed()));
            assertThat(unknown).as("not known of " + what).isEmpty();
            Set<TableName> unopened = new TreeSet<>(known.tables());
            unopened.removeAll(opened);
            // what stands in it may not be come to, such as the other branch of a CASE, or what is joined to no row
            unopened.removeAll(compiled);
            // which of what a change may do by the schema is done, the rows and columns decide
            unopened.removeAll(known.hidden());
            // nor is a domain asked here what it is named for, a check or a default
            unopened.removeAll(behindDomains(sql));
            assertThat(unopened).as("has nothing to do with " + what).isEmpty();
            compared++;
            equal += known.tables().equals(opened) ? 1 : 0;
        }

        private Known known(String sql) {
            Plan plan =
                    catalog.withoutViews(Planner.plan((Sql) SqlParser.parse(sql).get(0), "PUBLIC", catalog));
            Set<TableName> tables = new TreeSet<>();
            Set<TableName> changed = new TreeSet<>();
            Set<TableName> hidden = new TreeSet<>();
            for (Plan.Table table : plan.tables()) {
                add(table, tables, changed);
            }
            for (Touched touched : catalog.hidden(plan)) {
                add(touched.table(), tables, changed);
                hidden.add(
                        new TableName(touched.table().schema(), touched.table().name()));
            }
            if (plan.operation() == Operation.DDL) {
                // a temporary table is the session's own
                tables.removeIf(table -> !storage.hasTable(table.schema(), table.name()));
            }
            return new Known(tables, changed, hidden);
        }

        private static void add(Plan.Table table, Set<TableName> tables, Set<TableName> changed) {
            TableName name = new TableName(table.schema(), table.name());
            tables.add(name);
            if (table.use() == Use.WRITE) {
                changed.add(name);
            }
        }

        private Set<TableName> opened(Writer writer, Statement statement, String sql) throws SQLException {
            Set<TableName> opened = new TreeSet<>();
            for (TableName table : storage.tables()) {
                try (Definer definer = storage.openDefiner()) {
                    assertThat(definer.lock(List.of(table), LOCKED_WITHIN)).isTrue();
                    statement.execute(sql);
                } catch (SQLException e) {
                    opened.add(table);
                } finally {
                    undo(writer, statement);
                }
            }
            return opened;
        }

        private static void undo(Writer writer, Statement statement) throws SQLException {
            writer.rollback();
            statement.execute("DROP TABLE IF EXISTS TEMP");
        }

        /** What a compiled statement leads to, each table and what is behind it. */
        private static Set<TableName> compiled(SessionLocal session, String sql) {
            String what = sql.replaceFirst("CREATE .* TABLE TEMP AS ", "");
            return CompiledParts.of(session.prepare(what)).stream()
                    .map(CompiledParts.Part::what)
                    .filter(MVTable.class::isInstance)
                    .map(table -> Tables.nameOf((MVTable) table))
                    .filter(table -> !ReservedNames.isOwn(table.schema()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private Set<TableName> behindDomains(String sql) {
            Set<TableName> behind = new TreeSet<>();
            catalog.effects().domains().forEach((domain, tables) -> {
                if (sql.contains(domain)) {
                    tables.forEach(table -> behind.add(new TableName(table.schema(), table.name())));
                }
            });
            return behind;
        }

        private Set<TableName> keysOf(Set<TableName> changed) {
            Set<TableName> asked = new TreeSet<>();
            for (MVTable table : Tables.replicated(storage.database())) {
                for (Constraint constraint : table.getConstraints()) {
                    if (constraint instanceof ConstraintReferential key) {
                        TableName child = Tables.nameOf(key.getTable());
                        TableName parent = Tables.nameOf(key.getRefTable());
                        if (changed.contains(child) || changed.contains(parent)) {
                            asked.add(child);
                            asked.add(parent);
                        }
                    }
                }
            }
            return asked;
        }
    }
}
