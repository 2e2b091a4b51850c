package io.tunabledb.engine.execute;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.execute.ddl.SchemaChanges;
import io.tunabledb.engine.execute.ddl.SettingsPath;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.TransactionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A schema change whose answer was lost is begun again, under the same name: it is done once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RepeatedDefinitionTest {
    private static final TableName ACC = new TableName("PUBLIC", "ACC");
    private static final String PENDING = "definition.pending";

    private Accounts accounts;

    @BeforeAll
    void open() throws Exception {
        accounts = new Accounts();
    }

    @AfterAll
    void close() {
        if (accounts != null) {
            accounts.close();
        }
    }

    private ShardLeader.Defined define(int shard, TransactionId transactionId, String sql) throws Exception {
        return accounts.leader(shard)
                .define(transactionId, new SchemaChange("PUBLIC", sql), List.of(ACC), false)
                .get(10, TimeUnit.SECONDS);
    }

    /** A second time it would fail, or add to what it did. */
    private void assertOnce(int shard, String column) throws Exception {
        accounts.settle();
        for (int node = 1; node <= Accounts.NODES; node++) {
            Replica replica = accounts.nodes.replica(node, shard);
            assertThat(replica.isAlive()).isTrue();
            assertThat(Accounts.query(replica, "SELECT SUM(" + column + ") FROM ACC"))
                    .isEqualTo(Accounts.ROWS);
        }
    }

    @Test
    void loggedTwiceItIsDoneOnce() throws Exception {
        TransactionId transactionId = new TransactionId(1, 1);
        String sql = "ALTER TABLE ACC ADD COLUMN TWICE INT DEFAULT 1 NOT NULL";
        assertThat(define(1, transactionId, sql).outcome().error()).isNull();
        assertThat(define(1, transactionId, sql).outcome().error())
                .as("the answer of the first")
                .isNull();
        assertOnce(1, "TWICE");
        // and nobody is kept out by the one that was not executed
        SessionState session = accounts.session();
        accounts.commit(session, List.of(accounts.branch(session, 1, Accounts.move(1, 1))));
    }

    @Test
    void whoFinishesItRepeatsItOnlyWhereItIsMissing() throws Exception {
        TransactionId transactionId = new TransactionId(2, 1);
        String sql = "ALTER TABLE ACC ADD COLUMN PART INT DEFAULT 1 NOT NULL";
        PendingSchemaChange change =
                new PendingSchemaChange(transactionId, new SchemaChange("PUBLIC", sql), List.of(ACC), false, false);
        SessionState gone = accounts.session();
        new SettingsPath(gone.at(0)).put(Map.of(PENDING, change.encode()));
        // it is in two shards, and of one of them nobody was told
        define(0, transactionId, sql);
        define(1, transactionId, sql);
        List<Long> logged = logged();
        SessionState next = accounts.session();
        new SchemaChanges(next, new SchemaChanges.Limits(Accounts.PATIENCE, 1_000, 1_000)).recover();
        for (int shard = 0; shard < Accounts.SHARDS; shard++) {
            assertOnce(shard, "PART");
        }
        assertThat(logged().get(1)).as("the log of a shard that had it").isEqualTo(logged.get(1));
        assertThat(logged().get(2)).as("the log of the one that had not").isGreaterThan(logged.get(2));
        assertThat(accounts.leader(0).replica().settings()).doesNotContainKey(PENDING);
    }

    private List<Long> logged() {
        List<Long> logged = new ArrayList<>();
        for (int shard = 0; shard < Accounts.SHARDS; shard++) {
            logged.add(accounts.leader(shard).replica().status().lastIndex());
        }
        return logged;
    }
}
