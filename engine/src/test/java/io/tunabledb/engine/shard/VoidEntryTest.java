package io.tunabledb.engine.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An entry whose transaction ran in another term than it was logged in had lost its locks: no replica may apply it. */
class VoidEntryTest {
    private static final long DEFINER = 7;
    private static final long LATE = 8;
    private static final long RIGHT = 9;

    @Test
    void anEntryOfAnotherTermTakesEffectNowhere() throws Exception {
        try (Nodes nodes = Nodes.start(
                DatabaseDirectory.temporary(),
                new Nodes.NodeOptions(
                        3,
                        1,
                        Duration.ofMillis(500),
                        Duration.ofSeconds(5),
                        false,
                        1 << 20,
                        new ReplicaOptions("VOID", Duration.ofSeconds(1), 1 << 30, false),
                        new OutboxOptions(1_000, 1 << 20, Duration.ofSeconds(5), Duration.ZERO, false),
                        (node, shard, index) -> {},
                        List.of()),
                Duration.ofSeconds(20))) {
            ShardLeader leader = leader(nodes);
            leader.define(
                            new TransactionId(DEFINER, 1),
                            new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT PRIMARY KEY)"),
                            List.of(new TableName("PUBLIC", "T")),
                            false)
                    .get(10, TimeUnit.SECONDS);
            long term = leader.replica().status().term();
            log(leader, LATE, term - 1, 1);
            LogPosition last = log(leader, RIGHT, term, 2);
            for (int node = 1; node <= 3; node++) {
                Replica replica = nodes.replica(node, 0);
                assertThat(replica.awaitApplied(last.index(), Deadline.in(Duration.ofSeconds(10))))
                        .isTrue();
                assertThat(replica.outcome(LATE, 1))
                        .as("void, so without outcome")
                        .isNull();
                assertThat(replica.outcome(RIGHT, 1)).isNotNull();
                try (var connection = replica.storage().openReader();
                        Statement statement = connection.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT ID FROM T")) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getInt(1)).isEqualTo(2);
                    assertThat(rows.next()).isFalse();
                }
            }
        }
    }

    private static ShardLeader leader(Nodes nodes) {
        for (int node = 1; node <= 3; node++) {
            if (nodes.replica(node, 0).status().leading()) {
                return nodes.leader(node, 0);
            }
        }
        throw new AssertionError("no leader");
    }

    /** Logs the insert of one row as a transaction of {@code term}. */
    private static LogPosition log(ShardLeader leader, long session, long term, int id) throws Exception {
        byte[] changes;
        try (Writer writer = leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            statement.execute("INSERT INTO T VALUES(" + id + ")");
            changes = writer.changes();
            writer.rollback();
        }
        Entry.Write entry =
                new Entry.Write(session, 1, term, false, false, Outcome.count(1).encode(), changes);
        return leader.replica()
                .requireLog()
                .append(entry.encode(), new Object())
                .get(10, TimeUnit.SECONDS);
    }
}
