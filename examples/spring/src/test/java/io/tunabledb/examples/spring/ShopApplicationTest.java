package io.tunabledb.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.resilience.retry.MethodRetryEvent;

/** Two instances of the shop on one database, each beside another node. */
class ShopApplicationTest {
    private static final String URL = "jdbc:tunable:mem:springshop";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Connection keeper;
    private static EmbeddedCluster cluster;
    private static int leader;
    private static int farNode;
    private static Instance near;
    private static Instance far;

    private record Instance(ConfigurableApplicationContext context, String address) implements AutoCloseable {
        static Instance start(int home) {
            ConfigurableApplicationContext context = SpringApplication.run(
                    ShopApplication.class,
                    "--server.port=0",
                    "--spring.datasource.url=" + URL + "?tokenScope=datasource&home=" + home);
            return new Instance(
                    context, "http://localhost:" + context.getEnvironment().getProperty("local.server.port"));
        }

        HttpResponse<String> send(String method, String path, String... headers) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                    .method(method, HttpRequest.BodyPublishers.noBody());
            if (headers.length > 0) {
                request.headers(headers);
            }
            try {
                return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                throw new AssertionError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }

        HttpResponse<String> get(String path, String... headers) {
            return send("GET", path, headers);
        }

        HttpResponse<String> post(String path) {
            return send("POST", path);
        }

        /** Adds an item; its key. */
        String add(String name, int stock) {
            HttpResponse<String> added = post("/items?name=" + name + "&stock=" + stock);
            assertThat(added.statusCode()).as(added.body()).isEqualTo(201);
            return added.body().replaceAll(".*\"id\":(\\d+).*", "$1");
        }

        @Override
        public void close() {
            context.close();
        }
    }

    @BeforeAll
    static void start() throws SQLException {
        keeper = DriverManager.getConnection(URL + "?definitionGrace=200");
        cluster = keeper.unwrap(TunableConnection.class).cluster();
        leader = cluster.leader();
        farNode = leader == 1 ? 2 : 1;
        near = Instance.start(leader);
        far = Instance.start(farNode);
    }

    @AfterEach
    void heal() {
        cluster.heal();
        Awaitility.await("all replicas to catch up")
                .atMost(Duration.ofSeconds(20))
                .until(() -> cluster.replicas().stream()
                                .mapToLong(ReplicaStatus::applied)
                                .distinct()
                                .count()
                        == 1);
    }

    @AfterAll
    static void stop() throws SQLException {
        far.close();
        near.close();
        keeper.close();
    }

    @Test
    void theTokenInTheHeaderLetsTheOtherInstanceReadYourWrite() {
        cluster.cut(leader, farNode);
        HttpResponse<String> added = near.post("/items?name=lamp&stock=3");
        String token = added.headers().firstValue(TokenFilter.HEADER).orElseThrow();
        String path = "/items/" + added.body().replaceAll(".*\"id\":(\\d+).*", "$1");
        assertThat(far.get(path).statusCode())
                .as("an instance that knows nothing of the write")
                .isEqualTo(404);
        HttpResponse<String> found = far.get(path, TokenFilter.HEADER, token);
        assertThat(found.statusCode()).isEqualTo(200);
        assertThat(found.body()).contains("lamp");
        assertThat(far.get(path, TokenFilter.HEADER, "torn").statusCode()).isEqualTo(400);
    }

    @Test
    void aMethodsLevelTakesEffect() {
        String id = near.add("chair", 3);
        heal();
        cluster.cut(leader, farNode);
        assertThat(near.post("/items/" + id + "/sales?quantity=1").statusCode()).isEqualTo(201);
        assertThat(far.get("/items").body())
                .as("EVENTUAL")
                .contains("{\"id\":" + id + ",\"name\":\"chair\",\"stock\":3}");
        assertThat(far.get("/items/" + id + "/stock").body()).as("LINEARIZABLE").isEqualTo("2");
    }

    @Test
    void aReadOnlyTransactionIsOnePointInTime() {
        String id = near.add("table", 100);
        Shop shop = near.context().getBean(Shop.class);
        Shop.Report before = shop.report(() -> {});
        Shop.Report report = shop.report(
                () -> assertThat(near.post("/items/" + id + "/sales?quantity=5").statusCode())
                        .isEqualTo(201));
        assertThat(report).isEqualTo(before);
        assertThat(shop.report(() -> {})).isEqualTo(new Shop.Report(before.stock() - 5, before.sold() + 5));
    }

    @Test
    void salesAtTheSameTimeAreTriedAgainAndNeverOversell() {
        String id = near.add("book", 10);
        List<CompletableFuture<Integer>> sales = IntStream.range(0, 12)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> (i % 2 == 0 ? near : far)
                        .post("/items/" + id + "/sales?quantity=1")
                        .statusCode()))
                .toList();
        List<Integer> answers =
                sales.stream().map(CompletableFuture::join).sorted().toList();
        assertThat(answers.stream().filter(status -> status == 201))
                .as("%s", answers)
                .hasSize(10);
        assertThat(answers.stream().filter(status -> status == 409))
                .as("%s", answers)
                .hasSize(2);
        assertThat(near.get("/items/" + id + "/stock").body()).isEqualTo("0");
    }

    /** A schema change soon rolls back the sale that waits in its way. */
    @Test
    void aSaleThatEndsWith40001IsTriedAgain() throws SQLException {
        String id = near.add("clock", 3);
        List<String> states = new CopyOnWriteArrayList<>();
        near.context().addApplicationListener((MethodRetryEvent retry) -> states.add(stateOf(retry.getFailure())));
        CompletableFuture<Integer> sale;
        try (Connection blocker = DriverManager.getConnection(URL);
                Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            statement.execute("UPDATE item SET stock = stock WHERE id = " + id);
            sale = CompletableFuture.supplyAsync(
                    () -> near.post("/items/" + id + "/sales?quantity=1").statusCode());
            Awaitility.await("the sale to wait for its item").until(ShopApplicationTest::isOneWaiting);
            try (Statement definer = keeper.createStatement()) {
                definer.execute("ALTER TABLE item ALTER COLUMN stock SET DEFAULT 0");
            }
        }
        assertThat(sale.join()).isEqualTo(201);
        assertThat(states).contains("40001");
        assertThat(near.get("/items/" + id + "/stock").body()).isEqualTo("2");
    }

    private static boolean isOneWaiting() throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1 FROM TUNABLE.TRANSACTIONS WHERE WAITING")) {
            return rows.next();
        }
    }

    private static String stateOf(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql.getSQLState();
            }
        }
        return "none";
    }

    @Test
    void migrationsRanOnceAndActuatorAnswers() throws SQLException {
        List<String> history = new ArrayList<>();
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT \"script\" FROM \"flyway_schema_history\" WHERE \"version\" IS NOT NULL WITH CONSISTENCY LINEARIZABLE")) {
            while (rows.next()) {
                history.add(rows.getString(1));
            }
        }
        assertThat(history).containsExactly("V1__shop.sql");
        assertThat(far.get("/actuator/health").body()).contains("UP");
        assertThat(far.get("/actuator/metrics/tunabledb.replica.up").statusCode())
                .isEqualTo(200);
        assertThat(far.get("/actuator/metrics/hikaricp.connections.usage").statusCode())
                .isEqualTo(200);
    }
}
