package io.tunabledb.engine.outbox;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine.SnapshotFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An outbox's state in files, so that its log can be purged: {@code version(1) term(8) index(8) state crc32c(4)}, written beside
 * the ones before and renamed when synced. Two are kept; a damaged one is passed over for the one before, as is one that was
 * renamed. Version 1 has no term and index.
 */
final class OutboxSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxSnapshots.class);
    private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");
    private static final byte FORMAT_BY_NAME = 1;
    private static final byte FORMAT = 2;
    private static final int POSITION_BYTES = 16;
    private static final int KEPT = 2;

    private final boolean sync;
    private volatile @Nullable Path directory;
    private volatile @Nullable SnapshotFile latest;

    OutboxSnapshots(boolean sync) {
        this.sync = sync;
    }

    @Nullable
    SnapshotFile latest() {
        return latest;
    }

    /** A state and what it covers. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Restored(byte @Nullable [] state, LogPosition at) {}

    /** The newest whole one in {@code from}. */
    Restored restore(Path from) throws IOException {
        directory = from;
        for (SnapshotFile file : files(from)) {
            byte[] state = read(file);
            if (state != null) {
                latest = file;
                return new Restored(state, file.at());
            }
            LOG.error("outbox snapshot {} is damaged, falling back to the one before", file.path());
            Files.move(
                    file.path(),
                    file.path().resolveSibling(file.path().getFileName() + ".corrupt"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        latest = null;
        return new Restored(null, LogPosition.ZERO);
    }

    private static byte @Nullable [] read(SnapshotFile file) throws IOException {
        byte[] bytes = Files.readAllBytes(file.path());
        int end = bytes.length - 4;
        if (bytes.length < 5 || ByteBuffer.wrap(bytes).getInt(end) != checksum(bytes, end)) {
            return null;
        }
        if (bytes[0] == FORMAT_BY_NAME) {
            return Arrays.copyOfRange(bytes, 1, end);
        }
        if (bytes[0] != FORMAT || end < 1 + POSITION_BYTES) {
            return null;
        }
        ByteBuffer position = ByteBuffer.wrap(bytes, 1, POSITION_BYTES);
        LogPosition at = new LogPosition(position.getLong(), position.getLong());
        if (!at.equals(file.at())) {
            LOG.error("{} holds the state at {}: somebody has mixed up or renamed files", file.path(), at);
            return null;
        }
        return Arrays.copyOfRange(bytes, 1 + POSITION_BYTES, end);
    }

    void write(byte[] state, LogPosition at) throws IOException {
        Path into = directory;
        if (into == null) {
            throw new IllegalStateException("no snapshot directory before the first restore");
        }
        ByteBuffer out = ByteBuffer.allocate(1 + POSITION_BYTES + state.length + 4);
        out.put(FORMAT).putLong(at.term()).putLong(at.index()).put(state);
        out.putInt(checksum(out.array(), out.position())).flip();
        Path target = into.resolve("snapshot." + at.term() + "_" + at.index());
        Path part = into.resolve("snapshot.part");
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            while (out.hasRemaining()) {
                channel.write(out);
            }
            if (sync) {
                channel.force(true);
            }
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (sync) {
            // on Linux a rename is durable only once its directory is
            try (FileChannel channel = FileChannel.open(into, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
        latest = new SnapshotFile(at, target);
        List<SnapshotFile> all = files(into);
        for (SnapshotFile old : all.subList(Math.min(KEPT, all.size()), all.size())) {
            Files.deleteIfExists(old.path());
        }
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** Newest first. */
    private static List<SnapshotFile> files(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> NAME.matcher(path.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> new SnapshotFile(
                            new LogPosition(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))),
                            directory.resolve(name.group())))
                    .sorted(Comparator.comparingLong(
                                    (SnapshotFile file) -> file.at().index())
                            .reversed())
                    .toList();
        }
    }
}
