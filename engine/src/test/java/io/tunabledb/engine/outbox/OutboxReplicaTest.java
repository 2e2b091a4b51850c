package io.tunabledb.engine.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an outbox's log drives: numbers without gaps, the same state from log and snapshot. */
class OutboxReplicaTest {
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path folder;

    private final AtomicInteger snapshots = new AtomicInteger();
    private OutboxReplica replica;
    private long index;

    @BeforeEach
    void begin() throws IOException {
        replica = restored();
        log(new LogRecord.Begin(42));
    }

    private OutboxReplica restored() throws IOException {
        OutboxReplica made = new OutboxReplica("test", true, Runnable::run);
        made.attach(new Log(), () -> {});
        made.restore(folder);
        return made;
    }

    private void log(LogRecord entry) {
        replica.apply(new LogPosition(1, ++index), entry.encode(), null);
    }

    private static byte[] entry(int size) {
        // of the format that says no shard: the first one
        byte[] bytes = new byte[size];
        bytes[0] = 1;
        return bytes;
    }

    @Test
    void numbersFollowTheLog() {
        log(new LogRecord.Accept(List.of(entry(1), entry(2))));
        log(new LogRecord.Begin(43));
        log(new LogRecord.Accept(List.of(entry(3))));
        log(new LogRecord.Forwarded(0, 2, 1));
        PendingWrites.Counts counts = replica.pending().counts();
        assertThat(counts).isEqualTo(new PendingWrites.Counts(42, 3, 2, 1, 1, 3));
        assertThat(replica.pending().after(0, 0, 10, 100))
                .extracting(QueuedWrite::number)
                .containsExactly(3L);
        log(new LogRecord.Forwarded(0, 1, 0));
        assertThat(replica.pending().counts()).isEqualTo(counts);
    }

    @Test
    void aBatchIsBoundedButNeverEmpty() {
        log(new LogRecord.Accept(List.of(entry(50), entry(50), entry(50))));
        assertThat(replica.pending().after(0, 0, 2, 1_000))
                .extracting(QueuedWrite::number)
                .containsExactly(1L, 2L);
        assertThat(replica.pending().after(0, 0, 9, 110))
                .extracting(QueuedWrite::number)
                .containsExactly(1L, 2L);
        assertThat(replica.pending().after(0, 1, 9, 10))
                .extracting(QueuedWrite::number)
                .containsExactly(2L);
        assertThat(replica.pending().after(0, 3, 9, 10)).isEmpty();
    }

    @Test
    void aSnapshotHasWhatTheLogHad() throws IOException {
        for (int i = 0; i < 30; i++) {
            log(new LogRecord.Accept(List.of(entry(MEGABYTE))));
            log(new LogRecord.Forwarded(0, i, i / 10));
        }
        assertThat(snapshots.get()).isPositive();
        PendingWrites.Counts atSnapshot = restored().pending().counts();
        assertThat(atSnapshot.incarnation()).isEqualTo(42);
        assertThat(atSnapshot.pending()).isEqualTo(atSnapshot.accepted() - atSnapshot.forwarded());
        assertThat(atSnapshot.accepted()).isBetween(8L, 30L);
    }

    @Test
    void aDamagedSnapshotFallsBackToTheOneBefore() throws IOException {
        for (int i = 0; i < 40; i++) {
            log(new LogRecord.Accept(List.of(entry(MEGABYTE))));
            log(new LogRecord.Forwarded(0, i, 0));
        }
        assertThat(snapshots.get()).isGreaterThan(2);
        long whole = restored().pending().counts().accepted();
        List<Path> files = new ArrayList<>();
        try (var list = Files.list(folder)) {
            list.sorted().forEach(files::add);
        }
        assertThat(files).hasSize(2);
        byte[] bytes = Files.readAllBytes(files.get(1));
        bytes[bytes.length / 2] ^= 1;
        Files.write(files.get(1), bytes);
        assertThat(restored().pending().counts().accepted()).isLessThan(whole).isPositive();
    }

    /** One number after the other over all shards; each shard's part goes for itself, and a snapshot keeps that. */
    @Test
    void aShardThatIsInReachNeedNotWaitForOneThatIsNot() throws IOException {
        log(new LogRecord.Accept(List.of(inShard(1), inShard(2), inShard(1), inShard(0))));
        log(new LogRecord.Forwarded(1, 3, 1));
        assertThat(numbers(replica, 0)).containsExactly(4L);
        assertThat(numbers(replica, 1)).isEmpty();
        assertThat(numbers(replica, 2)).containsExactly(2L);
        PendingWrites copy = new PendingWrites();
        copy.restore(replica.pending().encode());
        assertThat(copy.counts()).isEqualTo(replica.pending().counts());
        assertThat(copy.rejected(1)).isEqualTo(1);
        assertThat(copy.after(2, 0, 9, 999))
                .usingRecursiveComparison()
                .isEqualTo(replica.pending().after(2, 0, 9, 999));
        assertThat(copy.accept(new LogRecord.Accept(List.of(inShard(1))))).isEqualTo(5);
    }

    private static List<Long> numbers(OutboxReplica replica, int shard) {
        return replica.pending().after(shard, 0, 9, 999).stream()
                .map(QueuedWrite::number)
                .toList();
    }

    private static byte[] inShard(int shard) {
        return new OutboxEntry(shard, Instant.EPOCH, 1, 0, List.of(), List.of()).encode();
    }

    /** What an outbox kept before there were several shards. */
    @Test
    void whatWasKeptWithoutShardsIsOfTheFirst() {
        ByteBuffer old = ByteBuffer.allocate(4 * 8 + 4 + 2 * (4 + 3));
        old.putLong(42).putLong(9).putLong(7).putLong(1).putInt(2);
        old.putInt(3).put(entry(3)).putInt(3).put(entry(3));
        PendingWrites pending = new PendingWrites();
        pending.restore(old.array());
        assertThat(pending.counts()).isEqualTo(new PendingWrites.Counts(42, 9, 7, 1, 2, 6));
        assertThat(pending.after(0, 0, 9, 99)).extracting(QueuedWrite::number).containsExactly(8L, 9L);
        byte[] forwarded = ByteBuffer.allocate(18)
                .put((byte) 1)
                .put((byte) 'F')
                .putLong(8)
                .putLong(2)
                .array();
        assertThat(LogRecord.decode(forwarded)).isEqualTo(new LogRecord.Forwarded(0, 8, 2));
    }

    @Test
    void entriesSurviveTheirBytes() {
        OutboxEntry entry = new OutboxEntry(
                3,
                Instant.ofEpochSecond(5, 7_000),
                9,
                4,
                List.of("SET SCHEMA Ä"),
                List.of(new OutboxEntry.Step("UPDATE 'ö'", new byte[] {1, 2}), new OutboxEntry.Step("", new byte[0])));
        byte[] bytes = entry.encode();
        assertThat(OutboxEntry.decode(bytes)).usingRecursiveComparison().isEqualTo(entry);
        assertThat(OutboxEntry.acceptedAt(bytes)).isEqualTo(entry.acceptedAt());
        assertThat(OutboxEntry.shard(bytes)).isEqualTo(3);
        for (int length = 0; length < bytes.length; length++) {
            byte[] torn = java.util.Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> OutboxEntry.decode(torn)).isInstanceOf(IllegalStateException.class);
        }
    }

    /** Counts the snapshots it is told of. */
    private final class Log implements ShardLog {
        @Override
        public void look() {}

        @Override
        public void handOver(int node) {}

        @Override
        public @Nullable Shortage shortage() {
            return null;
        }

        @Override
        public CompletableFuture<LogPosition> append(byte[] entry, Object held) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Long> readIndex() {
            throw new UnsupportedOperationException();
        }

        @Override
        public LogStatus status() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void snapshotCompleted() {
            snapshots.incrementAndGet();
        }

        @Override
        public void fail(Throwable cause) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }
}
