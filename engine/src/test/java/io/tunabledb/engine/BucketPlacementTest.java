package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.placement.BucketMap;
import io.tunabledb.engine.plan.placement.KeyType;
import io.tunabledb.engine.plan.placement.ShardKey;
import io.tunabledb.engine.plan.placement.Sharding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Storage and plan agree on where the rows of a table are, whatever its key's type is. */
final class BucketPlacementTest {
    private static final int SHARDS = 3;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "TINYINT | -7",
                "BIGINT | 123456789012345",
                "NUMERIC(20, 4) | 12.5000",
                "DECFLOAT(10) | 1E+3",
                "CHAR(5) | 'ab'",
                "VARCHAR | 'Abc '",
                "VARCHAR_IGNORECASE | 'AbC'",
                "UUID | UUID '00000000-0000-0000-0001-000000000002'",
                "DATE | DATE '2026-11-22'",
                "BOOLEAN | TRUE",
                "BINARY(3) | X'0102'",
                "VARBINARY | X'010200'",
            })
    void aRowIsStoredInOneShardAndThereThePlanLooksForIt(String type, String value) throws SQLException {
        int stored = -1;
        for (int shard = 0; shard < SHARDS; shard++) {
            ShardOf here = new ShardOf(shard, SHARDS, new BucketPlacement(SHARDS));
            try (Storage storage = Storage.create("t", SystemSchema.EMPTY, here)) {
                Map<String, String> sharding = Map.of(Catalog.shardSetting("PUBLIC", "T"), "BY K");
                SchemaChangeResult result = storage.define(
                        LedgerRow.unasked(1, 1),
                        new SchemaChange("PUBLIC", "CREATE TABLE T(K " + type + ")", sharding));
                assertThat(result.ok()).as(result.message()).isTrue();
                if (insert(storage, value)) {
                    assertThat(stored).as("in one shard only").isEqualTo(-1);
                    stored = shard;
                    assertThat(planned(Catalog.of(1, storage.catalog(), SHARDS), storage))
                            .isEqualTo(shard);
                }
            }
        }
        assertThat(stored).as("in some shard").isNotNegative();
    }

    private static boolean insert(Storage storage, String value) throws SQLException {
        try (Writer writer = storage.openWriter();
                Statement statement = writer.connection().createStatement()) {
            statement.execute("INSERT INTO T VALUES(" + value + ")");
            assertThat(writer.changes()).isNotNull();
            writer.commit(LedgerRow.unasked(1, 2));
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("TC005");
            return false;
        }
    }

    private static int planned(Catalog catalog, Storage storage) throws SQLException {
        Sharding.By by = (Sharding.By) catalog.sharding("PUBLIC", "T");
        assertThat(by.column()).isEqualTo("K");
        try (Connection reader = storage.openReader();
                Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery("SELECT K FROM T")) {
            assertThat(rows.next()).isTrue();
            Object found =
                    by.type().kind() == KeyType.Kind.DATE ? rows.getObject(1, LocalDate.class) : rows.getObject(1);
            ShardKey key = ShardKey.compared(by.type(), found);
            assertThat(key).as("of " + found).isNotNull();
            return BucketMap.even(SHARDS).shardOf(key.bucket());
        }
    }
}
