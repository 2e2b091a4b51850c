package io.tunabledb.engine.ratis.files;

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
    private GroupFolders() {}

    /**
     * The shards whose replica has no readable vote written down, or neither a log nor a snapshot.
     *
     * @param folder of a node that belonged to the database before
     */
    public static List<Integer> emptied(Path folder, UUID database, int shards) throws IOException {
        List<Integer> emptied = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            Path group = group(folder, database, shard);
            if (!Votes.isWhole(group.resolve("current")) || !holdsLog(group)) {
                emptied.add(shard);
            }
        }
        return emptied;
    }

    /** Whether each shard's replica has a log, whatever is left of its vote; a snapshot alone lacks what came after it. */
    public static boolean holdLogs(Path folder, UUID database, int shards) throws IOException {
        for (int shard = 0; shard < shards; shard++) {
            if (!holds(group(folder, database, shard).resolve("current"), "log_")) {
                return false;
            }
        }
        return true;
    }

    private static Path group(Path folder, UUID database, int shard) {
        return folder.resolve(NodeIds.group(database, shard).getUuid().toString());
    }

    private static boolean holdsLog(Path group) throws IOException {
        return holds(group.resolve("current"), "log_") || holds(group.resolve("sm"), "snapshot.");
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
