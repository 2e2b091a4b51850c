package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.execute.HalfDone;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.shard.Poison;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.EntryFailedException;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.url.DatabaseUrl;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An entry that can't be applied keeps a database from opening, says which it is, and can be left out. */
class SkipEntryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TransactionId AUTHOR = new TransactionId(4711, 1);

    @TempDir
    Path directory;

    private String url(String more) {
        return "jdbc:tunable:file:" + directory.resolve("db")
                + "?tokenScope=connection&consistencyTimeout=20000&electionTimeout=1000" + more;
    }

    private static EmbeddedSession connect(String url) throws SQLException {
        return Database.connect(DatabaseUrl.parse(url, new Properties()));
    }

    private record Refused(String state, String message) {}

    private static Refused refusal(String url) {
        SQLException refused =
                catchThrowableOfType(SQLException.class, () -> connect(url).close());
        return new Refused(refused.getSQLState(), Objects.requireNonNull(refused.getMessage()));
    }

    private static Result run(EmbeddedSession session, String sql) throws SQLException {
        return session.prepare(sql, StatementOptions.DEFAULT).execute(Parameters.NONE);
    }

    private static List<String> rows(EmbeddedSession session, String sql) throws SQLException {
        List<String> all = new ArrayList<>();
        try (ResultSet rows = Objects.requireNonNull(run(session, sql).rows())) {
            while (rows.next()) {
                all.add(rows.getString(1));
            }
        }
        return all;
    }

    private static void requireEqual(EmbeddedSession session) {
        // those that are rebuilt come last
        await().atMost(PATIENCE).untilAsserted(() -> {
            try (ResultSet rows =
                    Objects.requireNonNull(run(session, "CHECK REPLICAS").rows())) {
                int replicas = 0;
                while (rows.next()) {
                    assertThat(rows.getBoolean("SAME")).isTrue();
                    replicas++;
                }
                assertThat(replicas).isGreaterThanOrEqualTo(3);
            }
        });
    }

    private static List<Replica> stopped(Nodes nodes, int shard) {
        List<Replica> stopped = new ArrayList<>();
        for (int node = 1; node <= nodes.nodes(); node++) {
            if (nodes.replica(node, shard).failure() instanceof EntryFailedException) {
                stopped.add(nodes.replica(node, shard));
            }
        }
        return stopped;
    }

    private static int leader(EmbeddedSession session, int shard) {
        return session.cluster().replicas(shard).stream()
                .filter(status -> status.role().equals("LEADER"))
                .mapToInt(ReplicaStatus::node)
                .findFirst()
                .orElseThrow();
    }

    private static long poison(EmbeddedSession session, int shard) {
        Nodes nodes = session.cluster().inside();
        CompletableFuture<LogPosition> unanswered = Poison.unknown(nodes.replica(leader(session, shard), shard));
        await().atMost(PATIENCE)
                .until(() -> stopped(nodes, shard).size() >= 2 && unanswered.isCompletedExceptionally());
        return failedAt(nodes, shard);
    }

    private static long failedAt(Nodes nodes, int shard) {
        return ((EntryFailedException)
                        Objects.requireNonNull(stopped(nodes, shard).get(0).failure()))
                .at()
                .index();
    }

    @Test
    void whatStopsEveryReplicaIsNamedAndLeftOut() throws Exception {
        long index;
        try (EmbeddedSession session = connect(url(""))) {
            run(session, "CREATE TABLE T(ID INT PRIMARY KEY)");
            run(session, "INSERT INTO T VALUES (1), (2)");
            index = poison(session, 0);
        }
        String name = "0:" + index;
        Refused closed = refusal(url(""));
        assertThat(closed.state()).isEqualTo("08001");
        assertThat(closed.message())
                .contains("entry " + index + " of term ")
                .contains("of shard 0, 5 bytes that this library can't read, can't be applied: ")
                .contains("log entry of unknown kind '?'")
                .contains("open the database once with skipEntry=" + name);
        Refused other = refusal(url("&skipEntry=0:" + (index - 1)));
        assertThat(other.state()).isEqualTo("22023");
        assertThat(other.message()).contains("does not name what is in the way").contains(name);

        try (EmbeddedSession session = connect(url("&skipEntry=" + name))) {
            assertThat(rows(session, "SELECT ID FROM T ORDER BY ID")).containsExactly("1", "2");
            run(session, "INSERT INTO T VALUES (3)");
            run(session, "CREATE TABLE U(ID INT)");
            assertThat(rows(session, "SELECT ENTRY_INDEX FROM TUNABLE.SKIPPED_ENTRIES"))
                    .containsExactly(String.valueOf(index));
            Nodes nodes = session.cluster().inside();
            // who replays the log, or gets it from the others, lets it go by too
            session.cluster().kill(1);
            session.cluster().restart(1);
            await().atMost(PATIENCE).until(() -> nodes.isVoting(1) && nodes.isVoting(2) && nodes.isVoting(3));
            session.cluster().kill(2);
            session.cluster().wipe(2);
            session.cluster().restart(2);
            await().atMost(PATIENCE).until(() -> nodes.isVoting(2));
            requireEqual(session);
            assertThat(stopped(nodes, 0)).isEmpty();
        }
        Refused again = refusal(url("&skipEntry=" + name));
        assertThat(again.state()).isEqualTo("22023");
        assertThat(again.message()).contains("is left out since");
        try (EmbeddedSession session = connect(url(""))) {
            assertThat(rows(session, "SELECT ID FROM T ORDER BY ID")).containsExactly("1", "2", "3");
            assertThat(rows(session, "SELECT ENTRY FROM TUNABLE.SKIPPED_ENTRIES"))
                    .containsExactly("5 bytes that this library can't read");
            requireEqual(session);
        }
    }

    /** The schema change was tried by nobody, and is deeper than any stack. */
    @Test
    void oneOfSeveralShardsOnOneNode() throws Exception {
        String url = url("&shards=2&replicas=1");
        SchemaChange deep = new SchemaChange("PUBLIC", "CREATE VIEW V AS SELECT " + "- ".repeat(1_000_000) + "1 AS X");
        long index;
        try (EmbeddedSession session = connect(url)) {
            run(session, "CREATE TABLE T(ID INT PRIMARY KEY) SHARD BY (ID)");
            run(session, "INSERT INTO T VALUES (1), (2), (3), (4)");
            Nodes nodes = session.cluster().inside();
            CompletableFuture<ShardLeader.Defined> unanswered =
                    nodes.leader(1, 1).define(AUTHOR, deep, List.of(), false);
            await().atMost(PATIENCE)
                    .until(() -> stopped(nodes, 1).size() == 1 && unanswered.isCompletedExceptionally());
            index = failedAt(nodes, 1);
        }
        assertThat(refusal(url).message())
                .contains("the schema change 'CREATE VIEW V AS SELECT - - - ")
                .contains("StackOverflowError")
                .contains("skipEntry=1:" + index);
        try (EmbeddedSession session = connect(url + "&skipEntry=1:" + index)) {
            Nodes nodes = session.cluster().inside();
            Outcome outcome = nodes.replica(1, 1).outcome(AUTHOR.session(), AUTHOR.number());
            assertThat(Objects.requireNonNull(Objects.requireNonNull(outcome).error())
                            .message())
                    .contains("was left out");
            assertThat(rows(session, "SELECT ID FROM T ORDER BY ID")).containsExactly("1", "2", "3", "4");
            run(session, "ALTER TABLE T ADD COLUMN N INT");
            run(session, "UPDATE T SET N = 1");
        }
    }

    /** Only in shard 1 is a row of which it makes what no heap has room for; it was tried by nobody. */
    @Test
    void aSchemaChangeThatOtherShardsHave() throws Exception {
        String url = url("&shards=2&replicas=1");
        List<TableName> tables = List.of(new TableName("PUBLIC", "T"));
        SchemaChange check =
                new SchemaChange("PUBLIC", "ALTER TABLE T ADD CONSTRAINT LONG CHECK (LENGTH(REPEAT('x', L)) >= 0)");
        long index;
        try (EmbeddedSession session = connect(url)) {
            run(session, "CREATE TABLE T(ID INT PRIMARY KEY, L INT) SHARD BY (ID)");
            run(session, "CREATE TABLE U(ID INT PRIMARY KEY) SHARD BY (ID)");
            run(session, "INSERT INTO T SELECT X, X FROM SYSTEM_RANGE(1, 20)");
            Nodes nodes = session.cluster().inside();
            run(session, "UPDATE T SET L = 2147483647 WHERE ID = " + anyId(nodes.replica(1, 1)));
            session.paths().catalog().put(HalfDone.note(AUTHOR, check, tables));
            Outcome first = nodes.leader(1, 0)
                    .define(AUTHOR, check, tables, false)
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .outcome();
            assertThat(first.error()).isNull();
            CompletableFuture<ShardLeader.Defined> unanswered =
                    nodes.leader(1, 1).define(AUTHOR, check, tables, false);
            await().atMost(PATIENCE)
                    .until(() -> stopped(nodes, 1).size() == 1 && unanswered.isCompletedExceptionally());
            index = failedAt(nodes, 1);
        }
        assertThat(refusal(url).message()).contains("LONG CHECK").contains("skipEntry=1:" + index);
        try (EmbeddedSession session = connect(url + "&skipEntry=1:" + index)) {
            assertThat(rows(session, "SELECT COUNT(*) FROM T")).containsExactly("20");
            assertThat(rows(session, "SELECT ENTRY_INDEX FROM TUNABLE.SKIPPED_ENTRIES"))
                    .containsExactly(String.valueOf(index));
            assertThat(differences(session))
                    .containsExactly("1: the schema is not that of shard 0: no constraint PUBLIC.LONG");
            // nobody waits for what can't be ended; what the first shard has is for its owner to undo
            run(session, "INSERT INTO U VALUES (1), (2), (3), (4)");
            run(session, "CREATE TABLE W(ID INT)");
            run(session, "ALTER TABLE T DROP CONSTRAINT IF EXISTS LONG");
            run(session, "UPDATE T SET L = 0");
            assertThat(differences(session)).isEmpty();
        }
        try (EmbeddedSession session = connect(url)) {
            assertThat(rows(session, "SELECT SUM(L) FROM T")).containsExactly("0");
            assertThat(differences(session)).isEmpty();
            run(session, "ALTER TABLE T ADD CONSTRAINT LONG CHECK (LENGTH(REPEAT('x', L)) >= 0)");
            assertThat(differences(session)).isEmpty();
        }
    }

    private static int anyId(Replica replica) throws SQLException {
        try (Connection connection = replica.storage().openReader();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT MIN(ID) FROM T")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static List<String> differences(EmbeddedSession session) throws SQLException {
        List<String> differences = new ArrayList<>();
        try (ResultSet rows =
                Objects.requireNonNull(run(session, "CHECK REPLICAS").rows())) {
            while (rows.next()) {
                if (!rows.getBoolean("SAME")) {
                    differences.add(rows.getInt("SHARD") + ": " + rows.getString("DIFFERENCE"));
                }
            }
        }
        return differences;
    }

    /** The leader has a row that the log does not know of, so that the others can't apply its update. */
    @Test
    void whoHasAppliedItIsRebuilt() throws Exception {
        long index;
        int leader;
        try (EmbeddedSession session = connect(url(""))) {
            run(session, "CREATE TABLE T(ID INT PRIMARY KEY, N INT)");
            run(session, "INSERT INTO T VALUES (1, 0)");
            Nodes nodes = session.cluster().inside();
            leader = leader(session, 0);
            session.cluster().damage(leader, "INSERT INTO T VALUES (2, 0)");
            run(session, "UPDATE T SET N = 5");
            await().atMost(PATIENCE).until(() -> stopped(nodes, 0).size() == 2);
            index = failedAt(nodes, 0);
            // neither is rebuilt from the one that is left
            assertThat(nodes.rebuilds()).isZero();
        }
        assertThat(refusal(url("")).message())
                .contains("entry " + index + " of term ")
                .contains("a transaction of ")
                .contains("while n" + leader + " has applied it");
        try (EmbeddedSession session = connect(url("&skipEntry=0:" + index))) {
            assertThat(rows(session, "SELECT ID || ' ' || N FROM T")).containsExactly("1 0");
            await().atMost(PATIENCE).until(() -> session.cluster().inside().isVoting(leader));
            run(session, "INSERT INTO T VALUES (2, 7)");
            requireEqual(session);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "x:1", "0:", "0:-1", "1:5", "0:1:2"})
    void whatNamesNoEntryIsRefused(String name) {
        Refused refused = refusal("jdbc:tunable:mem:skipNothing?skipEntry=" + name);
        assertThat(refused.state()).isEqualTo("22023");
        assertThat(refused.message()).contains("skipEntry=" + name + " names no entry: write SHARD:INDEX");
    }

    @Test
    void whatIsNotNeededIsRefused() throws Exception {
        Refused refused = refusal("jdbc:tunable:mem:skipUnneeded?skipEntry=0:1");
        assertThat(refused.state()).isEqualTo("22023");
        assertThat(refused.message()).contains("no entry is in the way of opening the database");
        try (EmbeddedSession session = connect("jdbc:tunable:mem:skipUnneeded")) {
            assertThat(rows(session, "SELECT ENTRY FROM TUNABLE.SKIPPED_ENTRIES"))
                    .isEmpty();
            assertThat(refusal("jdbc:tunable:mem:skipUnneeded?skipEntry=0:1").state())
                    .isEqualTo("22023");
        }
    }
}
