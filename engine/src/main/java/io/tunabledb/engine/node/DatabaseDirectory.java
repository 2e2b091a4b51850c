package io.tunabledb.engine.node;

import io.tunabledb.engine.h2.internals.Compatibility;
import io.tunabledb.engine.log.NoRoomException;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.ratis.files.GroupFolders;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a database's nodes keep their logs and snapshots: one folder per node and a small file that fixes what can't
 * change after creation. Held by one process at a time.
 */
public final class DatabaseDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseDirectory.class);
    private static final String FORMAT_VERSION = "1";
    /** Of a database that a library which knows no dialects must not open. */
    private static final String FORMAT_WITH_DIALECT = "2";

    private static final String MODE = "mode";
    /** Only of a database whose letters are not the usual ones. */
    private static final String LETTERS = "letters";

    private static final String NULL_ORDERING = "defaultNullOrdering";
    private static final String META = "tunable.properties";
    /** A node's folder, and that of its outbox. */
    private static final Pattern NODE_FOLDER = Pattern.compile("n\\d+(\\.outbox)?");

    private static final String FORMED = "formed";
    private static final String CHECKSUM = "checksum";
    /** In the folder of a node that has not got its vote back. */
    private static final String REJOINING = "rejoining";

    private static final int PROBE_BYTES = 1 << 20;
    /** Before the name of an entry that is left out. */
    private static final String SKIPPED = "skipped.";

    private static final long MEM_NEEDS_BYTES = 256L << 20;

    private final Path root;
    private final UUID database;
    private boolean formed;
    /** Nodes whose folders say that they rejoin. */
    private final Set<Integer> rejoining = ConcurrentHashMap.newKeySet();

    private volatile List<SkippedEntry> skipped = List.of();
    private final boolean isTemporary;
    private final Compatibility compatibility;
    private final @Nullable FileChannel lockChannel;

    private DatabaseDirectory(
            Path root,
            UUID database,
            boolean formed,
            boolean isTemporary,
            Compatibility compatibility,
            @Nullable FileChannel lockChannel) {
        this.root = root;
        this.database = database;
        this.formed = formed;
        this.isTemporary = isTemporary;
        this.compatibility = compatibility;
        this.lockChannel = lockChannel;
    }

    /**
     * A folder for a database that lives in memory. Ratis keeps its log in files, so they go to a file system that is
     * memory, where there is one with room, and to the temporary directory otherwise; deleted at close either way.
     */
    public static DatabaseDirectory temporary() throws IOException {
        return temporary(Compatibility.REGULAR);
    }

    /** The same, in a dialect. */
    public static DatabaseDirectory temporary(Compatibility compatibility) throws IOException {
        Path memory = Path.of("/dev/shm");
        boolean roomy = Files.isWritable(memory) && Files.getFileStore(memory).getUsableSpace() > MEM_NEEDS_BYTES;
        Path parent = roomy ? memory : Path.of(System.getProperty("java.io.tmpdir"));
        TemporaryFolders.sweep(parent);
        return new DatabaseDirectory(
                TemporaryFolders.create(parent), UUID.randomUUID(), false, true, compatibility, null);
    }

    /**
     * The folder of a database on disk, created if it is not there.
     *
     * @throws NoRoomException the disk takes nothing, so that no node could start
     * @throws IOException when another process holds it, or it was created with other settings
     */
    public static DatabaseDirectory open(Path root, int shards, int replicas) throws IOException {
        return open(root, shards, replicas, Compatibility.Asked.NOTHING);
    }

    /**
     * The same.
     *
     * @param asked what it must have been created with; a part that is not said is as it is
     */
    public static DatabaseDirectory open(Path root, int shards, int replicas, Compatibility.Asked asked)
            throws IOException {
        Files.createDirectories(root);
        FileChannel channel = lock(root);
        try {
            requireRoom(root);
            Path meta = root.resolve(META);
            if (!Files.exists(meta)) {
                requireNothingLeft(root);
                create(meta, shards, replicas, asked.chosen());
            }
            Properties properties = read(meta, shards, replicas);
            UUID database = identity(meta, properties);
            Compatibility compatibility = compatibility(meta, properties);
            String difference = asked.differenceTo(compatibility);
            if (difference != null) {
                throw new IOException("the database in " + root + " " + difference + "; this is fixed at creation");
            }
            String letters = LetterCase.refusal(properties.getProperty(LETTERS));
            if (letters != null) {
                throw new IOException("the database in " + root + " " + letters);
            }
            DatabaseDirectory directory = new DatabaseDirectory(
                    root, database, properties.containsKey(FORMED), false, compatibility, channel);
            directory.skipped = skipped(meta, properties);
            return directory;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The file is made before any folder: folders without it are those of a database that has lost it. */
    private static void requireNothingLeft(Path root) throws IOException {
        List<String> left;
        try (Stream<Path> content = Files.list(root)) {
            left = content.map(path -> path.getFileName().toString())
                    .filter(name -> NODE_FOLDER.matcher(name).matches())
                    .sorted()
                    .toList();
        }
        if (!left.isEmpty()) {
            throw new IOException("the database in " + root + " has lost its file " + META + ", which says what it is; "
                    + "the folders " + left
                    + " are still there, and nothing was changed in them; put the file back, from a backup or"
                    + " from another copy of this database, or move the folders away to begin with an empty"
                    + " one");
        }
    }

    private static UUID identity(Path meta, Properties properties) throws IOException {
        String found = properties.getProperty("database", "");
        try {
            return UUID.fromString(found);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    meta + " is damaged: database=" + found
                            + " is no database's id; put the file back from a backup, the"
                            + " nodes' folders beside it were not changed",
                    e);
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        Path file = root.resolve("tunable.lock");
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is damaged: it is a folder, and was an empty file; remove it");
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new NoRoomException(Shortage.after(e, root, PROBE_BYTES), e);
        }
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException("the database in " + root
                    + " is open in another process; a path belongs to one process at a time: close it there first");
        }
        return channel;
    }

    private static Compatibility compatibility(Path meta, Properties properties) throws IOException {
        try {
            return new Compatibility.Asked(properties.getProperty(MODE), properties.getProperty(NULL_ORDERING))
                    .chosen();
        } catch (IllegalArgumentException e) {
            throw new IOException(meta + " is damaged: " + e.getMessage() + "; put the file back from a backup", e);
        }
    }

    private static void create(Path meta, int shards, int replicas, Compatibility compatibility) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("format", FORMAT_VERSION);
        if (!compatibility.equals(Compatibility.REGULAR)) {
            properties.setProperty("format", FORMAT_WITH_DIALECT);
            properties.setProperty(MODE, compatibility.mode());
            properties.setProperty(NULL_ORDERING, compatibility.nullOrdering());
        }
        if (!LetterCase.ofJvm().isEmpty()) {
            properties.setProperty(LETTERS, LetterCase.ofJvm());
        }
        properties.setProperty("database", UUID.randomUUID().toString());
        properties.setProperty("shards", Integer.toString(shards));
        properties.setProperty("replicas", Integer.toString(replicas));
        write(meta, properties);
    }

    private static void write(Path meta, Properties properties) throws IOException {
        Path part = meta.resolveSibling(META + ".part");
        properties.setProperty(CHECKSUM, checksum(properties));
        try (OutputStream out = Files.newOutputStream(part)) {
            properties.store(out, "TunableDB; do not edit");
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(part, meta, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Of all that is in it, in order. */
    private static String checksum(Properties properties) {
        CRC32C checksum = new CRC32C();
        new TreeMap<>(properties).forEach((key, value) -> {
            if (!key.equals(CHECKSUM)) {
                checksum.update((key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
        return Long.toHexString(checksum.getValue());
    }

    private static Properties read(Path meta, int shards, int replicas) throws IOException {
        Properties properties = load(meta);
        if (!FORMAT_WITH_DIALECT.equals(properties.getProperty("format"))) {
            require(meta, properties, "format", FORMAT_VERSION, "this library reads format ");
        }
        require(meta, properties, "shards", Integer.toString(shards), "the URL says ");
        require(meta, properties, "replicas", Integer.toString(replicas), "the URL says ");
        return properties;
    }

    private static Properties load(Path meta) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(meta)) {
            properties.load(in);
        } catch (IllegalArgumentException e) {
            throw new IOException(meta + " is damaged: " + e.getMessage() + "; put it back from a backup", e);
        } catch (IOException e) {
            throw new IOException(meta + " can't be read: " + e.getMessage() + "; put it back from a backup", e);
        }
        String found = properties.getProperty(CHECKSUM);
        // versions before this one wrote none
        if (found != null && !found.equals(checksum(properties))) {
            throw new IOException(meta + " is damaged: it has checksum " + found + ", and its content has "
                    + checksum(properties)
                    + "; put the file back from a backup, the nodes' folders beside it were not changed");
        }
        return properties;
    }

    private static void require(Path meta, Properties properties, String key, String wanted, String who)
            throws IOException {
        String found = properties.getProperty(key);
        if (found == null) {
            throw new IOException(meta + " is damaged: it has no " + key
                    + "; put the file back from a backup, the nodes' folders beside it were not changed");
        }
        if (!wanted.equals(found)) {
            throw new IOException("the database in " + meta.getParent() + " was created with " + key + "=" + found
                    + ", " + who + wanted + "; this is fixed at creation");
        }
    }

    /** The database's identity. */
    public UUID database() {
        return database;
    }

    /** The dialect it was created with. */
    public Compatibility compatibility() {
        return compatibility;
    }

    /** Whether there is a database, or what is left of one. */
    public static boolean exists(Path root) {
        return Files.exists(root.resolve(META));
    }

    /** Whether entries must reach the disk before they count. */
    public boolean isDurable() {
        return !isTemporary;
    }

    /** A node's folder. */
    public Path node(int node) {
        return root.resolve("n" + node);
    }

    /** How far the database had come when it ran last. */
    Reached reached() {
        return isTemporary ? Reached.nothing() : Reached.read(root.resolve("reached"));
    }

    /** Whether a node's folder takes bytes and syncs them. */
    public void requireWritable(int node) throws IOException {
        requireRoom(node(node));
    }

    /** Nodes that can't write look damaged when they are looked at one by one: it is better said before. */
    private static void requireRoom(Path folder) throws IOException {
        Path probe = folder.resolve("probe.part");
        try {
            try (FileChannel channel = FileChannel.open(
                    probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer zeros = ByteBuffer.allocate(PROBE_BYTES);
                while (zeros.hasRemaining()) {
                    channel.write(zeros);
                }
                channel.force(true);
            } finally {
                Files.deleteIfExists(probe);
            }
        } catch (IOException e) {
            throw new NoRoomException(Shortage.after(e, folder, PROBE_BYTES), e);
        }
    }

    /**
     * The folder of a node's outbox, which may not be there. Beside the node's own, so that a replica that is set aside
     * and rebuilt takes no acknowledged write with it.
     */
    public Path outbox(int node) {
        return root.resolve("n" + node + ".outbox");
    }

    /**
     * Notes that every node has its folder and a leader was elected. Before that, a node without one has lost nothing:
     * the process was killed while the database was being created.
     */
    public void formed() throws IOException {
        if (!formed && !isTemporary) {
            Path meta = root.resolve(META);
            Properties properties = load(meta);
            properties.setProperty(FORMED, "true");
            write(meta, properties);
        }
        formed = true;
    }

    /** The entries of this database that are left out, on every replica, in every start. */
    List<SkippedEntry> skipped() {
        return skipped;
    }

    /** Notes that an entry is left out from now on. Before any node does so. */
    void skip(SkippedEntry entry) throws IOException {
        if (!isTemporary) {
            Path meta = root.resolve(META);
            Properties properties = load(meta);
            properties.setProperty(SKIPPED + entry.name(), entry.encode());
            write(meta, properties);
        }
        List<SkippedEntry> all = new ArrayList<>(skipped);
        all.add(entry);
        skipped = List.copyOf(all);
    }

    private static List<SkippedEntry> skipped(Path meta, Properties properties) throws IOException {
        List<SkippedEntry> skipped = new ArrayList<>();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (key.startsWith(SKIPPED)) {
                try {
                    skipped.add(SkippedEntry.decode(key.substring(SKIPPED.length()), properties.getProperty(key, "")));
                } catch (IllegalArgumentException e) {
                    throw new IOException(
                            meta + " is damaged: " + e.getMessage() + "; put the file back from a backup, the nodes'"
                                    + " folders beside it were not changed",
                            e);
                }
            }
        }
        return List.copyOf(skipped);
    }

    /**
     * Whether a node had joined this database before and its folder is gone, or what it votes by in any of its shards: it
     * must rejoin without a vote.
     */
    public boolean lostNode(int node, int shards) throws IOException {
        return formed && (isEmpty(node(node)) || isHalfRebuilt(node) || isWithoutLog(node, shards));
    }

    /** Whether a lost node lacks nothing but votes: its logs are there. */
    boolean lacksOnlyVotes(int node, int shards) throws IOException {
        return !isHalfRebuilt(node) && !isEmpty(node(node)) && GroupFolders.holdLogs(node(node), database, shards);
    }

    private boolean isWithoutLog(int node, int shards) throws IOException {
        return !GroupFolders.emptied(node(node), database, shards).isEmpty();
    }

    /** Whether a node was being rebuilt by the others when the process ended: it has forgotten what it voted. */
    private boolean isHalfRebuilt(int node) {
        return Files.exists(node(node).resolve(REJOINING));
    }

    /** Notes in a node's folder that it has lost its vote, which holds until {@link #endRejoining}, also after a crash. */
    public void beginRejoining(int node) throws IOException {
        if (!isTemporary) {
            Files.createDirectories(node(node));
            try (FileChannel channel = FileChannel.open(
                    node(node).resolve(REJOINING), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            syncFolder(node(node));
        }
        rejoining.add(node);
    }

    private static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** A node has its vote. */
    public void endRejoining(int node) throws IOException {
        if (rejoining.contains(node)) {
            Files.deleteIfExists(node(node).resolve(REJOINING));
            rejoining.remove(node);
        }
    }

    /** Moves what is left in the folder of a lost node out of the way; one that was being rebuilt goes on with what it has. */
    public void clearLost(int node, int shards) throws IOException {
        if (!isEmpty(node(node)) && isWithoutLog(node, shards)) {
            LOG.error(
                    "the folder of node {} lacks the log of a shard or more; what is left is now {}, and it is rebuilt"
                            + " by the others",
                    node,
                    setAside(node));
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return true;
        }
        try (Stream<Path> content = Files.list(folder)) {
            return content.findAny().isEmpty();
        }
    }

    /**
     * Moves the folder of a stopped node out of the way, replacing one moved before.
     *
     * @return where it is now
     */
    public Path setAside(int node) throws IOException {
        Path aside = root.resolve("n" + node + ".broken");
        delete(aside);
        return Files.move(node(node), aside);
    }

    /** Deletes a node's folder, and that of its outbox. */
    public void wipe(int node) throws IOException {
        delete(node(node));
        delete(outbox(node));
    }

    @Override
    public void close() throws IOException {
        FileChannel channel = lockChannel;
        if (channel != null) {
            channel.close();
        }
        if (isTemporary) {
            delete(root);
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
