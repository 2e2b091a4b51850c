package io.tunabledb.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tunabledb.integration.Pools.On;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Spring Session JDBC, two servers: a request may come to either, and several of one user to both at once.
 */
class SpringSessionTest {
    private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;
    private static final Duration LIFETIME = Duration.ofMinutes(30);
    private static final int CLIENTS = 6;
    private static final int REQUESTS = 10;
    private static final int TRIES = 200;

    /** As its auto-configuration sets it up. */
    private static JdbcIndexedSessionRepository server(HikariDataSource pool) {
        TransactionTemplate each = new TransactionTemplate(new JdbcTransactionManager(pool));
        each.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        JdbcIndexedSessionRepository repository = new JdbcIndexedSessionRepository(new JdbcTemplate(pool), each);
        repository.setDefaultMaxInactiveInterval(LIFETIME);
        // what is expired is cleaned up when the test says so
        repository.setCleanupCron("-");
        repository.afterPropertiesSet();
        return repository;
    }

    /** The repository's sessions are of a class that only it can see. */
    private static final class Server<S extends Session> {
        private final FindByIndexNameSessionRepository<S> sessions;

        Server(FindByIndexNameSessionRepository<S> sessions) {
            this.sessions = sessions;
        }

        String log(String user, Instant seen) {
            S session = sessions.createSession();
            session.setLastAccessedTime(seen);
            session.setAttribute(PRINCIPAL, user);
            session.setAttribute("basket", new ArrayList<>(List.of(1, 2, 3)));
            session.setAttribute("page", "x".repeat(100_000));
            sessions.save(session);
            return session.getId();
        }

        S find(String id) {
            return sessions.findById(id);
        }

        Map<String, S> of(String user) {
            return sessions.findByPrincipalName(user);
        }

        /** Two requests that add the same attribute at once may not both, on any database: then it is tried again. */
        void request(String id, int client, int number) {
            for (int i = 0; i < TRIES; i++) {
                try {
                    S session = sessions.findById(id);
                    session.setAttribute("of client " + client, number);
                    session.setAttribute("request " + number, client);
                    session.setLastAccessedTime(Instant.now());
                    sessions.save(session);
                    return;
                } catch (DuplicateKeyException e) {
                    // another client's request of the same number
                }
            }
            throw new AssertionError("request " + number + " of client " + client + " failed " + TRIES + " times");
        }

        void end(String id) {
            sessions.deleteById(id);
        }

        /** Gives the session another name, as at a login. */
        String rename(String id) {
            S session = sessions.findById(id);
            String next = session.changeSessionId();
            session.removeAttribute("page");
            sessions.save(session);
            return next;
        }
    }

    @ParameterizedTest
    @EnumSource(On.class)
    void twoServersShareTheirSessions(On on) throws Exception {
        try (Pools pools = new Pools(on)) {
            HikariDataSource pool = pools.pool();
            Pools.script(pool, Pools.resource("org/springframework/session/jdbc/schema-h2.sql"));
            JdbcIndexedSessionRepository repository = server(pool);
            List<Server<?>> servers = List.of(new Server<>(repository), new Server<>(server(pools.pool())));
            String id = servers.get(0).log("ann", Instant.now());
            assertThat(servers.get(1).of("ann")).containsOnlyKeys(id);

            requestsAtOnce(servers, id);
            for (Server<?> server : servers) {
                Session session = server.find(id);
                assertThat(session.getAttributeNames()).hasSize(3 + CLIENTS + REQUESTS);
                for (int client = 0; client < CLIENTS; client++) {
                    assertThat(session.<Integer>getAttribute("of client " + client))
                            .isEqualTo(REQUESTS - 1);
                }
                assertThat(session.<List<Integer>>getAttribute("basket")).containsExactly(1, 2, 3);
                assertThat(session.<String>getAttribute("page")).hasSize(100_000);
            }

            String next = servers.get(1).rename(id);
            assertThat((Object) servers.get(0).find(id)).isNull();
            assertThat(servers.get(0).find(next).<String>getAttribute("page")).isNull();
            servers.get(0).end(next);
            assertThat((Object) servers.get(1).find(next)).isNull();
            assertThat(Pools.ask(pool, "SELECT COUNT(*) FROM SPRING_SESSION_ATTRIBUTES"))
                    .isEqualTo("0");

            expire(servers, repository, pool);
            pools.requireSameReplicas();
        }
    }

    private static void requestsAtOnce(List<Server<?>> servers, String id) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int client = i;
                all.add(clients.submit(() -> {
                    for (int number = 0; number < REQUESTS; number++) {
                        servers.get((client + number) % 2).request(id, client, number);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private static void expire(List<Server<?>> servers, JdbcIndexedSessionRepository cleaning, HikariDataSource pool)
            throws Exception {
        String kept = "";
        for (int i = 0; i < 20; i++) {
            Instant seen = i % 4 == 0 ? Instant.now() : Instant.now().minus(LIFETIME.multipliedBy(2));
            String id = servers.get(i % 2).log("user " + i % 5, seen);
            kept = i % 4 == 0 ? id : kept;
        }
        cleaning.cleanUpExpiredSessions();
        assertThat(Pools.ask(pool, "SELECT COUNT(*) FROM SPRING_SESSION")).isEqualTo("5");
        assertThat(servers.get(1).find(kept).<String>getAttribute("page")).hasSize(100_000);
        for (Server<?> server : servers) {
            assertThat(server.of("user 0")).hasSize(1);
            assertThat(server.of("user 4")).hasSize(1);
        }
    }
}
