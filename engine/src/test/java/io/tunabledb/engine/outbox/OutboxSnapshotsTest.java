package io.tunabledb.engine.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.log.LogPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxSnapshotsTest {
    @TempDir
    Path directory;

    private OutboxSnapshots.Restored restored() throws IOException {
        return new OutboxSnapshots(false).restore(directory);
    }

    @Test
    void theNewestWholeOneIsTaken() throws Exception {
        OutboxSnapshots snapshots = new OutboxSnapshots(false);
        snapshots.restore(directory);
        snapshots.write(new byte[] {1}, new LogPosition(1, 5));
        snapshots.write(new byte[] {2, 3}, new LogPosition(2, 9));
        assertThat(restored().state()).containsExactly(2, 3);
        Path newest = directory.resolve("snapshot.2_9");
        byte[] whole = Files.readAllBytes(newest);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] = (byte) (damaged[i] ^ 16);
            Files.write(newest, damaged);
            assertThat(restored().at()).as("byte %d", i).isEqualTo(new LogPosition(1, 5));
        }
    }

    /** It would not know of what was accepted after it, or accept it again. */
    @Test
    void oneThatWasRenamedIsPassedOver() throws Exception {
        OutboxSnapshots snapshots = new OutboxSnapshots(false);
        snapshots.restore(directory);
        snapshots.write(new byte[] {1}, new LogPosition(1, 5));
        Files.copy(directory.resolve("snapshot.1_5"), directory.resolve("snapshot.1_7"));
        assertThat(restored().at()).isEqualTo(new LogPosition(1, 5));
        assertThat(directory.resolve("snapshot.1_7.corrupt")).exists();
    }

    @Test
    void oneOfTheVersionBeforeIsRead() throws Exception {
        byte[] state = {7, 8, 9};
        ByteBuffer file = ByteBuffer.allocate(1 + state.length + 4);
        file.put((byte) 1).put(state);
        CRC32C checksum = new CRC32C();
        checksum.update(file.array(), 0, file.position());
        Files.write(
                directory.resolve("snapshot.3_4"),
                file.putInt((int) checksum.getValue()).array());
        assertThat(restored().state()).containsExactly(state);
        assertThat(restored().at()).isEqualTo(new LogPosition(3, 4));
    }
}
