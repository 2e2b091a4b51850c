package io.tunabledb.engine.ratis.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a stopped node's log that its newest snapshot covers: it is not needed to start, and Ratis reads it all the same,
 * so that damage there keeps a node from starting that has everything. Also a log that ends before the snapshot does, whose
 * replica could append nothing: there would be a gap. Both can be put aside, into a folder beside the log, and back again.
 */
public final class CoveredLog {
    private static final Logger LOG = LoggerFactory.getLogger(CoveredLog.class);
    private static final String ASIDE = "covered";
    private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_(\\d+)");
    private static final Pattern SEGMENT = Pattern.compile("log_(?:(\\d+)-(\\d+)|inprogress_(\\d+))");

    private final List<Path> moved = new ArrayList<>();

    private CoveredLog() {}

    /**
     * Puts aside what the newest snapshots of a node cover.
     *
     * @param node its folder
     * @throws IOException a file can't be moved or read
     */
    public static CoveredLog putAside(Path node) throws IOException {
        CoveredLog covered = new CoveredLog();
        for (Path group : list(node)) {
            Path snapshots = group.resolve("sm");
            Path segments = group.resolve("current");
            if (Files.isDirectory(snapshots) && Files.isDirectory(segments)) {
                OptionalLong upTo = newest(snapshots);
                if (upTo.isPresent()) {
                    covered.putAside(segments, upTo.getAsLong());
                }
            }
        }
        return covered;
    }

    /** The last index that a snapshot covers, as Ratis counts. */
    private static OptionalLong newest(Path snapshots) throws IOException {
        return list(snapshots).stream()
                .map(path -> SNAPSHOT.matcher(path.getFileName().toString()))
                .filter(Matcher::matches)
                .mapToLong(name -> Long.parseLong(name.group(1)) - 1)
                .max();
    }

    private void putAside(Path segments, long upTo) throws IOException {
        for (Path file : list(segments)) {
            Matcher name = SEGMENT.matcher(file.getFileName().toString());
            if (!name.matches() || !Files.isRegularFile(file)) {
                continue;
            }
            boolean isOpen = name.group(3) != null;
            boolean isCovered = isOpen
                    ? Long.parseLong(name.group(3)) <= upTo && TornTail.lastIndex(file) < upTo
                    : Long.parseLong(name.group(2)) <= upTo;
            if (isCovered) {
                Path aside = Files.createDirectories(segments.resolveSibling(ASIDE));
                LOG.warn("{} is covered by a snapshot up to index {}; it is put aside into {}", file, upTo + 1, aside);
                Files.move(file, aside.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                moved.add(file);
            }
        }
    }

    /** Whether anything was put aside. */
    public boolean isAny() {
        return !moved.isEmpty();
    }

    /** Puts it back: it did not help. */
    public void putBack() throws IOException {
        Collections.reverse(moved);
        for (Path file : moved) {
            Path aside = file.resolveSibling("..").normalize().resolve(ASIDE).resolve(file.getFileName());
            // what the try that failed has begun there holds nothing
            Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
        }
        moved.clear();
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> content = Files.list(folder)) {
            return content.sorted().toList();
        }
    }
}
