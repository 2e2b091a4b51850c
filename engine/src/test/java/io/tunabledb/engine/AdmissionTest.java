package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.shard.Admission;
import io.tunabledb.engine.url.DatabaseUrl;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A leader that lets nobody in, and a database that is gone: who comes waits for no longer than he said, and nothing is kept. */
class AdmissionTest {
    private static final String URL = "jdbc:tunable:mem:admission?replicas=1&consistencyTimeout=";

    private static EmbeddedSession connect(String url) throws SQLException {
        return Database.connect(DatabaseUrl.parse(url, new Properties()));
    }

    private static Result run(EmbeddedSession session, String sql) throws SQLException {
        return session.prepare(sql, StatementOptions.DEFAULT).execute(Parameters.NONE);
    }

    @Test
    void aStatementGivesUpAtItsDeadline() throws Exception {
        try (EmbeddedSession session = connect(URL + "300")) {
            run(session, "CREATE TABLE T(ID INT PRIMARY KEY)");
            for (boolean autocommit : new boolean[] {true, false}) {
                session.setAutoCommit(autocommit);
                try (AutoCloseable closed =
                        Admission.closed(session.cluster().inside().replica(1, 0))) {
                    assertThat(closed).isNotNull();
                    CompletableFuture<Result> given = CompletableFuture.supplyAsync(() -> {
                        try {
                            return run(session, "INSERT INTO T VALUES (" + (autocommit ? 1 : 2) + ")");
                        } catch (SQLException e) {
                            throw new CompletionException(e);
                        }
                    });
                    assertThatThrownBy(() -> given.get(60, TimeUnit.SECONDS))
                            .as("autocommit " + autocommit)
                            .cause()
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo("TC002"));
                }
                assertThat(run(session, "INSERT INTO T VALUES (" + (autocommit ? 1 : 2) + ")")
                                .count())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void oneThreadWaitsToStopADatabaseHoweverOftenItsLastSessionEnds() throws Exception {
        String url = "jdbc:tunable:mem:delayed?replicas=1&closeDelay=";
        int before = Database.names();
        for (int i = 0; i < 20; i++) {
            connect(url + "3000").close();
        }
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("tunabledb-close-delay")))
                .hasSize(1);
        await().atMost(Duration.ofSeconds(60)).until(() -> Database.names() == before);
    }

    @Test
    void parsedStatementsTakeAPartOfTheHeap() {
        assertThat(Database.parsedBytes(64L << 20)).isEqualTo(4L << 20);
        assertThat(Database.parsedBytes(1L << 20))
                .as("a cache that is of any use")
                .isEqualTo(2L << 20);
        assertThat(Database.parsedBytes(Long.MAX_VALUE)).isEqualTo(64L << 20);
    }

    @Test
    void aNameIsForgottenWithItsDatabase() throws Exception {
        int before = Database.names();
        for (int i = 0; i < 3; i++) {
            try (EmbeddedSession session = connect("jdbc:tunable:mem:forgotten" + i + "?replicas=1")) {
                assertThat(session.cluster().nodes()).isEqualTo(1);
                assertThat(Database.names()).isEqualTo(before + 1);
            }
        }
        assertThatThrownBy(() -> connect("jdbc:tunable:file:/dev/null/x?replicas=1"))
                .isInstanceOf(SQLException.class);
        assertThat(Database.names()).isEqualTo(before);
    }
}
