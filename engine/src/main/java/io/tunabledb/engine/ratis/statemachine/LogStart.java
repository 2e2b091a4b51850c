package io.tunabledb.engine.ratis.statemachine;

import io.tunabledb.engine.log.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Whether a log goes back as far as the snapshot it is replayed on. */
final class LogStart {
    /** Ratis's names: closed segments are {@code log_first-last}, the open one is {@code log_inprogress_first}. */
    private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-\\d+)?");

    private LogStart() {}

    /**
     * Entries between a snapshot and a purged log would be missing without anybody noticing.
     *
     * @param at what was restored
     * @throws IOException the first entry of the log comes after the next one
     */
    static void require(LogPosition at, Path segments) throws IOException {
        if (!Files.isDirectory(segments)) {
            return;
        }
        OptionalLong first;
        try (Stream<Path> files = Files.list(segments)) {
            first = files.map(file -> SEGMENT.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    // Ratis counts from 0
                    .mapToLong(name -> Long.parseLong(name.group(1)) + 1)
                    .min();
        }
        if (first.isPresent() && first.getAsLong() > at.index() + 1) {
            throw new IOException("no snapshot of this replica can be used that reaches up to its log: restored was "
                    + (at.index() == 0 ? "nothing" : "index " + at.index()) + ", and the log begins at index "
                    + first.getAsLong());
        }
    }
}
