package io.tunabledb.engine.execute.ddl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.Accounts;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.shard.log.TransactionId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Schema changes whose turn ends with the leader that gave it, in their middle. */
class SchemaTurnTest {
    private static final Agreement AGREEMENT =
            new Agreement(Ladder.of(Level.SEQUENTIAL), "TEST", Ladder.of(Level.SEQUENTIAL), null);
    private static final SchemaChanges.Limits LIMITS = new SchemaChanges.Limits(Accounts.PATIENCE, 1_000, 1_000);

    private Accounts accounts;
    private SessionState first;
    private SessionState second;

    @BeforeEach
    void start() throws Exception {
        accounts = new Accounts();
        first = accounts.session();
        second = accounts.session();
    }

    @AfterEach
    void stop() {
        accounts.close();
    }

    private static PendingSchemaChange creating(String table) {
        return new PendingSchemaChange(
                new TransactionId(ThreadLocalRandom.current().nextLong(), 1),
                new SchemaChange("PUBLIC", "CREATE TABLE " + table + "(ID INT PRIMARY KEY)"),
                List.of(new TableName("PUBLIC", table)),
                false,
                false);
    }

    /** Another leader of the first shard, in a later term; the one before is back, and follows. */
    private void changeLeader() {
        int before = accounts.leader(0).replica().node();
        accounts.nodes.network().isolate(before);
        Accounts.until(() -> accounts.leader(0).replica().node() != before);
        accounts.nodes.network().heal();
    }

    /** Which shards' leaders have a table. */
    private List<Integer> shardsWith(String table) throws SQLException {
        List<Integer> found = new ArrayList<>();
        for (int shard = 0; shard < Accounts.SHARDS; shard++) {
            if (accounts.leader(shard).replica().storage().hasTable("PUBLIC", table)) {
                found.add(shard);
            }
        }
        return found;
    }

    private OverShards in(SessionState session, SchemaTurn turn) {
        return new OverShards(session, turn, LIMITS);
    }

    @Test
    void oneWaitsForTheOther() throws Exception {
        CompletableFuture<SchemaTurn> waiting;
        try (SchemaTurn turn = SchemaTurn.take(first, Accounts.PATIENCE)) {
            assertThat(SchemaTurn.takeIfFree(second)).as("not free").isNull();
            assertThatThrownBy(() -> SchemaTurn.take(second, Duration.ofMillis(50)))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("another schema change has not ended within definitionTimeout=50 ms");
            waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return SchemaTurn.take(second, Accounts.PATIENCE);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            in(first, turn).carryOut(creating("T1"), AGREEMENT);
            assertThat(waiting).isNotDone();
        }
        try (SchemaTurn next = waiting.get()) {
            in(second, next).carryOut(creating("T2"), AGREEMENT);
        }
        assertThat(shardsWith("T1")).containsExactly(0, 1, 2);
        assertThat(shardsWith("T2")).containsExactly(0, 1, 2);
        try (SchemaTurn free = SchemaTurn.takeIfFree(first)) {
            assertThat(free).as("those who did not wait for it have not got it").isNotNull();
        }
    }

    @Test
    void whatComesAfterItsTurnHasNoEffectInAnyShard() throws Exception {
        try (SchemaTurn late = SchemaTurn.take(first, Accounts.PATIENCE)) {
            changeLeader();
            try (SchemaTurn turn = SchemaTurn.take(second, Accounts.PATIENCE)) {
                in(second, turn).carryOut(creating("RIGHT_ONE"), AGREEMENT);
                assertThatThrownBy(() -> in(first, late).carryOut(creating("LATE"), AGREEMENT))
                        .as("the note in the catalog")
                        .isInstanceOfSatisfying(
                                LostTurnException.class,
                                lost -> assertThat(lost.noted()).isNull());
                for (int shard = 0; shard < Accounts.SHARDS; shard++) {
                    SchemaChangePath path = new SchemaChangePath(first.at(shard), late, Accounts.PATIENCE);
                    assertThatThrownBy(() -> path.define(creating("LATE"), AGREEMENT))
                            .as("shard %d", shard)
                            .isInstanceOf(LostTurnException.class);
                }
                assertThatThrownBy(() -> in(first, late).finishPending(AGREEMENT))
                        .isInstanceOf(LostTurnException.class);
                assertThat(turn.isHeld(Deadline.in(Accounts.PATIENCE))).isTrue();
            }
        }
        assertThat(shardsWith("LATE")).isEmpty();
        assertThat(shardsWith("RIGHT_ONE")).containsExactly(0, 1, 2);
    }

    @Test
    void whatIsNotedIsFinishedInTheNextTurn() throws Exception {
        PendingSchemaChange change = creating("NOTED");
        try (SchemaTurn lost = SchemaTurn.take(first, Accounts.PATIENCE)) {
            new SettingsPath(first.at(0), lost).put(Map.of(PendingSchemaChange.PENDING, change.encode()));
            new SchemaChangePath(first.at(0), lost, Accounts.PATIENCE).define(change, AGREEMENT);
            changeLeader();
            try (SchemaTurn turn = SchemaTurn.take(second, Accounts.PATIENCE)) {
                OverShards next = in(second, turn);
                next.finishPending(AGREEMENT);
                assertThat(shardsWith("NOTED")).containsExactly(0, 1, 2);
                next.carryOut(creating("AFTER_IT"), AGREEMENT);
                // whoever began it finds it done, and ends nothing that is another's
                assertThat(in(first, lost)
                                .toTheEnd(change.repeated(), AGREEMENT)
                                .count())
                        .isZero();
            }
        }
        assertThat(shardsWith("AFTER_IT")).containsExactly(0, 1, 2);
    }

    /** What was sent of a table's rows by a move whose turn is over must not be among those of the next move. */
    @Test
    void rowsOfALateMoveAreNotTaken() throws Exception {
        try (SchemaTurn late = SchemaTurn.take(first, Accounts.PATIENCE)) {
            new Freeze(first, late, Accounts.PATIENCE).begin("1", List.of(new TableName("PUBLIC", "ACC")), AGREEMENT);
            changeLeader();
            try (SchemaTurn turn = SchemaTurn.take(second, Accounts.PATIENCE)) {
                Freeze freeze = new Freeze(second, turn, Accounts.PATIENCE);
                freeze.end(AGREEMENT);
                freeze.begin("2", List.of(new TableName("PUBLIC", "ACC")), AGREEMENT);
                RowMove move = new RowMove(
                        first,
                        new TableName("PUBLIC", "ACC"),
                        "REFERENCE",
                        new RowMove.Limits(1_000, Accounts.PATIENCE),
                        "1");
                assertThatThrownBy(move::send).isInstanceOf(LostTurnException.class);
                assertThatThrownBy(() -> new Freeze(first, late, Accounts.PATIENCE).end(AGREEMENT))
                        .as("nor is the other's table thawed")
                        .isInstanceOf(LostTurnException.class);
                for (int shard = 0; shard < Accounts.SHARDS; shard++) {
                    assertThat(accounts.leader(shard).replica().settings())
                            .containsEntry("table.frozen.PUBLIC.ACC", "2");
                }
                freeze.end(AGREEMENT);
            }
        }
    }
}
