package io.tunabledb.engine.shard.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.log.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotKeeperTest {
    private static final int ROWS = 20_000;

    @TempDir
    Path directory;

    /** As when a replica is closed while it writes one. */
    @Test
    void twoAtOnceDontMeetInOneFile() throws Exception {
        SnapshotKeeper.Content content = new SnapshotKeeper.Content("KEPT", SystemSchema.EMPTY, ShardOf.ONLY);
        SnapshotKeeper keeper = new SnapshotKeeper("n1", false, content);
        try (Storage storage = keeper.restore(directory).storage()) {
            storage.define(
                    LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT PRIMARY KEY, V UUID)"));
            try (Writer writer = storage.openWriter();
                    Statement statement = writer.connection().createStatement()) {
                statement.execute("INSERT INTO T SELECT X, RANDOM_UUID() FROM SYSTEM_RANGE(1, " + ROWS + ")");
                assertThat(writer.changes()).isNotNull();
                writer.commit(LedgerRow.unasked(1, 2));
            }
            CyclicBarrier together = new CyclicBarrier(2);
            List<CompletableFuture<Void>> writes = new ArrayList<>();
            for (int index = 2; index <= 3; index++) {
                LogPosition at = new LogPosition(1, index);
                Pin pin = storage.pin();
                storage.advance(1, index);
                writes.add(CompletableFuture.runAsync(() -> {
                    try (pin) {
                        together.await(10, TimeUnit.SECONDS);
                        keeper.write(pin, at);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }));
            }
            for (CompletableFuture<Void> write : writes) {
                write.get(30, TimeUnit.SECONDS);
            }
        }
        SnapshotKeeper.Restored restored = new SnapshotKeeper("n1", false, content).restore(directory);
        try (Storage storage = restored.storage();
                var connection = storage.openReader();
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
            assertThat(restored.at()).isEqualTo(new LogPosition(1, 3));
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(ROWS);
        }
    }

    /** A view reads what the engine no longer shows where the snapshot is to be loaded. */
    @Test
    void whatWouldNotComeBackIsKeptOut() throws Exception {
        SystemSchema shown = new SystemSchema(
                List.of(new SystemTable("SHOWN", List.of(SystemTable.text("A")), List::of)), List.of());
        SnapshotKeeper before = new SnapshotKeeper("n1", false, new SnapshotKeeper.Content("K", shown, ShardOf.ONLY));
        SnapshotKeeper keeper =
                new SnapshotKeeper("n1", false, new SnapshotKeeper.Content("K", SystemSchema.EMPTY, ShardOf.ONLY));
        keeper.restore(directory).storage().close();
        try (Storage storage = before.restore(directory).storage()) {
            storage.define(LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT)"));
            write(keeper, storage, 1);
            LogPosition right = Objects.requireNonNull(keeper.latest()).at();
            storage.define(
                    LedgerRow.unasked(1, 2),
                    new SchemaChange("PUBLIC", "CREATE VIEW V AS SELECT A FROM TUNABLE.SHOWN"));
            assertThatThrownBy(() -> write(keeper, storage, 2))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("TABLE_NAME=V");
            keeper.failed(new LogPosition(1, 2), new IOException("the reason"));
            assertThat(keeper.error()).isEqualTo("snapshot at index 2: the reason");
            assertThat(Objects.requireNonNull(keeper.latest()).at()).isEqualTo(right);
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files.map(file -> file.getFileName().toString())).containsExactly("snapshot.1_1");
            }
            storage.define(LedgerRow.unasked(1, 3), new SchemaChange("PUBLIC", "DROP VIEW V"));
            write(keeper, storage, 3);
            assertThat(keeper.error()).isNull();
            assertThat(Objects.requireNonNull(keeper.latest()).at()).isEqualTo(new LogPosition(1, 3));
        }
    }

    /** Somebody who mixes up files, or renames one, must not make a replica believe that it has what it has not. */
    @Test
    void oneThatBelongsElsewhereIsPassedOver() throws Exception {
        SnapshotKeeper.Content content = new SnapshotKeeper.Content("K", SystemSchema.EMPTY, ShardOf.ONLY);
        SnapshotKeeper keeper = new SnapshotKeeper("n1", false, content);
        try (Storage storage = keeper.restore(directory).storage()) {
            storage.define(LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT)"));
            write(keeper, storage, 1);
            storage.define(LedgerRow.unasked(1, 2), new SchemaChange("PUBLIC", "CREATE TABLE U(ID INT)"));
            write(keeper, storage, 2);
        }
        Files.copy(directory.resolve("snapshot.1_1"), directory.resolve("snapshot.1_9"));
        assertThat(restored(content)).isEqualTo(new LogPosition(1, 2));
        assertThat(directory.resolve("snapshot.1_9.corrupt")).exists();
        SnapshotKeeper.Content second =
                new SnapshotKeeper.Content("K", SystemSchema.EMPTY, new ShardOf(1, 2, ShardOf.ONLY.placement()));
        assertThat(restored(second)).isEqualTo(LogPosition.ZERO);
    }

    /** Those that a version before wrote are known by their names only. */
    @Test
    void oneWithoutASealIsTaken() throws Exception {
        SnapshotKeeper.Content content = new SnapshotKeeper.Content("K", SystemSchema.EMPTY, ShardOf.ONLY);
        SnapshotKeeper keeper = new SnapshotKeeper("n1", false, content);
        try (Storage storage = keeper.restore(directory).storage()) {
            storage.define(LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT)"));
            write(keeper, storage, 1);
        }
        Path file = directory.resolve("snapshot.1_1");
        byte[] sealed = Files.readAllBytes(file);
        for (int lost = 1; lost <= 36; lost++) {
            Files.write(file, Arrays.copyOf(sealed, sealed.length - lost));
            LogPosition found = restored(content);
            assertThat(found)
                    .as("without %d bytes", lost)
                    .isEqualTo(lost == 36 ? new LogPosition(1, 1) : LogPosition.ZERO);
        }
    }

    private LogPosition restored(SnapshotKeeper.Content content) throws IOException {
        SnapshotKeeper.Restored restored = new SnapshotKeeper("n1", false, content).restore(directory);
        restored.storage().close();
        return restored.at();
    }

    private static void write(SnapshotKeeper keeper, Storage storage, long index) throws Exception {
        try (Pin pin = storage.pin()) {
            keeper.write(pin, new LogPosition(1, index));
        }
    }
}
