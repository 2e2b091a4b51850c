package io.tunabledb.engine.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A statement that comes in just before a schema change closes, and to its table just after that is locked. */
class StatementGateTest {
    private static final TableName T = new TableName("PUBLIC", "T");
    private static final TableName OTHER = new TableName("PUBLIC", "OTHER");
    /** Both would wait so long for each other. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    @Test
    void aStatementThatWasInAlreadyIsLetThrough() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Nodes nodes = nodes()) {
            ShardLeader leader = nodes.leader(1, 0);
            define(leader, 1, T, "CREATE TABLE T(ID INT PRIMARY KEY)");
            Writer writer = leader.openWriter();
            ActiveTransaction held = leader.begin(writer, 7);
            assertThat(leader.enterStatement(Deadline.in(GRACE))).isTrue();
            Future<Outcome> change = threads.submit(() -> define(leader, 2, T, "ALTER TABLE T ADD COLUMN V INT"));
            // when it has closed, it has its lock
            while (leader.enterStatement(Deadline.in(Duration.ZERO))) {
                leader.exitStatement();
                assertThat(change.isDone()).isFalse();
            }
            assertThat(held.enter()).isTrue();
            try (Statement statement = writer.connection().createStatement()) {
                assertThat(statement.executeUpdate("INSERT INTO T VALUES (1)")).isEqualTo(1);
            } finally {
                held.leave();
                leader.exitStatement();
            }
            assertThat(change.isDone())
                    .as("done beside a row that is not committed")
                    .isFalse();
            leader.rollBack(held);
            writer.close();
            assertThat(change.get(20, TimeUnit.SECONDS).error()).isNull();
            assertThat(leader.enterStatement(Deadline.in(GRACE)))
                    .as("open again")
                    .isTrue();
            leader.exitStatement();
        } finally {
            threads.shutdownNow();
        }
    }

    /** An unrelated schema change must not part them until one of them runs out of time. */
    @Test
    void whoeverKeepsAStatementInsideWaitingIsLetIn() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Nodes nodes = nodes()) {
            ShardLeader leader = nodes.leader(1, 0);
            define(leader, 1, T, "CREATE TABLE T(ID INT PRIMARY KEY)");
            Writer owner = leader.openWriter();
            ActiveTransaction owning = leader.begin(owner, 7);
            insert(leader, owning);
            Writer waiter = leader.openWriter();
            waiter.connection().createStatement().execute("SET LOCK_TIMEOUT " + GRACE.toMillis());
            ActiveTransaction waiting = leader.begin(waiter, 8);
            Future<?> waits = threads.submit(() -> {
                insert(leader, waiting);
                return null;
            });
            await().atMost(GRACE).until(waiting::isWaiting);
            Future<Outcome> change =
                    threads.submit(() -> define(leader, 2, OTHER, "CREATE TABLE OTHER(ID INT PRIMARY KEY)"));
            while (leader.enterStatement(Deadline.in(Duration.ZERO))) {
                leader.exitStatement();
                assertThat(change.isDone()).isFalse();
            }
            assertThat(leader.enterStatement(Deadline.in(GRACE.dividedBy(2))))
                    .as("the owner's next statement")
                    .isTrue();
            leader.exitStatement();
            leader.rollBack(owning);
            waits.get(20, TimeUnit.SECONDS);
            assertThat(change.get(20, TimeUnit.SECONDS).error()).isNull();
            leader.rollBack(waiting);
            owner.close();
            waiter.close();
        } finally {
            threads.shutdownNow();
        }
    }

    private static void insert(ShardLeader leader, ActiveTransaction held) throws Exception {
        assertThat(leader.enterStatement(Deadline.in(GRACE))).isTrue();
        assertThat(held.enter()).isTrue();
        try (Statement statement = held.writer().connection().createStatement()) {
            assertThat(statement.executeUpdate("INSERT INTO T VALUES (1)")).isEqualTo(1);
        } finally {
            held.leave();
            leader.exitStatement();
        }
    }

    private static Nodes nodes() throws Exception {
        return Nodes.start(
                DatabaseDirectory.temporary(),
                new Nodes.NodeOptions(
                        1,
                        1,
                        Duration.ofMillis(200),
                        Duration.ofSeconds(2),
                        false,
                        1 << 20,
                        new ReplicaOptions("ENTRANCE", GRACE, 1 << 30, false),
                        new OutboxOptions(1_000, 1 << 20, Duration.ofSeconds(5), Duration.ZERO, false),
                        (node, shard, index) -> {},
                        List.of()),
                Duration.ofSeconds(30));
    }

    private static Outcome define(ShardLeader leader, long session, TableName table, String sql) throws Exception {
        return leader.define(new TransactionId(session, 1), new SchemaChange("PUBLIC", sql), List.of(table), false)
                .get(20, TimeUnit.SECONDS)
                .outcome();
    }
}
