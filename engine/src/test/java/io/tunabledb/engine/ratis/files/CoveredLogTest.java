package io.tunabledb.engine.ratis.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoveredLogTest {
    @TempDir
    Path node;

    private Path log;
    private Path snapshots;

    @BeforeEach
    void create() throws IOException {
        log = Files.createDirectories(node.resolve("group").resolve("current"));
        snapshots = Files.createDirectories(node.resolve("group").resolve("sm"));
        for (String file : List.of("log_0-9", "log_10-19", "log_inprogress_20", "raft-meta")) {
            Files.writeString(log.resolve(file), "this is " + file);
        }
    }

    private List<String> files(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return content.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** Ratis counts from 0, a snapshot's name from 1. */
    @Test
    void whatASnapshotCoversIsPutAside() throws IOException {
        Files.createFile(snapshots.resolve("snapshot.1_10"));
        assertThat(CoveredLog.putAside(node).isAny()).isTrue();
        assertThat(files(log)).containsExactly("log_10-19", "log_inprogress_20", "raft-meta");
        assertThat(files(node.resolve("group").resolve("covered"))).containsExactly("log_0-9");
    }

    @Test
    void whatItCoversInPartStays() throws IOException {
        Files.createFile(snapshots.resolve("snapshot.1_9"));
        assertThat(CoveredLog.putAside(node).isAny()).isFalse();
        assertThat(files(log)).hasSize(4);
    }

    /** One that ends before its snapshot does would have a gap; what can't be read of it is not known to be behind it. */
    @Test
    void anOpenFileThatEndsBeforeTheSnapshotIsPutAside() throws IOException {
        Files.createFile(snapshots.resolve("snapshot.2_31"));
        Files.write(log.resolve("log_inprogress_20"), new byte[100]);
        assertThat(CoveredLog.putAside(node).isAny()).isTrue();
        assertThat(files(log)).containsExactly("raft-meta");
    }

    @Test
    void withoutASnapshotNothingIsCovered() throws IOException {
        assertThat(CoveredLog.putAside(node).isAny()).isFalse();
        Files.createFile(snapshots.resolve("snapshot.1_20.corrupt"));
        assertThat(CoveredLog.putAside(node).isAny()).isFalse();
        assertThat(files(log)).hasSize(4);
    }

    /** Also over what a try that failed has begun there. */
    @Test
    void itIsPutBackAsItWas() throws IOException {
        Files.createFile(snapshots.resolve("snapshot.1_20"));
        CoveredLog covered = CoveredLog.putAside(node);
        assertThat(files(log)).containsExactly("log_inprogress_20", "raft-meta");
        Files.writeString(log.resolve("log_0-9"), "begun by a try");
        covered.putBack();
        assertThat(files(log)).hasSize(4);
        assertThat(log.resolve("log_0-9")).hasContent("this is log_0-9");
        assertThat(log.resolve("log_10-19")).hasContent("this is log_10-19");
        assertThat(covered.isAny()).isFalse();
    }
}
