package io.tunabledb.engine.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of databases in memory, named after their process: one that was killed can't delete its own, so the next
 * process does.
 */
final class TemporaryFolders {
    private static final Logger LOG = LoggerFactory.getLogger(TemporaryFolders.class);
    private static final String PREFIX = "tunabledb-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-.*");

    private TemporaryFolders() {}

    static Path create(Path parent) throws IOException {
        return Files.createTempDirectory(
                parent, PREFIX + ProcessHandle.current().pid() + "-");
    }

    /** Deletes what processes left that are gone. Nothing depends on it, so it never fails. */
    static void sweep(Path parent) {
        try (Stream<Path> all = Files.list(parent)) {
            List<Path> stale = all.filter(TemporaryFolders::isStale).toList();
            for (Path folder : stale) {
                DatabaseDirectory.delete(folder);
            }
        } catch (IOException | RuntimeException e) {
            // another process sweeps too, or the folder is another user's
            LOG.debug("could not delete every folder a dead process left in {}", parent, e);
        }
    }

    private static boolean isStale(Path folder) {
        Matcher name = NAME.matcher(folder.getFileName().toString());
        return name.matches()
                && Files.isWritable(folder)
                && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
    }
}
