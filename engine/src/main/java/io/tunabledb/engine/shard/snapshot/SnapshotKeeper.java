package io.tunabledb.engine.shard.snapshot;

import io.tunabledb.engine.h2.SnapshotCheck;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.snapshot.CorruptSnapshotException;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine.SnapshotFile;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshot files of one replica: written beside the old one, read back and compared, synced, renamed; the two newest
 * are kept, so that a torn or corrupt one can fall back to the one before. Until it is renamed a file is not known, so
 * one that can't be restored covers no log.
 */
public final class SnapshotKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotKeeper.class);
    private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");
    private static final int KEPT = 2;
    private static final String PART = "snapshot.part";

    private final String label;
    private final boolean sync;
    private final Content content;
    private final SnapshotCheck check;
    private volatile @Nullable Path directory;
    private volatile @Nullable SnapshotFile latest;
    private volatile @Nullable String error;

    public SnapshotKeeper(String label, boolean sync, Content content) {
        this.label = label;
        this.sync = sync;
        this.content = content;
        check = new SnapshotCheck(content.database(), content.system(), content.shard());
    }

    /** What its storage is beside what the files say. */
    public record Content(String database, SystemSchema system, ShardOf shard) {}

    @Nullable
    public SnapshotFile latest() {
        return latest;
    }

    /** Why there is none newer; null when the last one is right, or none was asked for yet. */
    @Nullable
    public String error() {
        return error;
    }

    /** The last one, as of {@code at}, came to nothing. Said loudly when it is news. */
    public void failed(LogPosition at, Throwable why) {
        String reason = why instanceof StackOverflowError ? why.toString() : String.valueOf(why.getMessage());
        String before = error;
        error = "snapshot at index " + at.index() + ": " + reason;
        if (before == null || !before.endsWith(": " + reason)) {
            LOG.error("{}: no snapshot at index {}; the log is kept until one succeeds", label, at.index(), why);
        }
    }

    /** What a directory held: storage at a position. */
    public record Restored(Storage storage, LogPosition at) {}

    /** Loads the newest file that is whole; an empty storage when there is none. */
    public Restored restore(Path from) throws IOException {
        Files.createDirectories(from);
        directory = from;
        for (SnapshotFile file : files(from)) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file.path()), 1 << 16)) {
                Storage storage = Storage.load(content.database(), content.system(), content.shard(), in);
                requireSealed(storage, in, file.at());
                latest = file;
                return new Restored(storage, file.at());
            } catch (CorruptSnapshotException e) {
                LOG.error("{}: snapshot {} can't be used, falling back to the one before", label, file.path(), e);
                Files.move(
                        file.path(),
                        file.path().resolveSibling(file.path().getFileName() + ".corrupt"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        latest = null;
        return new Restored(Storage.create(content.database(), content.system(), content.shard()), LogPosition.ZERO);
    }

    private void requireSealed(Storage storage, InputStream in, LogPosition at) throws IOException {
        try {
            SnapshotSeal.require(in, content.shard(), at);
        } catch (IOException e) {
            storage.close();
            throw e;
        }
    }

    /**
     * Streams {@code pin} to a new file, the state as of {@code at}, and reads it back. Writes nothing when there is one as new already. One at
     * a time: the last one, when the replica is closed, waits for one that is being written.
     */
    public synchronized void write(Pin pin, LogPosition at) throws IOException {
        Path into = directory;
        if (into == null) {
            throw new IllegalStateException(label + ": no snapshot directory before the first restore");
        }
        SnapshotFile before = latest;
        if (before != null && before.at().index() >= at.index()) {
            return;
        }
        Path target = into.resolve("snapshot." + at.term() + "_" + at.index());
        Path part = into.resolve(PART);
        try {
            pin.noteSchema();
        } catch (SQLException e) {
            throw new IOException("the schema can't be looked at: " + e.getMessage(), e);
        }
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            BufferedOutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            pin.writeTo(out);
            SnapshotSeal.write(out, content.shard(), at);
            out.flush();
            if (sync) {
                channel.force(true);
            }
        }
        requireSame(pin, part);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (sync) {
            syncDirectory(into);
        }
        latest = new SnapshotFile(at, target);
        error = null;
        List<SnapshotFile> all = files(into);
        for (SnapshotFile old : all.subList(Math.min(KEPT, all.size()), all.size())) {
            Files.deleteIfExists(old.path());
        }
    }

    /** Gives the room of one that could not be finished back to the log. */
    public synchronized void discard() {
        Path into = directory;
        try {
            if (into != null && Files.isRegularFile(into.resolve(PART))) {
                Files.delete(into.resolve(PART));
            }
        } catch (IOException e) {
            LOG.debug("{}: what there is of a snapshot stays", label, e);
        }
    }

    private void requireSame(Pin pin, Path part) throws IOException {
        String difference;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(part), 1 << 16)) {
            difference = check.difference(pin, in);
        }
        if (difference != null) {
            Files.delete(part);
            throw new IOException("it would not be restored as it was: " + difference);
        }
    }

    private static void syncDirectory(Path directory) throws IOException {
        // on Linux a rename is durable only once its directory is
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Newest first. */
    private static List<SnapshotFile> files(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(Files::isRegularFile)
                    .map(SnapshotKeeper::parse)
                    .flatMap(Optional::stream)
                    .sorted(Comparator.comparingLong(
                                    (SnapshotFile file) -> file.at().index())
                            .reversed())
                    .toList();
        }
    }

    private static Optional<SnapshotFile> parse(Path path) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        return name.matches()
                ? Optional.of(new SnapshotFile(
                        new LogPosition(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))), path))
                : Optional.empty();
    }
}
