package io.tunabledb.engine.ratis.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.protocol.RaftGroupId;
import org.jspecify.annotations.Nullable;

/**
 * What a node had on its disk when it was stopped in this process: the end of each shard's log, and its vote. One that is started
 * again beside others that run, from a log that was cut where an entry ends or put back from an old copy, looks whole; its vote
 * and that of one that lags would elect a leader that lacks what was acknowledged.
 */
public final class LastSeen {
    private static final String VOTE = "raft-meta";
    private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_(\\d+)");
    private static final Pattern SEGMENT = Pattern.compile("log_(?:\\d+-(\\d+)|inprogress_(\\d+))");

    private record Replicated(int node, RaftGroupId group) {}

    /**
     * @param last the last index that was synced, as Ratis counts
     * @param vote the file with its term and vote; empty when that is not known
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by Arrays only
    private record Seen(long last, byte[] vote) {}

    private final Map<Replicated, Seen> seen = new ConcurrentHashMap<>();

    /** Its replica was closed. */
    public void closed(int node, RaftGroupId group, Path folder, long flushed) {
        try {
            seen.put(new Replicated(node, group), new Seen(flushed, vote(folder(folder, group))));
        } catch (IOException e) {
            // whatever it was, it can't be read now, and is not known then
            forget(node, group);
        }
    }

    private void forget(int node, RaftGroupId group) {
        seen.remove(new Replicated(node, group));
    }

    /** It is empty on purpose. */
    public void wiped(int node) {
        seen.keySet().removeIf(replicated -> replicated.node == node);
    }

    /** What a node's folder lacks of what it had when it was stopped in this process; null when nothing does. */
    @Nullable
    public String missing(int node, Path folder, UUID database, int shards) throws IOException {
        for (int shard = 0; shard < shards; shard++) {
            RaftGroupId group = NodeIds.group(database, shard);
            Seen before = seen.get(new Replicated(node, group));
            Path files = folder(folder, group);
            if (before == null || !Files.isDirectory(files)) {
                continue;
            }
            long last = Math.max(last(files.resolve("sm"), SNAPSHOT), last(files.resolve("current"), SEGMENT));
            if (last < before.last) {
                return files + " ends at index " + (last + 1) + ", and had been acknowledged up to index "
                        + (before.last + 1) + " when the node was stopped";
            }
            if (before.vote.length > 0 && !Arrays.equals(before.vote, vote(files))) {
                return files.resolve("current").resolve(VOTE)
                        + " is not what it was when the node was stopped: a vote may be forgotten";
            }
        }
        return null;
    }

    private static Path folder(Path node, RaftGroupId group) {
        return node.resolve(group.getUuid().toString());
    }

    private static byte[] vote(Path files) throws IOException {
        Path vote = files.resolve("current").resolve(VOTE);
        return Files.isRegularFile(vote) ? Files.readAllBytes(vote) : new byte[0];
    }

    /** The last index that the files of a folder hold, as Ratis counts; -1 for none. */
    private static long last(Path folder, Pattern names) throws IOException {
        if (!Files.isDirectory(folder)) {
            return -1;
        }
        long last = -1;
        try (Stream<Path> content = Files.list(folder)) {
            for (Path file : content.toList()) {
                Matcher name = names.matcher(file.getFileName().toString());
                if (!name.matches()) {
                    continue;
                }
                if (names == SNAPSHOT) {
                    last = Math.max(last, Long.parseLong(name.group(1)) - 1);
                } else if (name.group(1) != null) {
                    last = Math.max(last, Long.parseLong(name.group(1)));
                } else {
                    last = Math.max(last, TornTail.lastIndex(file));
                }
            }
        }
        return last;
    }
}
