package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Planner;
import io.tunabledb.engine.plan.placement.KeyType;
import io.tunabledb.engine.plan.placement.KeyValues;
import io.tunabledb.engine.plan.placement.ShardKey;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.sql.SqlParser;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Random statements give in the shards their route names what they give where all rows are. The shards are plain H2
 * databases, so that nothing but the route is tried.
 */
class RoutingTest {
    private static final long SEED = Long.getLong("routing.seed", new Random().nextLong());
    private static final int SHARDS = 4;
    private static final List<String> TABLES = List.of("T", "U", "V", "R", "S");
    private static final Catalog CATALOG = Catalog.of(
            1,
            Map.of(
                    "table.shard.PUBLIC.T", "BY K INTEGER",
                    "table.shard.PUBLIC.U", "BY K INTEGER",
                    "table.shard.PUBLIC.V", "BY K NUMERIC(2)",
                    "table.shard.PUBLIC.R", "REFERENCE",
                    "columns.PUBLIC.T", "K\nX"),
            SHARDS);
    private static final KeyType NUMBER = new KeyType(KeyType.Kind.INTEGER);

    private final Random random = new Random(SEED);
    private final RoutedStatements statements = new RoutedStatements(random);
    private final List<Connection> shards = new ArrayList<>();
    private final List<Object[]> rows = new ArrayList<>();
    private Connection whole;
    private Connection gathered;

    @BeforeEach
    void fill() throws SQLException {
        whole = open();
        gathered = open();
        for (int i = 0; i < SHARDS; i++) {
            shards.add(open());
        }
        for (String table : TABLES) {
            for (int i = 0; i < 14; i++) {
                rows.add(new Object[] {table, random.nextInt(12), random.nextInt(4) == 0 ? null : random.nextInt(12)});
            }
        }
        for (Object[] row : rows) {
            insert(whole, row);
            for (int shard = 0; shard < SHARDS; shard++) {
                if (isIn(row, shard)) {
                    insert(shards.get(shard), row);
                }
            }
        }
    }

    private static boolean isIn(Object[] row, int shard) {
        return switch ((String) row[0]) {
            case "R" -> true;
            case "S" -> shard == 0;
            default -> shardOf(row[1]) == shard;
        };
    }

    private static int shardOf(Object key) {
        return CATALOG.buckets().shardOf(ShardKey.stored(NUMBER, key).bucket());
    }

    private static Connection open() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
        try (Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute("CREATE TABLE " + table + "(K " + (table.equals("V") ? "NUMERIC(10, 2)" : "INT")
                        + " NOT NULL, X INT)");
            }
        }
        connection.setAutoCommit(false);
        return connection;
    }

    private static void insert(Connection connection, Object[] row) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + row[0] + " VALUES (?, ?)")) {
            insert.setObject(1, row[1]);
            insert.setObject(2, row[2]);
            insert.executeUpdate();
        }
        connection.commit();
    }

    @AfterEach
    void close() throws SQLException {
        whole.close();
        for (Connection shard : shards) {
            shard.close();
        }
        gathered.close();
    }

    @Test
    void aQueryFindsItsRows() throws SQLException {
        int inOne = 0;
        int pruned = 0;
        for (int i = 0; i < 400; i++) {
            String sql = statements.query();
            List<Object> parameters = statements.parameters();
            List<String> expected;
            try {
                expected = rows(whole, sql, parameters);
            } catch (SQLException e) {
                // more rows than one where one must be, or a name that means two columns
                continue;
            }
            ShardRoute route = route(sql, parameters);
            Connection where = route instanceof ShardRoute.OneShard one
                    ? shards.get(one.shard())
                    : gathered(((ShardRoute.Gather) route).shards());
            assertThat(rows(where, sql, parameters))
                    .as(sql + " " + parameters + " " + route + ", seed " + SEED)
                    .isEqualTo(expected);
            inOne += route instanceof ShardRoute.OneShard ? 1 : 0;
            pruned += route instanceof ShardRoute.Gather gather
                            && gather.shards().values().stream().anyMatch(set -> set.size() < SHARDS)
                    ? 1
                    : 0;
        }
        assertThat(inOne).as("seed " + SEED).isGreaterThan(10);
        assertThat(pruned).as("seed " + SEED).isGreaterThan(10);
    }

    @Test
    void aChangeFindsItsRows() throws SQLException {
        int inOne = 0;
        int onEach = 0;
        for (int i = 0; i < 300; i++) {
            String sql = statements.change();
            List<Object> parameters = statements.parameters();
            ShardRoute route = route(sql, parameters);
            if (route instanceof ShardRoute.Gather) {
                continue;
            }
            String about = sql + " " + parameters + " " + route + ", seed " + SEED;
            try {
                int changed = update(whole, sql, parameters);
                int changedInShards = 0;
                SortedSet<Integer> where = route instanceof ShardRoute.OneShard one
                        ? new TreeSet<>(List.of(one.shard()))
                        : ((ShardRoute.SameOnEach) route).shards();
                for (int shard : where) {
                    changedInShards += update(shards.get(shard), sql, parameters);
                }
                assertThat(changedInShards).as(about).isEqualTo(changed);
                requireSame(about);
            } catch (SQLException e) {
                assertThat(e.getSQLState()).as(about).matches("21S?\\d+|22\\d+|42\\d+|23\\d+");
            }
            rollBack();
            inOne += route instanceof ShardRoute.OneShard ? 1 : 0;
            onEach += route instanceof ShardRoute.SameOnEach ? 1 : 0;
        }
        assertThat(inOne).as("seed " + SEED).isGreaterThan(10);
        assertThat(onEach).as("seed " + SEED).isGreaterThan(10);
    }

    @Test
    void aNewRowGoesToItsShard() throws SQLException {
        int split = 0;
        for (int i = 0; i < 100; i++) {
            String sql = statements.insert(100 + 10 * i);
            List<Object> parameters = statements.parameters();
            ShardRoute route = route(sql, parameters);
            String about = sql + " " + parameters + " " + route + ", seed " + SEED;
            update(whole, sql, parameters);
            if (route instanceof ShardRoute.OneShard one) {
                update(shards.get(one.shard()), sql, parameters);
            } else {
                split++;
                for (var part : ((ShardRoute.Split) route).parts().entrySet()) {
                    List<Object> given = part.getValue().parameters().stream()
                            .map(index -> parameters.get(index - 1))
                            .toList();
                    int rows = update(shards.get(part.getKey()), part.getValue().sql(), given);
                    assertThat(rows).as(about).isEqualTo(part.getValue().rows().size());
                }
            }
            requireSame(about);
            rollBack();
        }
        assertThat(split).as("seed " + SEED).isGreaterThan(10);
    }

    private void rollBack() throws SQLException {
        whole.rollback();
        for (Connection shard : shards) {
            shard.rollback();
        }
    }

    /** The shards together have the rows, each the right ones. */
    private void requireSame(String about) throws SQLException {
        for (String table : List.of("T", "U", "V")) {
            String sql = "SELECT K, X FROM " + table;
            List<String> together = new ArrayList<>();
            for (int shard = 0; shard < SHARDS; shard++) {
                try (Statement statement = shards.get(shard).createStatement();
                        ResultSet keys = statement.executeQuery("SELECT DISTINCT K FROM " + table)) {
                    while (keys.next()) {
                        assertThat(shardOf(new BigDecimal(keys.getString(1))))
                                .as(about)
                                .isEqualTo(shard);
                    }
                }
                together.addAll(rows(shards.get(shard), sql, List.of()));
            }
            together.sort(null);
            assertThat(together).as(about).isEqualTo(rows(whole, sql, List.of()));
        }
    }

    /** A database with the rows of these shards only. */
    private Connection gathered(Map<String, SortedSet<Integer>> from) throws SQLException {
        try (Statement statement = gathered.createStatement()) {
            for (String table : TABLES) {
                statement.execute("TRUNCATE TABLE " + table);
            }
        }
        for (Object[] row : rows) {
            SortedSet<Integer> of = from.get("PUBLIC." + row[0]);
            if (row[0].equals("R") || (of != null && of.stream().anyMatch(shard -> isIn(row, shard)))) {
                insert(gathered, row);
            }
        }
        return gathered;
    }

    private static ShardRoute route(String sql, List<Object> parameters) {
        var statement = (io.tunabledb.sql.Statement.Sql) SqlParser.parse(sql).get(0);
        KeyValues values = index -> parameters.get(index - 1);
        return Planner.plan(statement, "PUBLIC", CATALOG).placement().route(values);
    }

    private static List<String> rows(Connection connection, String sql, List<Object> parameters) throws SQLException {
        List<String> found = new ArrayList<>();
        try (PreparedStatement select = prepare(connection, sql, parameters);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(rows.getString(1) + "|" + rows.getString(2));
            }
        }
        found.sort(null);
        return found;
    }

    private static int update(Connection connection, String sql, List<Object> parameters) throws SQLException {
        try (PreparedStatement update = prepare(connection, sql, parameters)) {
            return update.executeUpdate();
        }
    }

    private static PreparedStatement prepare(Connection connection, String sql, List<Object> parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        int count = statement.getParameterMetaData().getParameterCount();
        for (int i = 0; i < Math.min(count, parameters.size()); i++) {
            statement.setObject(i + 1, parameters.get(i));
        }
        return statement;
    }
}
