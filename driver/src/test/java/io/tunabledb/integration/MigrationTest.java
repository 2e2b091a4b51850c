package io.tunabledb.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.jdbc.TunableDataSource;
import io.tunabledb.jdbc.TunableStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Flyway and Liquibase, unmodified: once, twice, and from several instances that start together. */
class MigrationTest {
    private static final int STARTERS = 4;
    private static final String LOG = "SELECT ID, EXECTYPE, DATEEXECUTED FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED";
    /** Held, or it would be forgotten with its level. */
    private static final Logger LIQUIBASE = Logger.getLogger("liquibase");

    @BeforeAll
    static void quiet() {
        LIQUIBASE.setLevel(Level.WARNING);
        System.setProperty("liquibase.changelogLockPollRate", "1");
        System.setProperty("liquibase.changelogLockWaitTimeInMinutes", "1");
    }

    private LaggingCluster cluster;

    @BeforeEach
    void start() throws SQLException {
        cluster = LaggingCluster.start();
    }

    @AfterEach
    void stop() throws SQLException {
        cluster.close();
    }

    // ---- Flyway

    private Flyway flyway() {
        return Flyway.configure()
                .dataSource(new TunableDataSource(cluster.url()))
                .locations("classpath:db/flyway")
                .load();
    }

    @Test
    void flywayMigratesOnceAndFindsNothingToDoTheSecondTime() throws SQLException {
        assertThat(flyway().migrate().migrationsExecuted).isEqualTo(4);
        assertThat(flyway().migrate().migrationsExecuted).isZero();
        flyway().validate();
        assertThat(flyway().info().current().getVersion()).hasToString("3");
        assertThat(rows("SELECT name, total FROM totals ORDER BY name")).containsExactly("Ada 10.00", "Bob 20.00");
        assertThat(decider("SELECT * FROM purchase")).isEqualTo("TABLE PUBLIC.PURCHASE");
        try (Connection connection = new TunableDataSource(cluster.url()).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CHECK REPLICAS");
            ResultSet replicas = statement.getResultSet();
            while (replicas.next()) {
                assertThat(replicas.getBoolean("SAME")).isTrue();
            }
        }
    }

    @Test
    void flywayWorksFromAUrlToo() throws SQLException {
        Flyway flyway = Flyway.configure()
                .dataSource(cluster.url(), "", "")
                .locations("classpath:db/flyway")
                .load();
        assertThat(flyway.migrate().migrationsExecuted).isEqualTo(4);
    }

    @Test
    void flywaysFirstStartersTogetherMigrateOnce() throws Exception {
        List<Integer> executed = together(() -> flyway().migrate().migrationsExecuted);
        assertThat(executed.stream().mapToInt(Integer::intValue).sum())
                .as("migrations run by each of %d starters: %s", STARTERS, executed)
                .isEqualTo(4);
        assertMigratedOnce();
    }

    @Test
    void flywaysLaterStartersTogetherMigrateOnce() throws Exception {
        Flyway.configure()
                .dataSource(new TunableDataSource(cluster.url()))
                .locations("classpath:db/flyway")
                .target("1")
                .load()
                .migrate();
        List<Integer> executed = together(() -> flyway().migrate().migrationsExecuted);
        assertThat(executed.stream().mapToInt(Integer::intValue).sum())
                .as("migrations run by each of %d starters: %s", STARTERS, executed)
                .isEqualTo(2);
        assertMigratedOnce();
    }

    private void assertMigratedOnce() throws SQLException {
        assertThat(rows("SELECT COUNT(*) FROM purchase")).containsExactly("2");
        assertThat(rows("SELECT \"version\", \"success\" FROM \"flyway_schema_history\" WHERE \"version\" IS NOT NULL"
                        + " ORDER BY 1"))
                .containsExactly("1 TRUE", "2 TRUE", "3 TRUE");
    }

    @Test
    void flywayCleansASchema() throws SQLException {
        flyway().migrate();
        Flyway.configure()
                .dataSource(new TunableDataSource(cluster.url()))
                .cleanDisabled(false)
                .load()
                .clean();
        assertThat(rows("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC'"))
                .isEmpty();
        assertThat(flyway().migrate().migrationsExecuted).isEqualTo(4);
    }

    // ---- Liquibase

    private <T> T liquibase(LiquibaseTask<T> task) throws Exception {
        try (Connection connection = new TunableDataSource(cluster.url()).getConnection()) {
            Database database =
                    DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection));
            assertThat(database.getShortName()).isEqualTo("h2");
            try (Liquibase liquibase =
                    new Liquibase("db/liquibase/changelog.yaml", new ClassLoaderResourceAccessor(), database)) {
                return task.run(liquibase);
            }
        }
    }

    private interface LiquibaseTask<T> {
        T run(Liquibase liquibase) throws Exception;
    }

    private void update() throws Exception {
        liquibase(liquibase -> {
            liquibase.update(new Contexts());
            return null;
        });
    }

    @Test
    void liquibaseUpdatesOnceAndFindsNothingToDoTheSecondTime() throws Exception {
        update();
        List<String> first = rows(LOG);
        assertThat(first).hasSize(4).allMatch(row -> row.contains("EXECUTED"));
        update();
        assertThat(rows(LOG)).isEqualTo(first);
        assertThat(rows("SELECT heading, price FROM book")).containsExactly("Notes 9.50");
        assertThat(decider("SELECT * FROM book")).isEqualTo("TABLE PUBLIC.BOOK");
    }

    /** Liquibase makes its two tables before it locks; of several first starters on H2, too, only one survives that. */
    @Test
    void liquibasesStartersTogetherUpdateOnce() throws Exception {
        liquibase(liquibase -> {
            liquibase.update(1, "");
            return null;
        });
        List<Callable<Boolean>> instances = new ArrayList<>();
        for (int i = 0; i < STARTERS; i++) {
            instances.add(LiquibaseStarter.alone(cluster.url()));
        }
        assertThat(together(instances)).containsOnly(true);
        assertThat(rows("SELECT COUNT(*) FROM author")).containsExactly("1");
        assertThat(rows("SELECT ID, EXECTYPE FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED"))
                .containsExactly("1 EXECUTED", "2 EXECUTED", "3 EXECUTED", "4 EXECUTED");
    }

    @Test
    void liquibaseRollsBack() throws Exception {
        update();
        liquibase(liquibase -> {
            liquibase.rollback(2, "");
            return null;
        });
        assertThat(rows("SELECT title FROM book")).containsExactly("Notes");
    }

    // ---- both

    /** What a migration said of a table decides for who asks for nothing; who asks gets what he asks for. */
    @Test
    void aLevelFromAMigrationTakesEffect() throws Exception {
        flyway().migrate();
        update();
        for (String table : List.of("purchase", "book")) {
            String count = "SELECT COUNT(*) FROM " + table;
            int before = number(count);
            cluster.lag("DELETE FROM " + table);
            assertThat(before).isPositive();
            assertThat(number(count)).as("%s READ LINEARIZABLE", table).isZero();
            assertThat(number(count + " WITH CONSISTENCY EVENTUAL")).isEqualTo(before);
            cluster.heal();
        }
    }

    /** Asked beside the node that lags. */
    private int number(String query) throws SQLException {
        try (Connection connection = new TunableDataSource(cluster.url()).getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static <T> List<T> together(Callable<T> start) throws Exception {
        return together(Collections.nCopies(STARTERS, start));
    }

    private static <T> List<T> together(List<Callable<T>> starts) throws Exception {
        ExecutorService starters = Executors.newFixedThreadPool(STARTERS);
        try {
            CyclicBarrier barrier = new CyclicBarrier(STARTERS);
            List<Future<T>> started = new ArrayList<>();
            for (Callable<T> start : starts) {
                started.add(starters.submit(() -> {
                    barrier.await();
                    return start.call();
                }));
            }
            List<T> results = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            for (Future<T> one : started) {
                try {
                    results.add(one.get());
                } catch (ExecutionException e) {
                    failures.add(e.getCause());
                }
            }
            assertThat(failures).isEmpty();
            return results;
        } finally {
            starters.shutdownNow();
        }
    }

    private String decider(String query) throws SQLException {
        try (Connection connection = new TunableDataSource(cluster.url()).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(query);
            return statement.unwrap(TunableStatement.class).receipt().decidedBy();
        }
    }

    private List<String> rows(String query) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = new TunableDataSource(cluster.url()).getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query + " WITH CONSISTENCY LINEARIZABLE")) {
            while (rows.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.append(i == 1 ? "" : " ").append(rows.getString(i));
                }
                found.add(row.toString());
            }
        }
        return found;
    }
}
