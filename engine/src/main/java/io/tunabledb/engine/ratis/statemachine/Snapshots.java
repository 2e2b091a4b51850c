package io.tunabledb.engine.ratis.statemachine;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine.SnapshotFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshot files of one replica: the newest and the one before it, named {@code snapshot.<term>_<index>}. The log
 * keeps everything since the older one, so that a replica whose newest file turns out to be corrupt can start from the
 * other.
 */
public final class Snapshots implements StateMachineStorage {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
    private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");

    private volatile @Nullable Path directory;
    private volatile @Nullable Newest newest;

    void directory(Path where) {
        directory = where;
    }

    /** Takes what was restored for the newest; files that claim to be newer were found invalid and go away. */
    void restored(LogPosition at) throws IOException {
        for (SnapshotFile file : files()) {
            if (file.at().index() > at.index()) {
                LOG.warn("{} is not valid; started from {} instead", file.path(), at);
                Files.move(
                        file.path(),
                        file.path().resolveSibling(file.path().getFileName() + ".corrupt"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        newest = at.equals(LogPosition.ZERO)
                ? null
                : new Newest(at, where().resolve("snapshot." + at.term() + "_" + at.index()));
    }

    /**
     * Takes {@code file} for the newest, and deletes all but the one before it.
     *
     * @return the index up to which the log may be purged; 0 when there is no older file
     */
    public long completed(SnapshotFile file) throws IOException {
        newest = new Newest(file.at(), file.path());
        List<SnapshotFile> older = files().stream()
                .filter(other -> other.at().index() < file.at().index())
                .toList();
        for (SnapshotFile superfluous : older.subList(0, Math.max(0, older.size() - 1))) {
            Files.deleteIfExists(superfluous.path());
            Files.deleteIfExists(
                    MD5FileUtil.getDigestFileForFile(superfluous.path().toFile())
                            .toPath());
        }
        return older.isEmpty() ? 0 : older.get(older.size() - 1).at().index();
    }

    /** Makes sure that the files outlive a power failure. */
    void sync() throws IOException {
        for (SnapshotFile file : files()) {
            try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    /** All snapshot files, oldest first. */
    private List<SnapshotFile> files() throws IOException {
        try (Stream<Path> found = Files.list(where())) {
            return found.flatMap(path -> {
                        Matcher name = NAME.matcher(path.getFileName().toString());
                        return name.matches() ? Stream.of(new SnapshotFile(position(name), path)) : Stream.empty();
                    })
                    .sorted(Comparator.comparingLong(file -> file.at().index()))
                    .toList();
        }
    }

    private static LogPosition position(Matcher name) {
        return new LogPosition(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)));
    }

    private Path where() {
        return Objects.requireNonNull(directory, "not started");
    }

    @Override
    public void init(RaftStorage storage) {
        // the replica tells the directory
    }

    @Override
    public @Nullable SnapshotInfo getLatestSnapshot() {
        return newest;
    }

    @Override
    public void format() {
        // never formatted: the caller owns the directory
    }

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) {
        // done when a snapshot is completed
    }

    /** A snapshot as Ratis sees it. Asked for its position with every append, for its files only to send them. */
    private record Newest(LogPosition at, Path path) implements SnapshotInfo {
        @Override
        public TermIndex getTermIndex() {
            return Positions.toRatis(at);
        }

        @Override
        public List<FileInfo> getFiles() {
            return List.of(new FileInfo(path, MD5FileUtil.computeAndSaveMd5ForFile(path.toFile())));
        }
    }
}
