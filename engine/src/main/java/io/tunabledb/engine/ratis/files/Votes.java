package io.tunabledb.engine.ratis.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files in which the replicas of stopped nodes keep their term and their vote. One that is gone or damaged costs a minority
 * its vote: the others rebuild it. When a majority's are, and their logs are whole, the votes are made anew, in a term after every
 * one that is known of.
 *
 * <p>That is right because all nodes of a database are opened by one process, and none runs: whoever was voted for in a term that
 * is forgotten leads no more. Should that term be used again, nothing of it is in any log that counts: what its leader
 * had written would be in a log, and the new term after it.
 */
public final class Votes {
    private static final Logger LOG = LoggerFactory.getLogger(Votes.class);
    private static final String NAME = "raft-meta";
    private static final String TERM = "term";
    private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.(\\d+)_\\d+");

    private Votes() {}

    /** Whether there is a file that can be read, with a term in it. */
    static boolean isWhole(Path current) {
        return term(current) >= 0;
    }

    /** -1 when the file does not say. */
    private static long term(Path current) {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(current.resolve(NAME))) {
            properties.load(in);
            return properties.containsKey("votedFor") ? Long.parseLong(properties.getProperty(TERM, "")) : -1;
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("{} has no readable vote", current, e);
            return -1;
        }
    }

    /**
     * Makes the votes anew that are gone, damaged, or of a term before that of the log beside them.
     *
     * @param all the folders of all nodes
     * @param these of those whose votes may be made anew
     * @return those of them where any was
     */
    public static Set<Path> makeAnew(Collection<Path> all, Collection<Path> these, UUID database, int shards)
            throws IOException {
        Set<Path> changed = new HashSet<>();
        for (int shard = 0; shard < shards; shard++) {
            String group = NodeIds.group(database, shard).getUuid().toString();
            long latest = 0;
            for (Path node : all) {
                Path replica = node.resolve(group);
                latest = Math.max(latest, Math.max(term(replica.resolve("current")), logged(replica)));
            }
            for (Path node : these) {
                Path current = node.resolve(group).resolve("current");
                if (term(current) < logged(node.resolve(group))) {
                    makeAnew(current, latest + 1);
                    changed.add(node);
                }
            }
        }
        return changed;
    }

    private static void makeAnew(Path current, long term) throws IOException {
        Path file = current.resolve(NAME);
        Path part = current.resolve(NAME + ".part");
        Files.writeString(part, "votedFor=\n" + TERM + "=" + term + "\n", StandardCharsets.US_ASCII);
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        if (Files.exists(file)) {
            Files.move(file, current.resolve(NAME + ".broken"), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        LOG.error("{} was gone or damaged; it is made anew, in term {}, since a majority's were", file, term);
    }

    /** The last term in a replica's log and snapshots; 0 when there is none. */
    private static long logged(Path replica) throws IOException {
        long last = 0;
        Path snapshots = replica.resolve("sm");
        if (Files.isDirectory(snapshots)) {
            try (Stream<Path> files = Files.list(snapshots)) {
                for (Path file : files.toList()) {
                    Matcher name = SNAPSHOT.matcher(file.getFileName().toString());
                    last = name.matches() ? Math.max(last, Long.parseLong(name.group(1))) : last;
                }
            }
        }
        Path segments = replica.resolve("current");
        if (Files.isDirectory(segments)) {
            try (Stream<Path> files = Files.list(segments)) {
                for (Path file : files.toList()) {
                    boolean isSegment = file.getFileName().toString().startsWith("log_") && Files.isRegularFile(file);
                    last = isSegment ? Math.max(last, TornTail.lastTerm(file)) : last;
                }
            }
        }
        return last;
    }
}
