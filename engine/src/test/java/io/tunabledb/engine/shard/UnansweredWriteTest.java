package io.tunabledb.engine.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whatever becomes of a write whose owner has given it up, nothing of it is left in storage: no session, no lock. */
class UnansweredWriteTest {
    private static Nodes nodes;
    private static ShardLeader leader;

    @BeforeAll
    static void start() throws Exception {
        nodes = Nodes.start(
                DatabaseDirectory.temporary(),
                new Nodes.NodeOptions(
                        3,
                        2,
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(60),
                        false,
                        1 << 20,
                        new ReplicaOptions(
                                "GIVENUP", Duration.ofSeconds(5), 1 << 30, false, 0, 2, ShardOf.ONLY.placement()),
                        new OutboxOptions(1_000, 1 << 20, Duration.ofSeconds(5), Duration.ZERO, false),
                        (node, shard, index) -> {},
                        List.of()),
                Duration.ofSeconds(60));
        for (int shard = 0; shard < 2; shard++) {
            define(leader(shard), "CREATE TABLE T(ID INT PRIMARY KEY)");
        }
        leader = leader(0);
    }

    @AfterAll
    static void close() {
        nodes.close();
    }

    private static ShardLeader leader(int shard) {
        for (int node = 1; node <= 3; node++) {
            if (nodes.replica(node, shard).status().leading()) {
                return nodes.leader(node, shard);
            }
        }
        throw new AssertionError("no leader");
    }

    private static void define(ShardLeader leader, String sql) throws Exception {
        leader.define(new TransactionId(1, 1), new SchemaChange("PUBLIC", sql), List.of(), false, () -> {})
                .get(60, TimeUnit.SECONDS);
    }

    /** A transaction that has inserted a row. */
    private static ActiveTransaction inserted(ShardLeader leader, int id) throws SQLException {
        Writer writer = leader.openWriter();
        ActiveTransaction held = leader.begin(writer, id);
        assertThat(held.enter()).isTrue();
        try (Statement statement = writer.connection().createStatement()) {
            statement.executeUpdate("INSERT INTO T VALUES (" + id + ")");
        } finally {
            held.leave();
        }
        return held;
    }

    private static byte[] changes(ActiveTransaction held) throws SQLException {
        assertThat(held.enter()).isTrue();
        try {
            return held.writer().changes();
        } finally {
            held.leave();
        }
    }

    private static int count(String query) throws SQLException {
        try (Writer writer = leader.replica().storage().openAdminWriter();
                Statement statement = writer.connection().createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static int sessions() throws SQLException {
        return count("SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS");
    }

    @Test
    void itsStorageSessionIsClosedWhenItsEntryIsApplied() throws Exception {
        int before = sessions();
        nodes.network().isolate(leader.replica().node());
        for (int id = 1; id <= 5; id++) {
            ActiveTransaction held = inserted(leader, id);
            var unanswered = leader.commit(held, changes(held), new TransactionId(id, 1), Outcome.DONE, false);
            assertThat(unanswered).isNotDone();
            held.writer().abandon();
        }
        assertThat(sessions()).as("those whose transactions are open").isEqualTo(before + 5);
        nodes.network().heal();
        await().atMost(Duration.ofSeconds(60)).until(() -> count("SELECT COUNT(*) FROM T WHERE ID <= 5") == 5);
        await().atMost(Duration.ofSeconds(60)).until(() -> sessions() == before);
    }

    @Test
    void itsStorageSessionIsClosedAtOnceWhenItsEntryWasAppliedBefore() throws Exception {
        int before = sessions();
        ActiveTransaction held = inserted(leader, 11);
        leader.commit(held, changes(held), new TransactionId(11, 1), Outcome.DONE, false)
                .get(60, TimeUnit.SECONDS);
        held.writer().abandon();
        await().atMost(Duration.ofSeconds(60)).until(() -> sessions() == before);
        assertThat(count("SELECT COUNT(*) FROM T WHERE ID = 11")).isEqualTo(1);
    }

    @Test
    void oneThatTheLogRefusesAfterAllIsUndone() throws Exception {
        int before = sessions();
        ActiveTransaction held = inserted(leader, 21);
        assertThat(held.propose()).isTrue();
        held.writer().abandon();
        leader.replica().stateMachine().refused(held);
        await().atMost(Duration.ofSeconds(60)).until(() -> sessions() == before);
        assertThat(leader.replica().transactions()).doesNotContain(held);
        try (Connection free = leader.openWriter().connection();
                Statement statement = free.createStatement()) {
            assertThat(statement.executeUpdate("INSERT INTO T VALUES (21)")).isEqualTo(1);
        }
    }

    /** What is in the leader's log and not committed may still be: a reader who has been told so must not miss it. */
    @Test
    void aReadIndexWaitsForTheFateOfWhatWasGivenUp() throws Exception {
        nodes.network().isolate(leader.replica().node());
        ActiveTransaction held = inserted(leader, 41);
        var unanswered = leader.commit(held, changes(held), new TransactionId(41, 1), Outcome.DONE, false);
        assertThat(leader.replica().fates()).as("its caller waits for it").isNull();
        assertThat(leader.giveUp(held)).as("certainly without effect").isFalse();
        held.writer().abandon();
        var asked = leader.replica().readIndex();
        assertThat(asked).as("nobody confirms it, and nobody is asked yet").isNotDone();
        nodes.network().heal();
        long logged = unanswered.get(60, TimeUnit.SECONDS).index();
        assertThat(asked.get(60, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(logged);
        assertThat(leader.replica().fates()).isNull();
    }

    @Test
    void whatIsGivenUpBeforeItIsProposedNeverIs() throws Exception {
        ActiveTransaction held = inserted(leader, 51);
        byte[] changes = changes(held);
        assertThat(leader.giveUp(held)).isTrue();
        assertThatThrownBy(() -> leader.commit(held, changes, new TransactionId(51, 1), Outcome.DONE, false))
                .isInstanceOf(NotLeaderException.class)
                .hasMessageContaining("given it up");
        held.writer().close();
        assertThat(leader.replica().fates()).isNull();
        assertThat(count("SELECT COUNT(*) FROM T WHERE ID = 51")).isZero();
    }

    /** Who read the row of before would be logged behind it, and overwrite it. */
    @Test
    void oneThatLostItsLocksIsAppliedBeforeAnybodyElseIsLetIn() throws Exception {
        nodes.network().isolate(leader.replica().node());
        ActiveTransaction held = inserted(leader, 31);
        var unanswered = leader.commit(held, changes(held), new TransactionId(31, 1), Outcome.DONE, false);
        leader.replica().activeTransactions().rollBack(any -> true, "a schema change could wait no longer");
        assertThat(unanswered).isNotDone();
        assertThat(leader.leadingTerm()).isZero();
        Writer writer = leader.openWriter();
        assertThatThrownBy(() -> leader.begin(writer, 32)).isInstanceOf(NotLeaderException.class);
        writer.close();
        nodes.network().heal();
        await().atMost(Duration.ofSeconds(60)).until(() -> leader.leadingTerm() != 0);
        assertThat(count("SELECT COUNT(*) FROM T WHERE ID = 31")).isEqualTo(1);
        unanswered.get(60, TimeUnit.SECONDS);
        held.writer().close();
    }

    /** Home knows nothing of it, so it is undone as soon as somebody asks. */
    @Test
    void onePreparedWhileASchemaChangeHeldEverybodyUpIsAskedAboutAfterwards() throws Exception {
        ShardLeader participant = leader(1);
        ActiveTransaction held = inserted(participant, 31);
        byte[] changes = changes(held);
        try (AutoCloseable closed = Admission.closed(participant.replica())) {
            assertThat(closed).isNotNull();
            participant
                    .prepare(new ShardLeader.Part(held, changes, new byte[0]), new TransactionId(31, 1), 0, 0)
                    .get(60, TimeUnit.SECONDS);
            await().during(Duration.ofMillis(700))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> participant.replica().inDoubt().size() == 1);
        }
        await().atMost(Duration.ofSeconds(60))
                .until(() -> participant.replica().inDoubt().isEmpty());
    }
}
