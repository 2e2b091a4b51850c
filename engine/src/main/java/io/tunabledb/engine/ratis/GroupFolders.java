package io.tunabledb.engine.ratis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Whether a node's folder still holds what the node votes by. Ratis makes an empty log where it finds none, and such a node
 * would vote as if it had never acknowledged anything.
 */
public final class GroupFolders {
    /** Ratis's name for the file with a replica's term and vote. */
    private static final String VOTE = "raft-meta";

    private GroupFolders() {}

    /**
     * The shards whose replica has no vote written down, or neither a log nor a snapshot.
     *
     * @param folder of a node that belonged to the database before
     */
    public static List<Integer> emptied(Path folder, UUID database, int shards) throws IOException {
        List<Integer> emptied = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            Path group = folder.resolve(NodeIds.group(database, shard).getUuid().toString());
            Path current = group.resolve("current");
            boolean isWhole = Files.isRegularFile(current.resolve(VOTE))
                    && (holds(current, "log_") || holds(group.resolve("sm"), "snapshot."));
            if (!isWhole) {
                emptied.add(shard);
            }
        }
        return emptied;
    }

    private static boolean holds(Path folder, String prefix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> content = Files.list(folder)) {
            return content.anyMatch(file -> file.getFileName().toString().startsWith(prefix));
        }
    }
}
