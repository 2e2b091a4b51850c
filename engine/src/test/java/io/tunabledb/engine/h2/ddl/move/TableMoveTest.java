package io.tunabledb.engine.h2.ddl.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Departures;
import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.ShardedReplicas;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeBlockedException;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What storage does of a move: freeze, rows on their way, and the swap. */
final class TableMoveTest {
    private static final TableName T = new TableName("PUBLIC", "T");
    private static final String COUNT = "SELECT COUNT(*) FROM T";

    private final ShardedReplicas shards = new ShardedReplicas(2);

    @AfterEach
    void close() {
        shards.close();
    }

    private void freeze(String number) {
        assertThat(shards.define("", Map.of("table.frozen.PUBLIC.T", number))).matches(SchemaChangeResult::ok);
    }

    private Map<String, String> to(String sharding, String number) {
        return Map.of("table.shard.PUBLIC.T", sharding, "table.moved.PUBLIC.T", number, "table.frozen.", "");
    }

    /** As the coordinator does it: a chunk is a transaction in the shard it is for. */
    private void send(String sharding, int chunkBytes) throws SQLException {
        long[] number = {0};
        for (Replicas from : shards.all) {
            try (Departures departures = from.leader.trying().departures(T, sharding)) {
                departures.send(1_000, chunkBytes, (shard, rows, chunk) -> {
                    try (Writer writer = shards.all.get(shard).leader.openAdminWriter()) {
                        writer.own().arrive(++number[0], chunk);
                        shards.all.get(shard).commit(writer);
                    }
                });
            }
        }
    }

    private long count(int shard) throws SQLException {
        return Long.parseLong(String.valueOf(
                Replicas.rows(shards.all.get(shard).leader, COUNT).get(0).get(0)));
    }

    @Test
    void rowsAreSwappedInOneStepOnEveryReplica() throws Exception {
        shards.defined("CREATE TABLE T(ID INT NOT NULL, V VARCHAR)", "CREATE INDEX IX ON T(V)");
        shards.insert(0, "INSERT INTO T SELECT X, 'v' || X FROM SYSTEM_RANGE(1, 100)");
        freeze("a");
        send("BY ID", 100);
        assertThat(count(0)).as("nothing shows before").isEqualTo(100);
        assertThat(count(1)).isZero();
        shards.reloadFollowers();
        shards.failOver();
        assertThat(shards.define("", to("BY ID", "a"))).matches(SchemaChangeResult::ok);
        assertThat(count(0) + count(1)).isEqualTo(100);
        assertThat(count(1)).isPositive();
        shards.assertSame();
        // there are no guards left, and what was sent is gone with the freeze
        shards.insert(1, "UPDATE T SET V = 'w'");
        assertThat(Replicas.rows(shards.all.get(1).leader, "SELECT COUNT(*) FROM T WHERE V = 'w'"))
                .isEqualTo(List.of(List.of(String.valueOf(count(1)))));
        shards.reloadFollowers();
        shards.assertSame();
    }

    @Test
    void aFrozenTableKeepsItsRowsWhoeverLeads() throws Exception {
        shards.defined("CREATE TABLE P(ID INT PRIMARY KEY)");
        shards.defined("CREATE TABLE T(ID INT PRIMARY KEY, P INT REFERENCES P ON DELETE CASCADE)");
        shards.insert(0, "INSERT INTO P VALUES (1)");
        shards.insert(0, "INSERT INTO T VALUES (1, 1)");
        freeze("a");
        for (int turn = 0; turn < 3; turn++) {
            for (String change :
                    List.of("INSERT INTO T VALUES (2, 1)", "UPDATE T SET P = 1", "DELETE FROM T", "DELETE FROM P")) {
                assertThatThrownBy(() -> shards.insert(0, change))
                        .as(change)
                        .isInstanceOf(SQLException.class)
                        .extracting("SQLState")
                        .isEqualTo("40001");
            }
            assertThat(count(0)).isEqualTo(1);
            shards.reloadFollowers();
            shards.failOver();
        }
        assertThat(shards.define("", Map.of("table.frozen.", ""))).matches(SchemaChangeResult::ok);
        shards.insert(0, "DELETE FROM P");
        assertThat(count(0)).isZero();
        shards.assertSame();
    }

    @Test
    void whatWasSentForAnotherMoveIsThrownAway() throws Exception {
        shards.defined("CREATE TABLE T(ID INT PRIMARY KEY)");
        shards.insert(0, "INSERT INTO T SELECT X FROM SYSTEM_RANGE(1, 20)");
        freeze("a");
        send("BY ID", 1_000);
        assertThat(shards.define("", Map.of("table.frozen.", ""))).matches(SchemaChangeResult::ok);
        freeze("b");
        assertThat(shards.all
                        .get(0)
                        .define(new SchemaChange("PUBLIC", "", to("BY ID", "a")))
                        .message())
                .as("a move whose freeze was ended")
                .contains("would have to move");
        send("BY ID", 1_000);
        assertThat(shards.define("", to("BY ID", "b"))).matches(SchemaChangeResult::ok);
        assertThat(count(0) + count(1)).isEqualTo(20);
        shards.assertSame();
    }

    @Test
    void aRowLockedByAReaderBlocksAndChangesNothing() throws Exception {
        shards.defined("CREATE TABLE T(ID INT PRIMARY KEY)");
        shards.insert(0, "INSERT INTO T SELECT X FROM SYSTEM_RANGE(1, 20)");
        freeze("a");
        send("BY ID", 1_000);
        Storage leader = shards.all.get(0).leader;
        try (Writer reader = leader.openWriter();
                var statement = reader.connection().createStatement()) {
            statement.execute("SELECT * FROM T FOR UPDATE");
            LedgerRow row = LedgerRow.unasked(9, leader.appliedIndex() + 1);
            assertThatThrownBy(() -> leader.define(row, new SchemaChange("PUBLIC", "", to("BY ID", "a"))))
                    .isInstanceOf(SchemaChangeBlockedException.class);
            reader.rollback();
        }
        assertThat(count(0)).isEqualTo(20);
        assertThat(shards.define("", to("BY ID", "a"))).matches(SchemaChangeResult::ok);
        assertThat(count(0) + count(1)).isEqualTo(20);
        shards.assertSame();
    }
}
