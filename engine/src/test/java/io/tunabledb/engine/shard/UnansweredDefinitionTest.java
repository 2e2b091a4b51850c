package io.tunabledb.engine.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.log.OutcomeUnknownException;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A schema change whose append is not answered may be applied yet: until that is known no writer may come before it. */
class UnansweredDefinitionTest {
    private static final TableName T = new TableName("PUBLIC", "T");

    @Test
    void itsLocksAreKeptUntilItIsApplied() throws Exception {
        try (Nodes nodes = Nodes.start(
                DatabaseDirectory.temporary(),
                new Nodes.NodeOptions(
                        3,
                        1,
                        Duration.ofSeconds(4),
                        Duration.ofMillis(400),
                        false,
                        1 << 20,
                        new ReplicaOptions("UNANSWERED", Duration.ofMillis(200), 1 << 30, false),
                        new OutboxOptions(1_000, 1 << 20, Duration.ofSeconds(5), Duration.ZERO, false),
                        (node, shard, index) -> {},
                        List.of()),
                Duration.ofSeconds(30))) {
            ShardLeader leader = leader(nodes);
            define(leader, 1, "CREATE TABLE T(ID INT PRIMARY KEY)").get(10, TimeUnit.SECONDS);
            long term = leader.replica().status().term();
            int node = leader.replica().node();
            nodes.network().isolate(node);
            CompletableFuture<ShardLeader.Defined> unanswered = define(leader, 2, "ALTER TABLE T ADD COLUMN V INT");
            assertThatThrownBy(() -> unanswered.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(OutcomeUnknownException.class);
            assertThat(leader.enterStatement(Deadline.in(Duration.ofMillis(50))))
                    .as("a statement between the unanswered schema change and its end")
                    .isFalse();
            try (Writer writer = leader.openWriter();
                    Statement statement = writer.connection().createStatement()) {
                statement.execute("SET LOCK_TIMEOUT 50");
                assertThatThrownBy(() -> statement.execute("INSERT INTO T(ID) VALUES (1)"))
                        .as("the table's own lock")
                        .isInstanceOf(java.sql.SQLException.class);
            }
            assertThat(leader.giveUpDefinition()).isFalse();
            CompletableFuture<Void> fates = leader.replica().fates();
            assertThat(fates).as("what a read index waits for").isNotNull().isNotDone();
            nodes.network().heal();
            fates.get(20, TimeUnit.SECONDS);
            assertThat(leader.enterStatement(Deadline.in(Duration.ofSeconds(20))))
                    .isTrue();
            leader.exitStatement();
            assertThat(leader.replica()
                            .awaitApplied(leader.replica().status().lastIndex(), Deadline.in(Duration.ofSeconds(10))))
                    .isTrue();
            if (leader.replica().status().term() == term) {
                assertThat(leader.replica().outcome(2, 1)).as("applied at last").isNotNull();
            }
        }
    }

    private static CompletableFuture<ShardLeader.Defined> define(ShardLeader leader, long session, String sql)
            throws Exception {
        return leader.define(
                new TransactionId(session, 1), new SchemaChange("PUBLIC", sql), List.of(T), false, () -> {});
    }

    private static ShardLeader leader(Nodes nodes) {
        for (int node = 1; node <= 3; node++) {
            if (nodes.replica(node, 0).status().leading()) {
                return nodes.leader(node, 0);
            }
        }
        throw new AssertionError("no leader");
    }
}
